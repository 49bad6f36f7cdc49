/** Light, dark, or as the system has it; kept in this browser. */
import { effect, signal } from "./html.js";

const KEPT_AS = "bindery-theme";
export const THEMES = ["system", "light", "dark"];

function kept() {
  try {
    const found = localStorage.getItem(KEPT_AS);
    return THEMES.includes(found) ? found : "system";
  } catch {
    return "system"; // A browser may refuse to keep anything.
  }
}

export const theme = signal(kept());

effect(() => {
  document.documentElement.dataset.theme = theme.value;
  try {
    localStorage.setItem(KEPT_AS, theme.value);
  } catch {
    // It holds for this visit then.
  }
});

/** The next of the three. */
export function turn() {
  theme.value = THEMES[(THEMES.indexOf(theme.value) + 1) % THEMES.length];
}
