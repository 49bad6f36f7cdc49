/** One webhook: its state, its secret, its deliveries. */
import { del, get, post, send } from "../../api.js";
import { moment, number } from "../../format.js";
import { html, useState } from "../../html.js";
import { useLoaded } from "../../loaded.js";
import { useAction } from "../../operate/action.js";
import { Deliveries } from "../../operate/deliveries.js";
import { Frame } from "../../operate/frame.js";
import { Notices } from "../../operate/notices.js";
import { EndpointState, EventChoice } from "../../operate/webhook_parts.js";
import { go } from "../../router.js";
import { Dialog } from "../../ui/dialog.js";
import { Secret } from "../../ui/secret.js";

const EVERY_MS = 5000;
const STATES = [
  ["", "All"],
  ["pending", "Waiting"],
  ["delivered", "Delivered"],
  ["dead", "Dead"],
];
const OVERLAPS = [
  [86_400, "for a day"],
  [3600, "for an hour"],
  [0, "not at all: the old one is known to others"],
];

function notices(one) {
  const found = [];
  if (!one.enabled) found.push({ look: "wait", text: `Disabled: ${one.disabled_because}` });
  if (one.failing_since) found.push({ look: "bad", text: `Nothing has reached it since ${moment(one.failing_since)}.` });
  if (one.older_secret_until) found.push({ look: "off", text: `The secret before this one signs too, until ${moment(one.older_secret_until)}.` });
  return found;
}

export default function Webhook({ params }) {
  const path = `/v1/webhooks/${encodeURIComponent(params.id)}`;
  const { data: one, error, reload } = useLoaded((signal) => get(path, { signal }), [path], { every_ms: EVERY_MS });
  const [state, setState] = useState("");
  const [busy, act] = useAction();
  const change = async (body, said) => (await act(() => send("PATCH", path, { body }), said)) && reload();
  if (!one) return html`<${Frame} title="Webhook" error=${error} />`;
  async function again() {
    const said = ({ redelivered }) => `${number(redelivered)} deliveries are sent again.`;
    if (await act(() => post(`${path}/redeliver`), said)) reload();
  }
  const actions = html`
    <button class="small" disabled=${busy} onClick=${() => change({ enabled: !one.enabled }, one.enabled ? "It is disabled." : "It is enabled.")}>
      ${one.enabled ? "Disable" : "Enable"}
    </button>
    <${Forget} path=${path} url=${one.url} />
  `;
  return html`
    <${Frame} title=${one.url} lead=${html`<${EndpointState} one=${one} /> ${one.description}`} error=${error} actions=${actions}>
      <${Notices} notices=${notices(one)} label="What to know" />
      <section class="card stack">
        <${EventChoice} chosen=${one.events} onChange=${(events) => change({ events }, "The events are changed.")} />
      </section>
      <${Secrets} path=${path} onRotated=${reload} />
      <section class="stack">
        <div class="head">
          <h2>Deliveries</h2>
          <div class="row">
            <div class="spans" role="group" aria-label="Deliveries shown">
              ${STATES.map(([name, label]) => html`<button key=${name} class="small"
                aria-pressed=${name === state} onClick=${() => setState(name)}>${label}</button>`)}
            </div>
            ${one.deliveries.dead > 0 && html`<button class="small" disabled=${busy || !one.enabled}
              onClick=${again}>Deliver the ${number(one.deliveries.dead)} dead again</button>`}
          </div>
        </div>
        <${Deliveries} key=${state} path=${`${path}/deliveries`} state=${state} />
      </section>
    <//>
  `;
}

function Secrets({ path, onRotated }) {
  const [secret, setSecret] = useState(null);
  const [asked, setAsked] = useState(false);
  const [overlap, setOverlap] = useState(OVERLAPS[0][0]);
  const [busy, act] = useAction();
  const look = () => act(async () => setSecret((await get(`${path}/secret`)).secret));
  async function rotate() {
    setAsked(false);
    const made = async () => setSecret((await post(`${path}/rotate-secret`, { body: { overlap_s: overlap } })).secret);
    if (await act(made, "There is a fresh secret: give it to the receiver.")) onRotated();
  }
  return html`
    <section class="card stack">
      <div class="head">
        <div class="stack tight"><h2>Secret</h2><p class="hint">The receiver verifies with it that a message is from here.</p></div>
        <div class="row">
          ${!secret && html`<button class="small" disabled=${busy} onClick=${look}>Show it</button>`}
          ${secret && html`<button class="small" onClick=${() => setSecret(null)}>Hide it</button>`}
          <button class="small" disabled=${busy} onClick=${() => setAsked(true)}>Make a fresh one …</button>
        </div>
      </div>
      ${secret && html`<${Secret} value=${secret} label="Secret of this webhook" />`}
      <${Dialog} open=${asked} title="Make a fresh secret?" onClose=${() => setAsked(false)}
        actions=${html`<button class="primary" onClick=${rotate}>Make it</button>`}>
        <fieldset class="field">
          <legend>The old secret goes on signing beside the fresh one:</legend>
          ${OVERLAPS.map(
            ([length, label]) => html`
              <label key=${length} class="check">
                <input type="radio" name="overlap" checked=${length === overlap} onChange=${() => setOverlap(length)} /><span>${label}</span>
              </label>
            `,
          )}
        </fieldset>
      <//>
    </section>
  `;
}

function Forget({ path, url }) {
  const [asked, setAsked] = useState(false);
  const [busy, act] = useAction();
  const forget = async () => (await act(() => del(path), "The webhook is deleted.")) && go("/operate/webhooks");
  return html`
    <button class="small danger" disabled=${busy} onClick=${() => setAsked(true)}>Delete …</button>
    <${Dialog} open=${asked} title="Delete this webhook?" onClose=${() => setAsked(false)}
      actions=${html`<button class="danger" onClick=${forget}>Delete it</button>`}>
      <p class="wrap">${url} hears nothing any more. Its secrets and the log of its deliveries go with it.</p>
    <//>
  `;
}
