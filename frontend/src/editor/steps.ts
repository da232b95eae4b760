/** What a step of the editor's history holds. */
import type { Choice, Experiment } from "../protocol/types";
import type { Positions } from "./core/clipboard";
import type { Network } from "./core/network";

/** What one step of the history changes. */
export interface Change {
  network?: Network;
  recipe?: Choice;
  positions?: Positions;
  collapsed?: readonly string[];
  experiment?: Experiment;
  set?: { path: string; value: unknown };
  /** Something that is not in the document. */
  act?: () => void;
}

export interface Options {
  positions?: Positions;
  collapsed?: readonly string[];
  recipe?: Choice;
  /** Changes with the same key that follow quickly are one step of undo. */
  key?: string;
}
