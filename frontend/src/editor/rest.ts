/** Work that waits until the newest change is on the screen and the hands rest: no keystroke stands in line behind it. */

/** Milliseconds without another change: longer than the pause between two presses of a key that is held down. */
const RESTING = 80;

export class Rest {
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** Does that when there has been rest; what was to be done before is forgotten. */
  then(act: () => void): void {
    this.cancel();
    this.timer = setTimeout(act, RESTING);
  }

  cancel(): void {
    clearTimeout(this.timer);
  }
}
