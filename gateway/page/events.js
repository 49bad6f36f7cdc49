/** Follows a job, a batch or a pipeline: server-sent events while they come, questions every few seconds otherwise. */

/** After so long without events the record is asked for anyhow: the sentence why it waits changes without one. */
const ASK_EVERY_MS = 2500;

/**
 * Calls `onEvent(name, data)` for each event of `address`, and `look()` when the record should be read again.
 *
 * The browser resumes broken streams by itself (Last-Event-ID). A tab in the background holds no stream: browsers allow
 * six connections to one server. `look` answers true when all is over. Gives back a function that stops.
 */
export function follow(address, names, { onEvent, look }) {
  let stream = null;
  let timer = null;
  let stopped = false;

  function close() {
    stream?.close();
    stream = null;
    clearTimeout(timer);
  }

  async function ask() {
    clearTimeout(timer);
    const over = await look();
    if (over) stop();
    if (!stopped && !document.hidden) timer = setTimeout(ask, ASK_EVERY_MS);
  }

  function open() {
    if (stopped || document.hidden) return;
    stream = new EventSource(address);
    for (const name of names) {
      stream.addEventListener(name, (event) => {
        onEvent(name, JSON.parse(event.data));
        if (name !== "progress") ask();
      });
    }
    ask();
  }

  function onVisibility() {
    close();
    open();
  }

  function stop() {
    stopped = true;
    close();
    document.removeEventListener("visibilitychange", onVisibility);
  }

  document.addEventListener("visibilitychange", onVisibility);
  open();
  return stop;
}
