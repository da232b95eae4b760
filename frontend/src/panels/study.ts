/** Studies of the run on screen: work of more than a moment, done by a process of its own and told line by line. */
import { ApiError, lines } from "../protocol/api";
import type {
  DreamPicture,
  MapPoints,
  RobustnessPlace,
  StudyBegun,
  StudyEnded,
  StudyProgress,
} from "../protocol/types";

export type StudyLine = StudyBegun | StudyProgress | DreamPicture | RobustnessPlace | MapPoints | StudyEnded;

/** Hands every line to `take` until the study is over or `signal` ends it; why there is nothing, in words, or null. */
export async function study(
  run: string,
  wanted: object,
  signal: AbortSignal,
  take: (line: StudyLine) => void,
): Promise<string | null> {
  let problem: string | null = null;
  try {
    for await (const raw of lines(`/api/runs/${run}/study`, wanted, signal)) {
      if (signal.aborted) return null;
      const line = raw as StudyLine;
      if (line.type === "ended") problem = line.message;
      else take(line);
    }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (!signal.aborted) problem = error.message;
  }
  return problem;
}
