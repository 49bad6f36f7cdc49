/** Webhooks: who is told of the end of jobs, what waits, what is dead. */
import { get, post } from "../../api.js";
import { number } from "../../format.js";
import { html, useState } from "../../html.js";
import { useLoaded } from "../../loaded.js";
import { Deliveries } from "../../operate/deliveries.js";
import { Frame } from "../../operate/frame.js";
import { EndpointState, EVENTS, EventChoice } from "../../operate/webhook_parts.js";
import { link } from "../../router.js";
import { Problem } from "../../ui/problem.js";
import { Secret } from "../../ui/secret.js";
import { Table } from "../../ui/table.js";

const EVERY_MS = 5000;

const COLUMNS = [
  { key: "url", label: "Address", class: "wide broad", cell: (one) => html`<${Address} one=${one} />` },
  { key: "state", label: "State", cell: (one) => html`<${EndpointState} one=${one} />` },
  { key: "events", label: "Events", cell: (one) => (one.events.length ? html`<span class="wrap">${one.events.join(", ")}</span>` : "only jobs that name it") },
  { key: "pending", label: "Wait", class: "right numbers", cell: (one) => number(one.deliveries.pending) },
  { key: "dead", label: "Dead", class: "right numbers", cell: (one) => (one.deliveries.dead ? html`<strong class="wrong">${number(one.deliveries.dead)}</strong>` : "0") },
];

function Address({ one }) {
  return html`
    <span class="stack tight">
      <a class="wrap strong" href=${link(`/operate/webhooks/${one.id}`)}>${one.url}</a>
      <span class="hint">${[one.description, one.owner !== "local" && `of ${one.owner}`, one.made_by_job && "named by a job"].filter(Boolean).join(" · ")}</span>
    </span>
  `;
}

export default function Webhooks() {
  const { data, error, reload } = useLoaded((signal) => get("/v1/webhooks", { signal }), [], { every_ms: EVERY_MS });
  const [made, setMade] = useState(null);
  const dead = (data?.webhooks ?? []).reduce((sum, one) => sum + one.deliveries.dead, 0);
  return html`
    <${Frame} title="Webhooks" lead="Addresses that are told when jobs, batches and pipelines end, signed as Standard Webhooks." error=${error}>
      ${made &&
      html`
        <section class="card stack" role="status">
          <h2>The webhook is there</h2>
          <p>Give the receiver this secret: with it, it knows that a message is from here.</p>
          <${Secret} value=${made.secret} label="Secret of the new webhook" />
        </section>
      `}
      ${data && html`<${Table} columns=${COLUMNS} rows=${data.webhooks} caption="Webhooks" empty="Nobody is told anything yet." />`}
      <${NewWebhook} onMade=${(answer) => (setMade(answer), reload())} />
      ${dead > 0 && html`<section class="stack tight"><h2>Dead deliveries</h2><${Deliveries} path="/v1/webhook-deliveries" state="dead" withUrl /></section>`}
    <//>
  `;
}

function NewWebhook({ onMade }) {
  const [url, setUrl] = useState("");
  const [description, setDescription] = useState("");
  const [events, setEvents] = useState(EVENTS);
  const [error, setError] = useState(null);
  const [busy, setBusy] = useState(false);
  async function submit(event) {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      onMade(await post("/v1/webhooks", { body: { url: url.trim(), events, description } }));
      setUrl("");
      setDescription("");
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  }
  return html`
    <details class="card">
      <summary>New webhook</summary>
      <form class="stack" onSubmit=${submit}>
        <label class="field">
          <span class="label">Address</span>
          <input type="url" required value=${url} onInput=${(event) => setUrl(event.target.value)} />
        </label>
        <label class="field">
          <span class="label">Description</span>
          <input maxlength="500" value=${description} onInput=${(event) => setDescription(event.target.value)} />
        </label>
        <${EventChoice} chosen=${events} onChange=${setEvents} />
        ${error && html`<${Problem} error=${error} />`}
        <div><button class="primary" disabled=${busy}>Make it</button></div>
      </form>
    </details>
  `;
}
