/**
 * An experiment as the end of an address, `#experiment=1.1024.eJx…`: the format, how many characters follow, and the
 * document as JSON, deflated (with zlib's checksum) and written as base64url. What stands behind `#` never leaves the
 * browser, and any Torchglass can open it.
 */
import type { Experiment } from "../protocol/types";
import { base64 } from "../stores/run-parts";

/** What the server takes at most as one document; nothing is inflated beyond it. */
export const MOST_BYTES = 1024 * 1024;
/** Browsers give up on addresses of two million characters. */
export const MOST_CHARACTERS = 1_500_000;
/** From about here on chat programs and mail cut addresses off. */
export const CAREFUL_CHARACTERS = 8000;
const FORMAT = 1;
/** So little is inflated at a time that a bomb is noticed before it is large: a byte becomes a thousand at most. */
const PORTION = 256;

/** The experiment in a link; `Error` in words where there is none. */
export async function fromLink(text: string): Promise<unknown> {
  const found = /#experiment=(\d{1,4})\.(\d{1,8})\.([\w-]*)/.exec(text);
  if (!found) throw new Error("This link holds no experiment: what stands behind “#experiment=” is missing.");
  const [format, length, data = ""] = [Number(found[1]), Number(found[2]), found[3]];
  if (format > FORMAT)
    throw new Error(
      `This link was made by a newer Torchglass (format ${format}; this one reads ${FORMAT}). Update this one to open it.`,
    );
  if (length > MOST_CHARACTERS || data.length > MOST_CHARACTERS) throw tooLarge();
  if (data.length < length)
    throw new Error(
      `This link was cut off: ${many(data.length)} of its ${many(length)} characters have arrived. Copy it once more, whole.`,
    );
  const bytes = await inflated(decoded(data.slice(0, length)));
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw damaged();
  }
}

/** The end of an address that holds the experiment, from `#` on. */
export async function toFragment(experiment: Experiment): Promise<string> {
  const text = new TextEncoder().encode(JSON.stringify(experiment));
  const bytes = await gathered(portions(text).pipeThrough(new CompressionStream("deflate")), Infinity);
  const data = base64(bytes ?? new Uint8Array())
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "");
  return `#experiment=${FORMAT}.${data.length}.${data}`;
}

const many = (count: number): string => count.toLocaleString("en-GB");
const damaged = (): Error =>
  new Error("This link is damaged: a part of it was changed on the way. Copy it once more, whole.");
const tooLarge = (): Error => new Error("This link holds more than an experiment can be (1 MB).");

function decoded(data: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.from(atob(data.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
  } catch {
    throw damaged();
  }
}

async function inflated(packed: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  let bytes: Uint8Array | null;
  try {
    bytes = await gathered(portions(packed).pipeThrough(new DecompressionStream("deflate")), MOST_BYTES);
  } catch {
    throw damaged();
  }
  if (!bytes) throw tooLarge();
  return bytes;
}

function portions(bytes: Uint8Array<ArrayBuffer>): ReadableStream<Uint8Array<ArrayBuffer>> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at < bytes.length) controller.enqueue(bytes.slice(at, (at += PORTION)));
      else controller.close();
    },
  });
}

/** Everything that the stream gives; null where that is more than so many bytes. */
async function gathered(stream: ReadableStream<Uint8Array>, most: number): Promise<Uint8Array | null> {
  const pieces: Uint8Array[] = [];
  let total = 0;
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    total += value.length;
    if (total > most) {
      void reader.cancel();
      return null;
    }
    pieces.push(value);
  }
  const whole = new Uint8Array(total);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
