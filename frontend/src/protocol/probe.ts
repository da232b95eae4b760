/** Is the server there, and is the run? Asked between two tries of the live connection. */
import { answers, ApiError, get } from "./api";
import type { Found } from "./client";

/** Milliseconds in which a server that is there answers whether it is. */
const PROBE_WITHIN = 1500;

/** Whether the server answers; closely: whether it has the run and lets this page in. */
export async function probe(id: string, closely: boolean): Promise<Found> {
  if (!(await answers(PROBE_WITHIN))) return "unreachable";
  if (!closely) return "there";
  try {
    await get<unknown>(`/api/runs/${id}`, PROBE_WITHIN);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 404) return "gone";
    if (error.status === 401 || error.status === 403) return "refused";
  }
  return "there";
}
