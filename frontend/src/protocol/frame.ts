/** Pictures on the wire: `u32 header length | msgpack header | raw body`, little-endian. */
import { decode } from "@msgpack/msgpack";

import type { FrameHeader } from "./types";

/** One tensor to look at. `bytes` are quantised values, `floats` exact ones; one of the two is null. */
export interface Frame {
  header: FrameHeader;
  bytes: Uint8Array | null;
  floats: Float32Array | null;
  /** The value at index i in C order, decoded: lo + byte/255·(hi − lo), or the exact number. */
  at(i: number): number;
}

class DecodedFrame implements Frame {
  constructor(
    readonly header: FrameHeader,
    readonly bytes: Uint8Array | null,
    readonly floats: Float32Array | null,
  ) {}

  at(i: number): number {
    if (this.floats) return this.floats[i] ?? NaN;
    const { lo, hi } = this.header;
    return lo + ((this.bytes?.[i] ?? 0) / 255) * (hi - lo);
  }
}

/** Reads one binary message. Throws RangeError for one whose lengths do not agree. */
export function decodeFrame(message: ArrayBuffer): Frame {
  if (message.byteLength < 4) throw new RangeError("frame shorter than its length field");
  const length = new DataView(message).getUint32(0, true);
  if (4 + length > message.byteLength) throw new RangeError("frame header longer than the frame");
  const header = decode(new Uint8Array(message, 4, length)) as FrameHeader;
  const count = header.shape.reduce((product, size) => product * size, 1);
  const size = header.dtype === "float32" ? 4 : 1;
  if (message.byteLength - 4 - length !== count * size) throw new RangeError("frame body does not fit its shape");
  if (header.dtype === "uint8") return new DecodedFrame(header, new Uint8Array(message, 4 + length), null);
  // The body's offset is not aligned: a Float32Array needs a copy of its own.
  return new DecodedFrame(header, null, new Float32Array(message.slice(4 + length)));
}
