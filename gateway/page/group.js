/** Keeps the record of a batch or a pipeline up to date while it has not ended. */
import { get } from "./api.js";
import { follow } from "./events.js";
import { useEffect, useState } from "./html.js";
import { useLoaded } from "./loaded.js";

const ENDED = ["completed", "failed", "cancelled"];

/** `{record, error, setRecord}` of an address such as `/v1/batches/ID`; `name` is what its whole is called in the events. */
export function useGroup(address, name) {
  const { data, error } = useLoaded((signal) => get(address, { signal }), [address]);
  const [newer, setNewer] = useState(null);
  const record = newer?.id === data?.id && newer ? newer : data;
  const again = record && `${record.id} ${ENDED.includes(record.status)}`;
  useEffect(() => {
    if (!record || ENDED.includes(record.status)) return undefined;
    return follow(`${address}/events`, ["status", "progress", name], {
      onEvent: (event, told) => {
        if (event === "progress") setNewer((before) => withProgress(before ?? record, told));
      },
      look: async () => {
        try {
          const now = await get(address);
          setNewer(now);
          return ENDED.includes(now.status);
        } catch (failure) {
          return failure.status === 404;
        }
      },
    });
  }, [again]);
  return { record, error, setRecord: setNewer };
}

function withProgress(record, { job_id: id, ...progress }) {
  const changed = (job) => (job.id === id ? { ...job, progress } : job);
  return {
    ...record,
    ...(record.jobs && { jobs: record.jobs.map(changed) }),
    ...(record.steps && { steps: record.steps.map((step) => ({ ...step, jobs: step.jobs.map(changed) })) }),
  };
}

/** "3 of 5 completed, 1 failed". */
export function countsInWords(counts) {
  const all = Object.values(counts).reduce((sum, one) => sum + one, 0);
  const rest = ["failed", "cancelled"].filter((name) => counts[name]).map((name) => `${counts[name]} ${name}`);
  return [`${counts.completed} of ${all} completed`, ...rest].join(", ");
}
