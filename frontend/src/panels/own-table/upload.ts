/** Sends a file to the server, telling how far it is. */
import { ApiError, problemError, UNREACHABLE } from "../../protocol/api";
import type { TableFacts } from "../../protocol/types";

export interface Upload {
  done: Promise<TableFacts>;
  cancel: () => void;
}

/** `fetch` cannot tell how much of a body has gone; this can. `onprogress` hears shares from 0 to 1. */
export function upload(body: Blob, name: string, onprogress: (share: number) => void): Upload {
  const request = new XMLHttpRequest();
  request.open("POST", `/api/tables?name=${encodeURIComponent(name)}`);
  request.setRequestHeader("content-type", "text/csv");
  const done = new Promise<TableFacts>((resolve, reject) => {
    request.upload.onprogress = (event) => onprogress(event.total > 0 ? event.loaded / event.total : 0);
    request.upload.onload = () => onprogress(1);
    request.onerror = () => reject(new ApiError(UNREACHABLE, "The file did not reach the server: try again."));
    request.onabort = () => reject(new ApiError(UNREACHABLE, "Cancelled: nothing was kept."));
    request.onload = () => {
      const answer = parsed(request.responseText);
      if (request.status === 201) resolve(answer as TableFacts);
      else reject(problemError(request.status, answer));
    };
  });
  request.send(body);
  return { done, cancel: () => request.abort() };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
