/** The jobs of the caller, the newest first. */
import { get } from "../api.js";
import { operations } from "../catalogue.js";
import { html, useState } from "../html.js";
import { useLoaded } from "../loaded.js";
import { link } from "../router.js";
import { Problem } from "../ui/problem.js";
import { statusWord } from "../ui/status.js";
import { JobTable } from "./job_list.js";

const REFRESH_MS = 4000;
const PAGE_JOBS = 30;
const STATES = ["pending", "processing", "completed", "failed", "cancelled"];

/** What nobody asked for: pictures for this page, and the housekeeping of the server. */
async function unasked() {
  return ["convert-preview", ...(await operations()).filter((one) => one.inputs === "none").map((one) => one.name)];
}

export default function Jobs() {
  const [status, setStatus] = useState("");
  const [operation, setOperation] = useState("");
  const [limit, setLimit] = useState(PAGE_JOBS);
  const known = useLoaded(() => operations(), []);
  const { data, error, reload } = useLoaded(
    async (signal) => get("/v1/jobs", { query: { status, operation, without: (await unasked()).join(), limit }, signal }),
    [status, operation, limit],
    { every_ms: REFRESH_MS },
  );
  return html`
    <div class="stack loose">
      <header class="head">
        <div class="stack tight"><h1>Jobs</h1><p class="lead">Everything that was sent, until it expires.</p></div>
        <a class="button primary" href=${link("/")}>New job</a>
      </header>
      <div class="stack">
        <div class="row filters">
          <label class="field">
            <span class="label">State</span>
            <select value=${status} onChange=${(e) => setStatus(e.target.value)}>
              <option value="">All</option>
              ${STATES.map((one) => html`<option key=${one} value=${one}>${statusWord(one)}</option>`)}
            </select>
          </label>
          <label class="field">
            <span class="label">Operation</span>
            <select value=${operation} onChange=${(e) => setOperation(e.target.value)}>
              <option value="">All</option>
              ${(known.data ?? []).map((one) => html`<option key=${one.name} value=${one.name}>${one.title}</option>`)}
            </select>
          </label>
        </div>
        ${error && html`<${Problem} error=${error}><button onClick=${reload}>Try again</button><//>`}
        ${data && html`<${JobTable} jobs=${data.jobs} caption="Your jobs" empty="No job of this kind. What you send appears here." />`}
        ${data?.next_cursor && limit < 200 && html`<div><button onClick=${() => setLimit(Math.min(200, limit + PAGE_JOBS))}>Show more</button></div>`}
      </div>
    </div>
  `;
}
