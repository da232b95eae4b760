/** Geometry of a column of unit pictures inside a card, in CSS pixels: shared by the pictures and the wires. */

/** Up to so many units stand in one column, each with its own wires. */
export const MOST_IN_COLUMN = 8;
/** Side of a unit's picture, and the distance from one to the next. */
export const UNIT_SIDE = 50;
export const UNIT_PITCH = 53;
/** How far the column's middle lies below the card's. */
export const UNITS_OFFSET = 2;
