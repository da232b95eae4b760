/** From the stores' frames to the values that pictures draw. */
import type { Feed, Values } from "../math/values";
import { watch, type Frame, type WatchRequest } from "../stores/frames";

/** The values of a frame with their shape and range; nothing is copied. */
export function valuesOf(frame: Frame): Values {
  const { shape, axes, lo, hi } = frame.header;
  return { shape, axes, lo, hi, bytes: frame.bytes, floats: frame.floats };
}

/** A feed of everything that arrives for a request. */
export const feedOf =
  (request: WatchRequest): Feed<Values> =>
  (show) =>
    watch(request, (frame) => show(valuesOf(frame)));

/** Calls `act` at once and then at most every `milliseconds`, with the newest argument last. */
export function throttled<T = void>(
  act: (value: T) => void,
  milliseconds: number,
): ((value: T) => void) & { cancel(): void } {
  let last = -Infinity;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const call = (value: T): void => {
    clearTimeout(timer);
    timer = undefined;
    const wait = last + milliseconds - performance.now();
    if (wait <= 0) {
      last = performance.now();
      act(value);
    } else {
      timer = setTimeout(() => {
        last = performance.now();
        act(value);
      }, wait);
    }
  };
  call.cancel = (): void => clearTimeout(timer);
  return call;
}
