/** API keys: who may do what, made here, shown once, revoked here. */
import { del, get } from "../../api.js";
import { moment, number } from "../../format.js";
import { html, useState } from "../../html.js";
import { useLoaded } from "../../loaded.js";
import { useAction } from "../../operate/action.js";
import { Frame } from "../../operate/frame.js";
import { NewKey } from "../../operate/new_key.js";
import { Notices } from "../../operate/notices.js";
import { session } from "../../session.js";
import { Dialog } from "../../ui/dialog.js";
import { Secret } from "../../ui/secret.js";
import { Badge } from "../../ui/status.js";
import { Table } from "../../ui/table.js";
import { When } from "../../ui/when.js";

const OPEN = [{ look: "wait", text: "This server needs no keys: whoever reaches it may do everything. Keys that are made here work once it does need them." }];

function State({ one }) {
  if (one.revoked_at) return html`<span title=${moment(one.revoked_at)}><${Badge} icon="cross">Revoked<//></span>`;
  if (one.expires_at && Date.parse(one.expires_at) < Date.now()) return html`<${Badge} icon="clock">Expired<//>`;
  return html`<${Badge} look="good" icon="check">Works<//>`;
}

function Limits({ one }) {
  const set = [
    [one.jobs_per_minute, "jobs a minute"],
    [one.bytes_per_day, "bytes a day"],
    [one.running_jobs, "at once"],
  ].filter(([limit]) => limit != null);
  if (!set.length) return "as the server has it";
  return set.map(([limit, of]) => (limit ? `${number(limit)} ${of}` : `no limit of ${of}`)).join(", ");
}

function Revoke({ one, onDone }) {
  const [asked, setAsked] = useState(false);
  const [busy, act] = useAction();
  if (one.revoked_at) return null;
  async function revoke() {
    setAsked(false);
    if (await act(() => del(`/v1/keys/${encodeURIComponent(one.id)}`), "The key is revoked.")) onDone();
  }
  return html`
    <button class="small danger" disabled=${busy} onClick=${() => setAsked(true)} aria-label=${`Revoke ${one.name}`}>Revoke …</button>
    <${Dialog} open=${asked} title=${`Revoke the key ${one.name}?`} onClose=${() => setAsked(false)}
      actions=${html`<button class="danger" onClick=${revoke}>Revoke it</button>`}>
      <p>Whoever uses it is refused within seconds. The jobs that were made with it stay. This cannot be undone.</p>
    <//>
  `;
}

function columns(reload) {
  return [
    { key: "name", label: "Key", class: "wide", cell: (one) => html`<${Name} one=${one} />` },
    { key: "state", label: "State", cell: (one) => html`<${State} one=${one} />` },
    { key: "scopes", label: "Scopes", cell: (one) => one.scopes.join(", ") },
    { key: "limits", label: "Limits", cell: (one) => html`<${Limits} one=${one} />` },
    { key: "used", label: "Last used", cell: (one) => (one.last_used_at ? html`<${When} at=${one.last_used_at} />` : "never") },
    { key: "ends", label: "Ends", cell: (one) => (one.expires_at ? html`<${When} at=${one.expires_at} />` : "never") },
    { key: "revoke", label: "Revoke", quiet: true, class: "right", cell: (one) => html`<${Revoke} one=${one} onDone=${reload} />` },
  ];
}

function Name({ one }) {
  return html`
    <span class="stack tight">
      <strong class="wrap">${one.name}</strong>
      <span class="hint wrap">of ${one.owner}, <code>${one.id}</code></span>
      <span class="hint wrap">made by ${one.created_by} <${When} at=${one.created_at} /></span>
    </span>
  `;
}

export default function Keys() {
  const { data, error, reload } = useLoaded((signal) => get("/v1/keys", { signal }), []);
  const [made, setMade] = useState(null);
  return html`
    <${Frame} title="API keys" lead="A key says whose jobs its holder makes and sees, and what else it may be used for." error=${error}>
      ${session.value.caller?.keys_needed === false && html`<${Notices} notices=${OPEN} label="What to know" />`}
      ${made &&
      html`
        <section class="card stack" role="status">
          <h2>The key ${made.name} is there</h2>
          <p><strong>Copy it now: it is shown this once.</strong> Nobody can read it again, here or on the server.</p>
          <${Secret} value=${made.key} label=${`Key ${made.name}`} />
          <div><button class="small" onClick=${() => setMade(null)}>I have it</button></div>
        </section>
      `}
      <${NewKey} onMade=${(answer) => (setMade(answer), reload())} />
      ${data && html`<${Table} columns=${columns(reload)} rows=${data.keys} caption="API keys" empty="There is no key yet." />`}
    <//>
  `;
}
