/** Whether the platform can do its work, part by part, and what its result cache holds. */
import { del, errorOf, get, unreachable } from "../../api.js";
import { bytes, number, percent } from "../../format.js";
import { html, useState } from "../../html.js";
import { useLoaded } from "../../loaded.js";
import { useAction } from "../../operate/action.js";
import { Figures } from "../../operate/figures.js";
import { Frame } from "../../operate/frame.js";
import { Notices } from "../../operate/notices.js";
import { Dialog } from "../../ui/dialog.js";
import { Problem } from "../../ui/problem.js";
import { Badge } from "../../ui/status.js";

const EVERY_MS = 10_000;
const LOOKS = {
  ok: ["good", "check", "Everything works"],
  degraded: ["wait", "alert", "Works, with restrictions"],
  unready: ["bad", "alert", "Takes no documents"],
};
const NAMES = { database: "Database", storage: "Storage", redis: "Redis", queues: "Queues", keeper: "Keeper" };

/** What the server says of itself; also with a 503, which is no failure of the question. */
async function readiness(signal) {
  let answer;
  try {
    answer = await fetch("/health/ready", { headers: { Accept: "application/json" }, signal });
  } catch (error) {
    throw error.name === "AbortError" ? error : unreachable();
  }
  if (!answer.ok && answer.status !== 503) throw errorOf(answer.status, await answer.text());
  return answer.json();
}

export default function Health() {
  const { data, error } = useLoaded(readiness, [], { every_ms: EVERY_MS });
  const [look, icon, word] = LOOKS[data?.status] ?? ["off", "clock", "Looking …"];
  const checks = Object.entries(data?.checks ?? {});
  const notices = checks.map(([name, said]) => ({
    look: said === "ok" ? "good" : data.status === "unready" && ["database", "storage"].includes(name) ? "bad" : "wait",
    text: `${NAMES[name] ?? name}: ${said === "ok" ? "works." : said}`,
  }));
  return html`
    <${Frame} title="Health" lead=${html`<${Badge} look=${look} icon=${icon}>${word}<//>`} error=${error}>
      <${Notices} notices=${notices} label="Parts of the platform" />
      <${ResultCache} />
    <//>
  `;
}

function ResultCache() {
  const { data, error, reload } = useLoaded((signal) => get("/v1/cache", { signal }), [], { every_ms: EVERY_MS });
  const [asked, setAsked] = useState(false);
  const [busy, act] = useAction();
  async function clear() {
    setAsked(false);
    const said = ({ cleared }) => cleared === 1 ? "1 result is forgotten." : `${number(cleared)} results are forgotten.`;
    if (await act(() => del("/v1/cache"), said)) reload();
  }
  return html`
    <section class="stack">
      <div class="head">
        <div class="stack tight">
          <h2>Result cache</h2>
          <p class="lead">The same document with the same options is answered with the result of the job before.</p>
        </div>
        <button class="small danger" disabled=${busy || !data?.entries} onClick=${() => setAsked(true)}>Clear the cache</button>
      </div>
      ${error && html`<${Problem} error=${error} />`}
      ${data && html`<${Figures} figures=${cacheFigures(data)} />`}
      <${Dialog} open=${asked} title="Forget all results?" onClose=${() => setAsked(false)}
        actions=${html`<button class="danger" onClick=${clear}>Forget them</button>`}>
        <p>The next job of each kind runs again. Jobs that exist keep what they have.</p>
      <//>
    </section>
  `;
}

function cacheFigures({ entries, bytes: held, hits, misses }) {
  const asked = hits + misses;
  return [
    { label: "Results", value: number(entries), hint: bytes(held) },
    { label: "Answered from it", value: number(hits), hint: asked ? `${percent((100 * hits) / asked)} of ${number(asked)} jobs` : "no jobs yet" },
    { label: "Had to run", value: number(misses) },
  ];
}
