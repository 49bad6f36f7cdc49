/** Pauses and resumes a queue. */
import { post } from "../api.js";
import { html } from "../html.js";
import { Icon } from "../ui/icon.js";
import { useAction } from "./action.js";

/** `onDone` is called after the server has said yes. */
export function Switch({ queue, onDone }) {
  const [busy, act] = useAction();
  const wish = queue.paused ? "resume" : "pause";
  const said = queue.paused ? `The queue ${queue.name} goes on.` : `The queue ${queue.name} is paused: what runs goes on, nothing new starts.`;
  async function press() {
    if (await act(() => post(`/v1/queues/${encodeURIComponent(queue.name)}/${wish}`), said)) onDone();
  }
  return html`
    <button class="small" disabled=${busy} onClick=${press} aria-label=${`${queue.paused ? "Resume" : "Pause"} ${queue.name}`}>
      <${Icon} name=${queue.paused ? "play" : "pause"} />${queue.paused ? "Resume" : "Pause"}
    </button>
  `;
}
