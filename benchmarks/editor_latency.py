"""Does the editor show the result of a keystroke within 50 ms? From the key to the painted shapes, counts and problems.

``python benchmarks/editor_latency.py`` starts a server of its own, builds networks of 20, 50 and 200 layers in headless
Chromium and presses an arrow key on a slider of the inspector: the network is checked by the server, and the new totals
are painted; in the second case a shortcut no longer fits, and its problem stands at the layer.
"""

from __future__ import annotations

import sys

from playwright.sync_api import Page

from editor_frames import composed, opened
from figures import row, written

PRESSES = 30
#: Milliseconds from the key to the painted result.
BAR = 50
WATCH = """() => {
  const said = '.parameters dd, .card .problem';
  const result = () => [...document.querySelectorAll(said)].map((one) => one.textContent).join();
  window.times = [];
  if (window.watched) return;
  window.watched = true;
  window.addEventListener('keydown', (event) => {
    if (event.key !== 'ArrowRight' && event.key !== 'ArrowLeft') return;
    const before = result();
    const watching = new MutationObserver(() => {
      if (result() === before) return;
      watching.disconnect();
      requestAnimationFrame(() => {
        const painted = new MessageChannel();
        painted.port1.onmessage = () => window.times.push(performance.now() - event.timeStamp);
        painted.port2.postMessage(0);
      });
    });
    watching.observe(document.body, { subtree: true, childList: true, characterData: true });
  }, true);
}"""


def press(page: Page, slider: str, keys: tuple[str, str]) -> list[float]:
    """Milliseconds of each of some keystrokes on that slider, one after the other."""
    page.get_by_role("slider", name=slider).focus()
    page.evaluate(WATCH)
    for number in range(PRESSES):
        page.keyboard.press(keys[number % 2])
        page.wait_for_function("(count) => window.times.length > count", arg=number)
    return [float(time) for time in page.evaluate("() => window.times")]


def measure(page: Page, nodes: int) -> dict[str, list[float]]:
    composed(page, nodes)
    found = {}
    # What the second convolution gives is read by the third alone; the first one is added to the third.
    for layer, what in (("n2", "another number of filters"), ("n1", "filters that do not fit, and back")):
        page.locator(f"[data-card={layer}]").click()
        page.get_by_role("tab", name="Settings").click()
        found[f"{nodes} layers, {what}"] = press(page, "Filters", ("ArrowRight", "ArrowLeft"))
    return found


def main() -> int:
    every: dict[str, list[float]] = {}
    with opened() as page:
        for nodes in (20, 50, 200):
            every |= measure(page, nodes)
    rows = [
        row(f"editor, {name}: from the key to what is painted", times, "ms", bar=f"<= {BAR}")
        for name, times in every.items()
    ]
    return written("editor_latency", rows)


if __name__ == "__main__":
    sys.exit(main())
