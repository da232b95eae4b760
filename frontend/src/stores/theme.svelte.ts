/** Light or dark. `tick` grows with every change, so that pictures drawn with theme colours know to draw again. */
export type ThemeName = "light" | "dark";

const KEY = "torchglass.theme";

function initial(): ThemeName {
  const kept = localStorage.getItem(KEY);
  if (kept === "light" || kept === "dark") return kept;
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

class Theme {
  name = $state<ThemeName>(initial());
  tick = $state(0);

  constructor() {
    document.documentElement.dataset["theme"] = this.name;
  }

  set(name: ThemeName): void {
    this.name = name;
    document.documentElement.dataset["theme"] = name;
    localStorage.setItem(KEY, name);
    this.tick += 1;
  }

  toggle(): void {
    this.set(this.name === "light" ? "dark" : "light");
  }
}

export const theme = new Theme();

/** The present value of a design token, e.g. `cssColor("--positive")`. */
export function cssColor(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
