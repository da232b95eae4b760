import { expect, it } from "vitest";

import { GENERATORS, generatorOf, sampleOf } from "./generators";

it("draws every set inside the plane, all classes among its points", () => {
  for (const generator of GENERATORS) {
    const points = sampleOf(generator, 120, 3);
    for (const { x, y } of points) expect(Math.max(Math.abs(x), Math.abs(y))).toBeLessThan(7);
    const targets = new Set(points.map((point) => point.target));
    if (generator.numbers) expect(targets.size).toBeGreaterThan(20);
    else expect([...targets].sort()).toEqual(generator.several ? [0, 1, 2] : [0, 1]);
  }
});

it("knows the rules of the server", () => {
  const circle = generatorOf("circle");
  for (const { x, y, target } of circle ? sampleOf(circle, 60) : []) expect(Math.hypot(x, y) < 3).toBe(target === 1);
  const check = generatorOf("checkerboard");
  for (const { x, y, target } of check ? sampleOf(check, 60) : [])
    expect(target).toBe(Math.abs(Math.floor(x / 3) + Math.floor(y / 3)) % 2);
  expect(generatorOf("iris")).toBeUndefined();
});
