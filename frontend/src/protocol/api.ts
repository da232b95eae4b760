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
    /** The column of a table that is meant. */
    readonly column: string | null = null,
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
  column?: string;
}

/** Status 0 of an ApiError: the server did not answer at all. */
export const UNREACHABLE = 0;

/**
 * Milliseconds in which the server answers. After a sleep or a change of network the browser may still hold
 * connections that are dead; a question that got no answer on one of them is asked again on another.
 */
const ANSWERS_WITHIN = 5000;
const ASKS = 4;
const CHANGES_WITHIN = 30_000;
const FILES_WITHIN = 150_000;

const asJson = async <T>(response: Response): Promise<T> =>
  (response.status === 204 ? undefined : await response.json()) as T;

async function call<T>(
  method: string,
  path: string,
  within: number,
  body?: unknown,
  read: (response: Response) => Promise<T> = asJson,
): Promise<T> {
  const init: RequestInit = { method, credentials: "same-origin", signal: AbortSignal.timeout(within) };
  if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers = { "content-type": "application/json" };
  }
  let response: Response;
  try {
    response = await fetch(path, init);
    if (response.ok) return await read(response);
  } catch {
    throw new ApiError(UNREACHABLE, "The server does not answer.");
  }
  throw problemError(response.status, await response.json().catch(() => ({})));
}

/** What an answer with that status says is wrong. */
export function problemError(status: number, document: unknown): ApiError {
  const problem = document as ProblemDocument;
  const message = problem.detail ?? problem.title ?? `The server answered ${status}.`;
  const { type, node = null, field = null, column = null } = problem;
  return new ApiError(status, message, type, node, field, column);
}

/**
 * Whether the server answers within so many milliseconds. Asked without cookies: a browser keeps the connections of
 * such questions apart, so that none is reused that died with the network.
 */
export async function answers(within: number): Promise<boolean> {
  const init: RequestInit = { credentials: "omit", cache: "no-store", signal: AbortSignal.timeout(within) };
  return fetch("/api/health", init).then(
    (response) => response.ok,
    () => false,
  );
}

/** `within`: milliseconds after which the server counts as not answering; it is then not asked again. */
export async function get<T>(path: string, within?: number): Promise<T> {
  for (let asked = 1; ; asked++) {
    const begun = performance.now();
    try {
      return await call<T>("GET", path, within ?? ANSWERS_WITHIN * asked);
    } catch (error) {
      const silent = error instanceof ApiError && error.status === UNREACHABLE && performance.now() - begun > 1000;
      if (within !== undefined || !silent || asked === ASKS) throw error;
    }
  }
}

export const patch = <T>(path: string, body: unknown): Promise<T> => call<T>("PATCH", path, CHANGES_WITHIN, body);
export const post = <T>(path: string, body: unknown): Promise<T> => call<T>("POST", path, CHANGES_WITHIN, body);

/** A file that the server makes, with the name that it gives it. */
export const file = (path: string, body: unknown): Promise<{ name: string; content: Blob }> =>
  call("POST", path, FILES_WITHIN, body, async (response) => ({
    name: /filename="([^"]+)"/.exec(response.headers.get("content-disposition") ?? "")?.[1] ?? "download",
    content: await response.blob(),
  }));
export const remove = (path: string): Promise<void> => call<undefined>("DELETE", path, CHANGES_WITHIN);

/** The JSON objects that the server tells, one a line, as long as it has something to tell; `signal` ends it quietly. */
export async function* lines(path: string, body: unknown, signal: AbortSignal): AsyncGenerator<unknown> {
  const headers = { "content-type": "application/json" };
  try {
    const response = await fetch(path, {
      method: "POST",
      credentials: "same-origin",
      signal,
      headers,
      body: JSON.stringify(body),
    });
    if (!response.ok || !response.body) throw problemError(response.status, await response.json().catch(() => ({})));
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const parts = (rest + value).split("\n");
      rest = parts.pop() ?? "";
      for (const part of parts) yield JSON.parse(part) as unknown;
    }
  } catch (error) {
    if (signal.aborted) return;
    throw error instanceof ApiError ? error : new ApiError(UNREACHABLE, "The server does not answer any more.");
  }
}

/** Shapes, sizes, costs and problems of an experiment; ApiError where it is no experiment at all. */
export const checkExperiment = (experiment: Experiment): Promise<CheckReport> =>
  post<CheckReport>("/api/experiments/check", { experiment });
