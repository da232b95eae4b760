import { expect, it } from "vitest";

import { describePlace, describePoint, describeWinner, rightOnes, verdict } from "./describe";

const classes = { classes: ["blue", "orange"], scale: "certainty" };
const values = { classes: [], scale: "value" };
const point = { x: 1, y: 2, target: 1, said: -0.5 };

it("says the class with its probability, or the value", () => {
  expect(verdict(0.5, classes)).toBe("orange 75.0%");
  expect(verdict(-1, classes)).toBe("blue 100.0%");
  expect(verdict(0.25, values)).toBe("0.250");
  expect(describePlace(1, -2.345, 0.5, classes)).toBe("x₁ 1.00, x₂ −2.35: orange 75.0%");
  expect(describePoint(point, "train", 7, classes)).toBe("training point 7 is orange; the network says blue 75.0%");
  expect(describePoint({ ...point, target: 0.5 }, "test", 0, values)).toBe(
    "test point 0 is 0.500; the network says −0.500",
  );
});

it("counts what is right", () => {
  expect(rightOnes([point, { ...point, target: 0 }], classes)).toBe(1);
  expect(rightOnes([point], values)).toBeNull();
});

it("names the winner of several classes", () => {
  const three = { classes: ["blue", "red", "green"], scale: "probability" };
  expect(describeWinner(1, 2, [0.2, 0.7, 0.1], three.classes)).toBe("x₁ 1.00, x₂ 2.00: red 70.0%");
  expect(verdict(2, three)).toBe("green");
  expect(rightOnes([{ ...point, target: 2, said: 2 }, point], three)).toBe(1);
});
