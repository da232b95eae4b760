import { expect, it } from "vitest";

import { boxOf, exampleAt, exampleWords, readMap, readNeighbours, readPlaces } from "./places";

const floats = Float32Array.from([0, 0, 0, 0, 10, 0, 1, 0, 0, 5, 1, 1]);
const places = readPlaces(floats, { classes: ["cat", "dog"], split: "test", layer: "flatten", step: 7, share: 0.4 });

it("reads places, classes and what is said", () => {
  expect(places).toMatchObject({ classes: ["cat", "dog"], split: "test", layer: "flatten", step: 7, share: 0.4 });
  expect([...places.x, ...places.labels, ...places.said]).toEqual([0, 10, 0, 0, 1, 1, 0, 0, 1]);
  expect(exampleWords(places, 1)).toBe("test image 1, is dog, the network says cat, wrong");
  expect(exampleWords(places, 0)).toBe("test image 0, is cat, the network says cat");
  expect(readPlaces(null, {}).x).toHaveLength(0);
});

it("finds the example under the pointer, on equal scales", () => {
  const box = boxOf(places, 108);
  expect(box.x(10) - box.x(0)).toBeCloseTo(100);
  expect(box.y(0) - box.y(5)).toBeCloseTo(50);
  expect(exampleAt(places, box, box.x(10) + 3, box.y(0) - 3)).toBe(1);
  expect(exampleAt(places, box, box.x(10), box.y(5))).toBeNull();
  expect(Number.isFinite(boxOf({ x: new Float32Array(1), y: new Float32Array(1) }, 10).x(0))).toBe(true);
});

it("says how near the nearest are", () => {
  const extra = { classes: ["cat", "dog"], indices: [5, 9], labels: [1, 0], distances: [0.5, 2] };
  expect(readNeighbours(extra)).toEqual([
    { index: 5, name: "training image 5, a dog, distance 0.500", caption: "dog", distance: 0.5 },
    { index: 9, name: "training image 9, a cat, distance 2.00", caption: "cat", distance: 2 },
  ]);
});

it("reads a map", () => {
  const packed = (values: Float32Array | Int16Array): string =>
    btoa(String.fromCharCode(...new Uint8Array(values.buffer as ArrayBuffer)));
  const line = {
    type: "points" as const,
    count: 2,
    places: packed(Float32Array.from([1, 2, 3, 4])),
    labels: packed(Int16Array.from([0, 1])),
    said: packed(Int16Array.from([-1, 1])),
    classes: ["cat", "dog"],
  };
  const map = readMap(line, "flatten", 9);
  expect([...map.x, ...map.y, ...map.labels, ...map.said]).toEqual([1, 3, 2, 4, 0, 1, -1, 1]);
  expect(exampleWords(map, 0)).toBe("test image 0, is cat");
});
