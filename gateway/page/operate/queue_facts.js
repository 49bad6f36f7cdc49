/** What an operator must know of a queue, in figures and sentences. */
import { ago, number, seconds } from "../format.js";

/** Its consumers that are alive. */
export function live(queue) {
  return queue.consumers.filter((worker) => worker.live);
}

/** `{busy, slots}` of the workers that are alive. */
export function slots(queue) {
  return live(queue).reduce((sum, { busy, slots }) => ({ busy: sum.busy + busy, slots: sum.slots + slots }), { busy: 0, slots: 0 });
}

/** The self-tests that failed at live workers: `[{worker, operation, text}]`. */
export function failedTests(workers) {
  return workers
    .filter((worker) => worker.live)
    .flatMap((worker) =>
      Object.entries(worker.operations)
        .filter(([, text]) => text != null)
        .map(([operation, text]) => ({ worker, operation, text })),
    );
}

/** Of the jobs that ended in the last hour: how many, how many failed for good, and the most frequent code of those. */
export function lastHour(queue) {
  const failures = Object.entries(queue.failures_last_hour);
  return {
    ended: Math.round(queue.ended_per_minute.last_60_minutes * 60),
    failed: failures.reduce((sum, [, count]) => sum + count, 0),
    failures,
  };
}

/** "1 job waits", "12 jobs wait". */
export function jobsWait(count) {
  return count === 1 ? "1 job waits" : `${number(count)} jobs wait`;
}

function whyNobody(queue) {
  if (live(queue).length) {
    return { look: "bad", text: `${jobsWait(queue.ready)}, and some of them are for an operation that no live worker can do.` };
  }
  const last = queue.consumers.map((worker) => worker.last_beat_at).sort().at(-1);
  const seen = last ? ` The last one was seen ${ago(last)}.` : "";
  if (!queue.ready) return { look: "wait", text: `No worker consumes this queue.${seen}` };
  const oldest = seconds(queue.oldest_age_seconds);
  return { look: "bad", text: `${jobsWait(queue.ready)}, the oldest for ${oldest}, and no worker consumes this queue.${seen}` };
}

const RANK = ["bad", "wait", "off"];

/** The worst first. */
export function byRank(one, other) {
  return RANK.indexOf(one.look) - RANK.indexOf(other.look);
}

/** What keeps its work waiting or may soon: `[{look, text}]`, the worst first. */
export function worries(queue) {
  const found = [];
  if (queue.paused) {
    const who = queue.paused_by ? ` by ${queue.paused_by}` : "";
    found.push({ look: "wait", text: `Paused${who}. ${queue.ready ? `${jobsWait(queue.ready)}.` : "Nothing waits."}` });
  }
  if (queue.waiting_for_consumer || !live(queue).length) found.push(whyNobody(queue));
  for (const { worker, operation, text } of failedTests(queue.consumers)) {
    found.push({ look: "bad", text: `The worker on ${worker.host} failed its self-test of '${operation}': ${text}` });
  }
  const versions = [...new Set(live(queue).map((worker) => worker.version))].sort();
  if (versions.length > 1) found.push({ look: "off", text: `Its workers are of ${versions.length} versions: ${versions.join(", ")}.` });
  return found.sort(byRank);
}

/** The state of a queue in a word: `[look, icon, word]`. */
export function state(queue) {
  if (queue.waiting_for_consumer) return ["bad", "alert", "No consumer"];
  if (queue.paused) return ["wait", "pause", "Paused"];
  if (!live(queue).length) return ["wait", "clock", "No consumer"];
  if (failedTests(queue.consumers).length) return ["bad", "alert", "Self-test failed"];
  if (queue.processing) return ["run", "retry", "Working"];
  return ["good", "check", "Idle"];
}
