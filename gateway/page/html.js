/** What every file of the page is written with: `html` templates, which escape all text, hooks and signals. */
import htm from "./vendor/htm.js";
import { h } from "./vendor/preact.js";

export const html = htm.bind(h);
export { createContext, Fragment, render } from "./vendor/preact.js";
export { useCallback, useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from "./vendor/preact-hooks.js";
export { computed, effect, signal, useComputed, useSignal } from "./vendor/preact-signals.js";
