/** The example behind every picture, as the wire names it. Pure. */

export type Split = "test" | "train";
export type Source = { split: Split; index: number } | { split: "mine"; index: number };

/** `test:5`, `train:17` or `mine`; anything else is the first test example. */
export function parseSource(source: string): Source {
  if (source === "mine") return { split: "mine", index: 0 };
  const match = /^(test|train):(\d{1,9})$/.exec(source);
  return match ? { split: match[1] as Split, index: Number(match[2]) } : { split: "test", index: 0 };
}

/** An example drawn by chance. */
export const random = (split: Split, size: number, draw: () => number = Math.random): string =>
  `${split}:${Math.floor(draw() * size)}`;
