/** Retries or cancels all jobs of a filter: counts them first, asks, then does it. */
import { post } from "../api.js";
import { number } from "../format.js";
import { html, useEffect, useState } from "../html.js";
import { Dialog } from "../ui/dialog.js";
import { Problem } from "../ui/problem.js";
import { useAction } from "./action.js";
import { inWords } from "./job_filters.js";

export const WISHES = {
  retry: { verb: "Try again", done: "are tried again", button: "primary", hint: "Failed and cancelled jobs run again, with all their tries." },
  cancel: { verb: "Cancel", done: "are cancelled", button: "danger", hint: "What waits ends at once, what runs within seconds. Nothing is kept of what they have done." },
};

const jobs = (count) => (count === 1 ? "1 job" : `${number(count)} jobs`);

/** `wish` is "retry", "cancel" or null: closed. */
export function ManyJobs({ wish, filters, onClose, onDone }) {
  const [counted, setCounted] = useState(null);
  const [error, setError] = useState(null);
  const [busy, act] = useAction();
  const key = wish && JSON.stringify([wish, filters]);
  useEffect(() => {
    setCounted(null);
    setError(null);
    if (!wish) return undefined;
    let current = true;
    post(`/v1/jobs/${wish}`, { body: { ...filters, dry_run: true } }).then(
      (answer) => current && setCounted(answer.jobs),
      (failure) => current && setError(failure),
    );
    return () => (current = false);
  }, [key]);

  async function confirm() {
    const { done } = WISHES[wish];
    if (await act(() => post(`/v1/jobs/${wish}`, { body: filters }), (answer) => `${jobs(answer.jobs)} ${done}.`)) {
      onDone();
      onClose();
    }
  }

  const { verb, button, hint } = WISHES[wish] ?? {};
  const label = counted ? `${verb} ${jobs(counted)}` : verb;
  return html`
    <${Dialog}
      open=${wish != null} title=${wish && `${verb}: ${inWords(filters)}?`} onClose=${onClose}
      actions=${wish && html`<button class=${button} disabled=${busy || !counted} onClick=${confirm}>${label}</button>`}
    >
      ${error && html`<${Problem} error=${error} />`}
      ${!error && html`<p role="status">${counted == null ? "Counting …" : counted ? `${jobs(counted)} would be affected now. ${hint}` : "No job would be affected."}</p>`}
    <//>
  `;
}
