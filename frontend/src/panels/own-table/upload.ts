/** Sends a file to the server, telling how far it is. */
import { ApiError, problemError, UNREACHABLE } from "../../protocol/api";

export interface Upload<Facts> {
  done: Promise<Facts>;
  cancel: () => void;
}

/** `fetch` cannot tell how much of a body has gone; this can. `onprogress` hears shares from 0 to 1. */
export function upload<Facts>(
  body: Blob,
  name: string,
  onprogress: (share: number) => void,
  path = "/api/tables",
  type = "text/csv",
): Upload<Facts> {
  const request = new XMLHttpRequest();
  request.open("POST", `${path}?name=${encodeURIComponent(name)}`);
  request.setRequestHeader("content-type", type);
  const done = new Promise<Facts>((resolve, reject) => {
    request.upload.onprogress = (event) => onprogress(event.total > 0 ? event.loaded / event.total : 0);
    request.upload.onload = () => onprogress(1);
    request.onerror = () => reject(new ApiError(UNREACHABLE, "The file did not reach the server: try again."));
    request.onabort = () => reject(new ApiError(UNREACHABLE, "Cancelled: nothing was kept."));
    request.onload = () => {
      const answer = parsed(request.responseText);
      if (request.status === 201) resolve(answer as Facts);
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
