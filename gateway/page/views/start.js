/** Not written yet. */
import { html } from "../html.js";
import { Empty } from "../ui/table.js";

export default function View() {
  return html`<h1>start</h1><${Empty}>Nothing yet.<//>`;
}
