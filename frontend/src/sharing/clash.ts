/** A change of the library that somebody else was ahead of, and what can be done about it. */
import type { BookmarkInfo } from "../protocol/types";

export interface Clash {
  id: string;
  what: "replace" | "rename" | "delete";
  /** What it is now. */
  now: BookmarkInfo;
  /** Mine, on top of theirs. */
  insist: (now: BookmarkInfo) => Promise<boolean>;
  /** Mine beside theirs, where that can be. */
  both?: () => Promise<boolean>;
}

/** A name that fits into a sentence. */
export const nameOf = ({ name }: { name: string }): string => (name.length > 60 ? `${name.slice(0, 59)}…` : name);
