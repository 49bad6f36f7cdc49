/** Reads something from the server for a view, again when asked or every so often, and keeps what it had on failure. */
import { useCallback, useEffect, useRef, useState } from "./html.js";

/** `{data, error, loading, reload}` of `read(signal)`; read anew when `deps` change and, if given, every `every_ms`. */
export function useLoaded(read, deps, { every_ms = 0 } = {}) {
  const [state, setState] = useState({ data: null, error: null, loading: true });
  const running = useRef(null);

  const reload = useCallback(async () => {
    running.current?.abort();
    const mine = (running.current = new AbortController());
    try {
      const data = await read(mine.signal);
      if (!mine.signal.aborted) setState({ data, error: null, loading: false });
    } catch (error) {
      if (mine.signal.aborted) return;
      setState((before) => ({ ...before, error, loading: false }));
    }
  }, deps);

  useEffect(() => {
    setState({ data: null, error: null, loading: true });
    reload();
    const timer = every_ms ? setInterval(() => document.hidden || reload(), every_ms) : null;
    return () => {
      clearInterval(timer);
      running.current?.abort();
    };
  }, [reload]);

  return { ...state, reload };
}
