/** Every worker that was seen lately, the live ones first. */
import { get } from "../../api.js";
import { html } from "../../html.js";
import { useLoaded } from "../../loaded.js";
import { Frame } from "../../operate/frame.js";
import { WorkersTable } from "../../operate/workers_table.js";

const EVERY_MS = 4000;

export default function Workers() {
  const { data, error } = useLoaded((signal) => get("/v1/workers", { signal }), [], { every_ms: EVERY_MS });
  const lead = "Each worker tests every operation of its service when it starts, and takes only what passed.";
  return html`
    <${Frame} title="Workers" lead=${lead} error=${error}>
      ${data && html`<${WorkersTable} workers=${data.workers} caption="Workers" empty="No worker has been seen in the last days." />`}
    <//>
  `;
}
