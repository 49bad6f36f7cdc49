/** What stands behind a job: its journal, its options, its numbers. */
import { get } from "../../api.js";
import { bytes, kind, moment, seconds, words } from "../../format.js";
import { html } from "../../html.js";
import { useLoaded } from "../../loaded.js";
import { Data } from "../../results/result.js";
import { statusWord } from "../../ui/status.js";

/** Workers are called by their id; its beginning tells them apart. */
function actor(name) {
  return /^[0-9a-f-]{36}$/.test(name) ? `worker ${name.slice(0, 8)}` : name;
}

/** Every change of the job's state, the oldest first. */
export function Timeline({ job }) {
  const { data } = useLoaded((signal) => get(job.links.journal, { signal }), [job.id, job.status, job.attempt]);
  if (!data) return null;
  return html`
    <details class="more timeline-fold" open=${job.status === "failed"}>
      <summary>Timeline</summary>
      <ol class="timeline">
        ${data.journal.map(
          (line) => html`
            <li key=${line.id} class=${line.status}>
              <time datetime=${line.at}>${moment(line.at)}</time>
              <span>
                <strong>${words(line.event)}</strong>${line.step && html` · ${words(line.step)}`}
                <span class="hint"> by ${actor(line.actor)}${line.attempt > 0 && `, try ${line.attempt}`}; then ${statusWord(line.status).toLowerCase()}</span>
                ${Object.keys(line.details ?? {}).length > 0 && html`<${Data} given=${line.details} />`}
              </span>
            </li>
          `,
        )}
      </ol>
    </details>
  `;
}

/** Inputs, options and identifiers. */
export function Details({ job }) {
  const chosen = Object.entries(job.options).filter(([, value]) => value !== null && value !== false && !(Array.isArray(value) && !value.length));
  return html`
    <details class="more">
      <summary>Details</summary>
      <div class="stack">
        <dl class="facts">
          ${job.inputs.map(
            (one, index) => html`
              <dt key=${`${index}-name`}>${job.inputs.length > 1 ? `File ${index + 1}` : "File"}</dt>
              <dd key=${index}>
                ${one.url ? html`<a href=${one.url} download=${one.name}>${one.name}</a>` : one.name}
                <span class="hint"> ${kind(one.media_type)}, ${bytes(one.bytes)}</span>
              </dd>
            `,
          )}
          ${chosen.map(([name, value]) => html`<dt key=${`${name}-name`}>${words(name)}</dt><dd key=${name}><${Data} given=${value} /></dd>`)}
          <dt>Waited</dt><dd>${seconds(job.queue_seconds)}</dd>
          <dt>Queue</dt><dd>${job.queue}</dd>
          <dt>Tries</dt><dd>${job.attempt}${job.failures > 0 && `, ${job.failures} failed`}${job.crashes > 0 && `, ${job.crashes} lost with their worker`}</dd>
          <dt>Kept until</dt><dd>${job.expires_at ? moment(job.expires_at) : "it has ended, and for some time after"}</dd>
          <dt>Id</dt><dd><code>${job.id}</code></dd>
        </dl>
      </div>
    </details>
  `;
}
