/** How the curves of the variants are told apart. */

const COLORS = ["var(--ink)", "var(--accent)", "var(--positive)", "var(--negative)"];
const DASHES = ["none", "9 5", "3 4", "12 4 3 4"];

/** Four colours, then the same dashed: 16 that differ. */
export function styleOf(i: number): { color: string; dash: string } {
  return {
    color: COLORS[i % COLORS.length] as string,
    dash: DASHES[Math.floor(i / COLORS.length) % DASHES.length] as string,
  };
}
