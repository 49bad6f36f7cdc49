/** Retries or cancels all jobs of a filter: counts them first, asks, then does it, as many requests as it takes. */
import { post } from "../api.js";
import { number } from "../format.js";
import { html, useEffect, useState } from "../html.js";
import { Dialog } from "../ui/dialog.js";
import { Problem } from "../ui/problem.js";
import { useAction } from "./action.js";
import { inWords } from "./job_filters.js";

const WISHES = {
  retry: { verb: "Try again", done: "are tried again", button: "primary", hint: "They run again, with all their tries." },
  cancel: {
    verb: "Cancel",
    done: "are cancelled",
    button: "danger",
    hint: "What waits ends at once, what runs within seconds. Nothing is kept of what they have done.",
  },
};

const jobs = (count) => (count === 1 ? "1 job" : `${number(count)} jobs`);

/** Whether all jobs of a filter can be tried again, or cancelled; where the filter says no state, those that can be. */
export function mayBe(wish, { status }) {
  return !status || (wish === "retry" ? ["failed", "cancelled"] : ["pending", "processing"]).includes(status);
}

/** Change all of them; the server takes a few hundred at a time and says whether there are more. */
async function all(wish, body) {
  let changed = 0;
  for (;;) {
    const told = await post(`/v1/jobs/${wish}`, { body });
    changed += told.changed;
    if (!told.more || !told.changed) return changed;
  }
}

/** `wish` is "retry", "cancel" or null: closed. */
export function ManyJobs({ wish, filters, onClose, onDone }) {
  const [counted, setCounted] = useState(null);
  const [error, setError] = useState(null);
  const [busy, act] = useAction();
  // What somebody cancelled is tried again only when that was asked for.
  const meant = wish === "retry" && !filters.status ? { ...filters, status: "failed" } : filters;
  const key = wish && JSON.stringify([wish, meant]);

  useEffect(() => {
    setCounted(null);
    setError(null);
    if (!wish) return undefined;
    let current = true;
    // What comes after it was counted is not meant.
    const body = { created_before: new Date().toISOString(), ...meant };
    post(`/v1/jobs/${wish}`, { body: { ...body, dry_run: true } }).then(
      ({ matching }) => current && setCounted({ matching, body }),
      (failure) => current && setError(failure),
    );
    return () => (current = false);
  }, [key]);

  async function confirm() {
    const { done } = WISHES[wish];
    if (!(await act(() => all(wish, counted.body), (changed) => `${jobs(changed)} ${done}.`))) return;
    onDone();
    onClose();
  }

  const { verb, button, hint } = WISHES[wish] ?? {};
  const count = counted?.matching;
  const label = count ? `${verb} ${jobs(count)}` : verb;
  return html`
    <${Dialog}
      open=${wish != null} title=${wish && `${verb}: ${inWords(meant)}?`} onClose=${onClose}
      actions=${wish && html`<button class=${button} disabled=${busy || !count} onClick=${confirm}>${label}</button>`}
    >
      ${error && html`<${Problem} error=${error} />`}
      ${!error && html`<p role="status">${count == null
        ? "Counting …" : count ? `${jobs(count)} would be affected now. ${hint}` : "No job would be affected."}</p>`}
    <//>
  `;
}
