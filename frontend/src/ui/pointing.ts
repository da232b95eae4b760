/** What a pointer does on a picture; the keyboard's way is each picture's own. */
export interface Pointing {
  move(at: { x: number; y: number }, event: PointerEvent): void;
  leave(): void;
  click(at: { x: number; y: number }, event: MouseEvent): void;
  /** True takes hold of the pointer until it is let go. */
  down?(at: { x: number; y: number }, event: PointerEvent): boolean;
  up?(): void;
}

/** Listens on an element; places are CSS pixels from its left upper corner. The answer ends it. */
export function onPointing(target: HTMLElement, { move, leave, click, down, up }: Pointing): () => void {
  const place = (event: MouseEvent): { x: number; y: number } => {
    const frame = target.getBoundingClientRect();
    return { x: event.clientX - frame.left, y: event.clientY - frame.top };
  };
  const stop = new AbortController();
  const { signal } = stop;
  target.addEventListener("pointermove", (event) => move(place(event), event), { signal });
  target.addEventListener("pointerleave", () => leave(), { signal });
  target.addEventListener("click", (event) => click(place(event), event), { signal });
  if (down)
    target.addEventListener(
      "pointerdown",
      (event) => {
        if (!down(place(event), event)) return;
        target.setPointerCapture(event.pointerId);
      },
      { signal },
    );
  if (up) for (const name of ["pointerup", "pointercancel"]) target.addEventListener(name, () => up(), { signal });
  return () => stop.abort();
}
