/** The few pictures that the page needs, drawn in the colour of the text around them. */
import { html } from "../html.js";

const PATHS = {
  mark: "M6 3h10a4 4 0 0 1 4 4v11a3 3 0 0 1-3 3H6zM10 3v18M3.5 8h4M3.5 12h4M3.5 16h4",
  menu: "M4 7h16M4 12h16M4 17h16",
  close: "M6 6l12 12M18 6L6 18",
  light: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2v2.5M12 19.5V22M2 12h2.5M19.5 12H22M4.9 4.9l1.8 1.8M17.3 17.3l1.8 1.8M4.9 19.1l1.8-1.8M17.3 6.7l1.8-1.8",
  dark: "M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5z",
  system: "M4 5h16v11H4zM9 20h6M12 16v4",
  upload: "M12 16V5M7.5 9.5L12 5l4.5 4.5M4 16v3a1.5 1.5 0 0 0 1.5 1.5h13A1.5 1.5 0 0 0 20 19v-3",
  download: "M12 4v11M7.5 10.5L12 15l4.5-4.5M4 16v3a1.5 1.5 0 0 0 1.5 1.5h13A1.5 1.5 0 0 0 20 19v-3",
  file: "M7 3h7l5 5v13H7zM14 3v5h5",
  search: "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM16 16l4.5 4.5",
  check: "M5 12.5l4.5 4.5L19 7.5",
  cross: "M6.5 6.5l11 11M17.5 6.5l-11 11",
  alert: "M12 4.5l8.5 15h-17zM12 10v4.5M12 17.2v.1",
  clock: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 8v4.5l3 2",
  arrow: "M5 12h14M13 6l6 6-6 6",
  back: "M19 12H5M11 6l-6 6 6 6",
  up: "M12 19V5M6 11l6-6 6 6",
  down: "M12 5v14M6 13l6 6 6-6",
  plus: "M12 5v14M5 12h14",
  retry: "M19 12a7 7 0 1 1-2.2-5.1M19 4v4h-4",
  chevron: "M9 6l6 6-6 6",
  copy: "M9 9h11v12H9zM5 15H4V3h11v2",
  pause: "M9 5v14M15 5v14",
  play: "M8 5l11 7-11 7z",
};

/** One of PATHS; only for the eye: the text beside it, or the control's label, says the same. */
export function Icon({ name, class: className = "" }) {
  return html`
    <svg class=${`icon ${className}`} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d=${PATHS[name]} />
    </svg>
  `;
}
