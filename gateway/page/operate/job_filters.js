/** Which jobs the operator's list shows: kept in the address, so that a link or a reload shows the same. */
import { operations } from "../catalogue.js";
import { get } from "../api.js";
import { html, useEffect, useState } from "../html.js";
import { useLoaded } from "../loaded.js";
import { go } from "../router.js";
import { session } from "../session.js";
import { statusWord } from "../ui/status.js";

const STATES = ["pending", "processing", "completed", "failed", "cancelled"];
const NAMES = ["status", "operation", "queue", "owner", "error_code", "created_after", "created_before"];
const AGES = [
  ["", "At any time"],
  ["1", "In the last hour"],
  ["24", "In the last 24 hours"],
  ["168", "In the last 7 days"],
];
const HOUR_MS = 3_600_000;

/** The filters of an address, as `GET /v1/jobs` takes them. */
export function filtersOf(query) {
  return Object.fromEntries(NAMES.map((name) => [name, query.get(name)]).filter(([, value]) => value));
}

/** What of `filters` is sent: without an owner the jobs of all. */
export function asAsked(filters) {
  return { ...filters, owner: filters.owner || "*" };
}

/** Show the jobs of other filters, from the newest. */
export function show(filters, cursor) {
  const wanted = Object.entries({ ...filters, cursor }).filter(([, value]) => value);
  go(`/operate/jobs${wanted.length ? `?${new URLSearchParams(wanted)}` : ""}`);
}

/** The filters in words: "failed, in the queue ocr". */
export function inWords(filters) {
  const said = {
    status: (value) => statusWord(value).toLowerCase(),
    operation: (value) => `operation ${value}`,
    queue: (value) => `queue ${value}`,
    owner: (value) => `owner ${value}`,
    error_code: (value) => `error ${value}`,
    created_after: (value) => `created after ${new Date(value).toLocaleString()}`,
    created_before: (value) => `created before ${new Date(value).toLocaleString()}`,
  };
  return Object.entries(filters).map(([name, value]) => said[name](value)).join(", ") || "all jobs";
}

function Choice({ label, value, options, onChange }) {
  return html`
    <label class="field">
      <span class="label">${label}</span>
      <select value=${value ?? ""} onChange=${(event) => onChange(event.target.value)}>
        ${options.map(([name, text]) => html`<option key=${name} value=${name}>${text}</option>`)}
      </select>
    </label>
  `;
}

function Owner({ value, onChange }) {
  const [typed, setTyped] = useState(value ?? "");
  useEffect(() => setTyped(value ?? ""), [value]);
  return html`
    <label class="field">
      <span class="label">Owner</span>
      <input value=${typed} onInput=${(event) => setTyped(event.target.value)} onChange=${() => onChange(typed.trim())} />
    </label>
  `;
}

/** Which of AGES the filter is nearest to: it was chosen some time ago. */
function ageOf(since) {
  if (!since) return "";
  const hours = (Date.now() - Date.parse(since)) / HOUR_MS;
  return AGES.slice(1).find(([age]) => hours <= Number(age) * 1.5)?.[0] ?? AGES.at(-1)[0];
}

export function JobFilters({ filters }) {
  const known = useLoaded(() => operations(), []);
  const queues = useLoaded((signal) => get("/v1/queues", { signal }), []);
  const set = (name) => (value) => show({ ...filters, [name]: value });
  const since = (hours) => (hours ? new Date(Date.now() - hours * HOUR_MS).toISOString() : "");
  const all = [["", "All"]];
  return html`
    <form class="job-filters" aria-label="Filters" onSubmit=${(event) => event.preventDefault()}>
      <${Choice} label="State" value=${filters.status} options=${[...all, ...STATES.map((one) => [one, statusWord(one)])]}
        onChange=${set("status")} />
      <${Choice} label="Queue" value=${filters.queue} options=${[...all, ...(queues.data?.queues ?? []).map(({ name }) => [name, name])]}
        onChange=${set("queue")} />
      <${Choice} label="Operation" value=${filters.operation} options=${[...all, ...(known.data ?? []).map((one) => [one.name, one.title])]}
        onChange=${set("operation")} />
      <${Choice} label="Created" value=${ageOf(filters.created_after)} options=${AGES}
        onChange=${(hours) => set("created_after")(since(Number(hours)))} />
      ${session.value.caller?.keys_needed && html`<${Owner} value=${filters.owner} onChange=${set("owner")} />`}
      ${filters.error_code &&
      html`<${Choice} label="Error" value=${filters.error_code} options=${[["", "All"], [filters.error_code, filters.error_code]]}
        onChange=${set("error_code")} />`}
    </form>
  `;
}
