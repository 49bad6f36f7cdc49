/** The state of a job in a word and a colour. */
import { html } from "../html.js";
import { Icon } from "./icon.js";

const LOOKS = {
  pending: ["wait", "clock", "Waiting"],
  processing: ["run", "retry", "Working"],
  completed: ["good", "check", "Completed"],
  failed: ["bad", "alert", "Failed"],
  cancelled: ["off", "cross", "Cancelled"],
};

/** What a status is called. */
export function statusWord(status) {
  return LOOKS[status]?.[2] ?? String(status);
}

/** A badge for one of the five states. */
export function Status({ status }) {
  const [look, icon] = LOOKS[status] ?? ["off", "clock"];
  return html`<span class=${`badge ${look}`}><${Icon} name=${icon} />${statusWord(status)}</span>`;
}

/** A badge with words of its own; `look`: good, bad, wait, run or off. */
export function Badge({ look = "off", icon, children }) {
  return html`<span class=${`badge ${look}`}>${icon && html`<${Icon} name=${icon} />`}${children}</span>`;
}
