/** Not written yet. */
import { html } from "../html.js";
import { Empty } from "../ui/table.js";

export default function View() {
  return html`<h1>pipeline</h1><${Empty}>Nothing yet.<//>`;
}
