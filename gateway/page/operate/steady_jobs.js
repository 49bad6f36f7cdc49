/** A page of the list of jobs that stays where it is while its rows change: what is new waits until it is asked for. */
import { get } from "../api.js";
import { useCallback, useEffect, useRef, useState } from "../html.js";
import { asAsked } from "./job_filters.js";

const PAGE_JOBS = 50;
const EVERY_MS = 4000;
/** Rows that no longer match the filters are asked for one by one; so many at a time. */
const ASKED_ALONE = 8;
const NOTHING = { rows: null, newer: 0, next: null, error: null };

async function alone(id, signal) {
  try {
    return await get(`/v1/jobs/${id}`, { signal });
  } catch (error) {
    if (error.status === 404) return { id, gone: true };
    throw error;
  }
}

/** Each row as it is now; `page` has those that still match, the others are asked for, in turn. */
async function refreshed(rows, page, turn, signal) {
  const now = new Map(page.map((job) => [job.id, job]));
  const missing = rows.filter((row) => !now.has(row.id) && !row.gone);
  const from = missing.length > ASKED_ALONE ? (turn * ASKED_ALONE) % missing.length : 0;
  for (const found of await Promise.all(missing.slice(from, from + ASKED_ALONE).map((row) => alone(row.id, signal)))) {
    now.set(found.id, found.gone ? { ...rows.find((row) => row.id === found.id), gone: true } : found);
  }
  return rows.map((row) => now.get(row.id) ?? row);
}

/**
 * `{rows, newer, next, error, reload, put}`: `rows` null while nothing has come, `newer` jobs that came since, `next` the
 * cursor of the next page; `reload()` begins anew, `put(job)` shows a record that came with another answer.
 */
export function useSteadyJobs(filters, cursor) {
  const [state, setState] = useState(NOTHING);
  const shown = useRef(NOTHING);
  const [round, setRound] = useState(0);
  const key = JSON.stringify([filters, cursor, round]);

  const show = useCallback((next) => setState((shown.current = { ...shown.current, ...next })), []);
  const put = useCallback((job) => show({ rows: shown.current.rows?.map((row) => (row.id === job.id ? job : row)) ?? null }), []);

  useEffect(() => {
    const stop = new AbortController();
    let timer = null;
    let turn = 0;
    async function look() {
      const { rows } = shown.current;
      const limit = rows?.length ? 2 * PAGE_JOBS : PAGE_JOBS;
      const page = await get("/v1/jobs", { query: { ...asAsked(filters), cursor, limit }, signal: stop.signal });
      if (!rows?.length) return show({ rows: page.jobs, next: page.next_cursor, newer: 0, error: null });
      const now = await refreshed(rows, page.jobs, (turn += 1), stop.signal);
      const newer = cursor ? 0 : page.jobs.filter((job) => job.id > rows[0].id).length;
      return show({ rows: now, newer, error: null });
    }
    async function again() {
      try {
        if (!document.hidden) await look();
      } catch (error) {
        if (stop.signal.aborted) return;
        show({ error });
      }
      if (!stop.signal.aborted) timer = setTimeout(again, EVERY_MS);
    }
    show(NOTHING);
    again();
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [key]);

  return { ...state, put, reload: () => setRound(round + 1) };
}
