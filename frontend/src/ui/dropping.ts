/** Files dropped on a part of the page. */

/**
 * For `{@attach …}`: the element takes what is dropped on it, and the page around it does not. `over` is told whether
 * something is held above it.
 */
export function takesDrops(
  over: (on: boolean) => void,
  dropped: (transfer: DataTransfer) => void,
): (element: HTMLElement) => () => void {
  return (element) => {
    const ended = new AbortController();
    const options = { signal: ended.signal };
    element.addEventListener(
      "dragover",
      (event) => {
        event.preventDefault();
        over(true);
      },
      options,
    );
    element.addEventListener("dragleave", () => over(false), options);
    element.addEventListener(
      "drop",
      (event) => {
        event.preventDefault();
        over(false);
        if (event.dataTransfer) dropped(event.dataTransfer);
      },
      options,
    );
    return () => ended.abort();
  };
}
