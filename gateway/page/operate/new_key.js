/** The form that makes an API key. */
import { post } from "../api.js";
import { html, useId, useState } from "../html.js";
import { Problem } from "../ui/problem.js";

const SCOPES = [
  ["submit", "Make jobs, cancel and retry them"],
  ["read", "See the owner's jobs and fetch their results"],
  ["admin", "Everything, of every owner: queues, workers, keys"],
];
const LIVES = [
  ["", "never"],
  ["30", "in 30 days"],
  ["90", "in 90 days"],
  ["365", "in a year"],
];
const EMPTY = { owner: "", name: "", scopes: ["submit", "read"], expires_in_days: "", jobs_per_minute: "", bytes_per_day: "", running_jobs: "" };
const NUMBERS = ["expires_in_days", "jobs_per_minute", "bytes_per_day", "running_jobs"];

/** What is empty is not sent: the settings of the server hold then. */
function bodyOf(wish) {
  const numbers = NUMBERS.filter((name) => wish[name] !== "").map((name) => [name, Number(wish[name])]);
  return { owner: wish.owner.trim(), name: wish.name.trim(), scopes: wish.scopes, ...Object.fromEntries(numbers) };
}

export function NewKey({ onMade }) {
  const [wish, setWish] = useState(EMPTY);
  const [error, setError] = useState(null);
  const [busy, setBusy] = useState(false);
  const set = (name) => (event) => setWish({ ...wish, [name]: event.target.value });
  const wrong = (name) => error?.problems.find((problem) => problem.field === name)?.message;

  async function submit(event) {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      onMade(await post("/v1/keys", { body: bodyOf(wish) }));
      setWish(EMPTY);
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  }

  return html`
    <details class="card">
      <summary>New key</summary>
      <form class="stack" onSubmit=${submit}>
        <div class="job-filters">
          <${Text} label="Owner" hint="Lower case: whose jobs it makes and sees." required value=${wish.owner}
            wrong=${wrong("owner")} onInput=${set("owner")} />
          <${Text} label="Name" hint="For people: where it is used." required value=${wish.name}
            wrong=${wrong("name")} onInput=${set("name")} />
          <label class="field">
            <span class="label">Ends</span>
            <select value=${wish.expires_in_days} onChange=${set("expires_in_days")}>
              ${LIVES.map(([days, label]) => html`<option key=${days} value=${days}>${label}</option>`)}
            </select>
          </label>
        </div>
        <${Scopes} chosen=${wish.scopes} onChange=${(scopes) => setWish({ ...wish, scopes })} />
        <details>
          <summary>Limits of its own</summary>
          <div class="job-filters">
            <${Text} label="Jobs a minute" type="number" value=${wish.jobs_per_minute}
              wrong=${wrong("jobs_per_minute")} onInput=${set("jobs_per_minute")} />
            <${Text} label="Bytes a day" type="number" value=${wish.bytes_per_day}
              wrong=${wrong("bytes_per_day")} onInput=${set("bytes_per_day")} />
            <${Text} label="Jobs at once" type="number" value=${wish.running_jobs}
              wrong=${wrong("running_jobs")} onInput=${set("running_jobs")} />
          </div>
          <p class="hint">Empty: as the server has it for all. 0: no limit.</p>
        </details>
        ${error && html`<${Problem} error=${error} />`}
        <div><button class="primary" disabled=${busy || !wish.scopes.length}>Make the key</button></div>
      </form>
    </details>
  `;
}

function Text({ label, hint, wrong, type = "text", ...more }) {
  const id = useId();
  return html`
    <div class="field">
      <label class="label" for=${id}>${label}</label>
      <input id=${id} type=${type} min=${type === "number" ? 0 : undefined} autocomplete="off"
        aria-invalid=${wrong ? "true" : undefined} aria-describedby=${`${id}-hint ${id}-wrong`} ...${more} />
      <span class="hint" id=${`${id}-hint`}>${hint}</span>
      <span class="wrong" id=${`${id}-wrong`}>${wrong}</span>
    </div>
  `;
}

function Scopes({ chosen, onChange }) {
  const turn = (name) => onChange(SCOPES.map(([one]) => one).filter((one) => (one === name ? !chosen.includes(one) : chosen.includes(one))));
  return html`
    <fieldset class="field">
      <legend class="label">Scopes</legend>
      ${SCOPES.map(
        ([name, meaning]) => html`
          <label key=${name} class="check">
            <input type="checkbox" checked=${chosen.includes(name)} onChange=${() => turn(name)} />
            <span><strong>${name}</strong> <span class="hint">${meaning}</span></span>
          </label>
        `,
      )}
    </fieldset>
  `;
}
