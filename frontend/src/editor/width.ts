/** How wide a card is: enough for the picture that it holds. */
type Sizes = readonly (number | string)[];

const number = (size: number | string | undefined): number => (typeof size === "number" ? size : 16);

/** Wide enough for its heading as well: letters of the title are about 8.8 px wide, those of the detail 7.6 px. */
export function cardWidth(kind: string, shape: Sizes, title: string, detail: string): number {
  const heading = 18 + Math.min(150, 8.8 * title.length + (detail ? 6 + 7.6 * detail.length : 0));
  return Math.max(pictureWidth(kind, shape), Math.ceil(heading / 2) * 2);
}

/** `shape` is that of the card's picture, without the batch axis. */
function pictureWidth(kind: string, shape: Sizes): number {
  if (kind === "input") return shape.length === 3 && number(shape[1]) > 40 ? 112 : 88;
  if (shape.length === 3) {
    const channels = number(shape[0]);
    if (channels <= 1) return 96;
    const side = number(shape[1]);
    if (channels <= 8) return channels <= 4 ? 124 : side > 20 ? 176 : 148;
    if (channels <= 16) return side > 10 ? 176 : 148;
    return side > 10 ? 196 : 160;
  }
  if (shape.length === 1) return number(shape[0]) <= 16 ? 116 : 132;
  return 120;
}
