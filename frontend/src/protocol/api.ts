/** The HTTP side of the server. */
import type { CheckReport, Experiment } from "./types";

/** An RFC 9457 problem document as an error that can be shown. */
export class ApiError extends Error {
  override name = "ApiError";
  constructor(
    readonly status: number,
    message: string,
    readonly type = "",
    readonly node: string | null = null,
    readonly field: string | null = null,
  ) {
    super(message);
  }
}

interface ProblemDocument {
  type?: string;
  title?: string;
  detail?: string;
  node?: string;
  field?: string;
}

/** Status 0 of an ApiError: the server did not answer at all. */
export const UNREACHABLE = 0;

async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const init: RequestInit = { method, credentials: "same-origin" };
  if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers = { "content-type": "application/json" };
  }
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch {
    throw new ApiError(UNREACHABLE, "The server does not answer.");
  }
  if (response.ok) return (response.status === 204 ? undefined : await response.json()) as T;
  const problem = (await response.json().catch(() => ({}))) as ProblemDocument;
  const message = problem.detail ?? problem.title ?? `The server answered ${response.status}.`;
  throw new ApiError(response.status, message, problem.type, problem.node ?? null, problem.field ?? null);
}

export const get = <T>(path: string): Promise<T> => call<T>("GET", path);
export const patch = <T>(path: string, body: unknown): Promise<T> => call<T>("PATCH", path, body);
export const post = <T>(path: string, body: unknown): Promise<T> => call<T>("POST", path, body);

/** Shapes, sizes, costs and problems of an experiment; ApiError where it is no experiment at all. */
export const checkExperiment = (experiment: Experiment): Promise<CheckReport> =>
  post<CheckReport>("/api/experiments/check", { experiment });
