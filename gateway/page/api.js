/** Speaks with the server: JSON in, JSON out, and every failure as an ApiError that says what to do. */
import { signal } from "./html.js";

/** Counts answers "401": the shell asks for a key then. */
export const refused = signal(0);

/** What went wrong: `status` (0: no answer), stable `code`, `message`, `remedy`, `problems` per field. */
export class ApiError extends Error {
  constructor(status, { code = "unknown", detail, title, remedy = "", problems = [], retryAfter_s = null } = {}) {
    super(detail || title || `The server answered with ${status}.`);
    Object.assign(this, { status, code, remedy, problems, retryAfter_s });
  }
}

/** The error for a request that got no answer. */
export function unreachable() {
  return new ApiError(0, {
    code: "unreachable",
    detail: "The server does not answer.",
    remedy: "Check your connection. The page goes on by itself when the server is back.",
  });
}

/** The error in an answer. `text` is its body. */
export function errorOf(status, text, retryAfter) {
  if (status === 401) refused.value += 1;
  let problem = {};
  try {
    problem = JSON.parse(text);
  } catch {
    // Something between us and the server has answered in its own words: these are not for people.
  }
  const given = problem && typeof problem === "object" ? problem : {};
  return new ApiError(status, { ...given, retryAfter_s: retryAfter ? Number(retryAfter) : null });
}

/** Send a request and give back the answer (a Response). Raises ApiError, or AbortError when `signal` ends it. */
export async function send(method, path, { query, body, headers = {}, signal: until } = {}) {
  const asked = new URLSearchParams(Object.entries(query ?? {}).filter(([, value]) => value !== "" && value != null));
  const isForm = body instanceof FormData;
  let answer;
  try {
    answer = await fetch(asked.size ? `${path}?${asked}` : path, {
      method,
      headers: { Accept: "application/json", ...(body && !isForm && { "Content-Type": "application/json" }), ...headers },
      body: body && !isForm ? JSON.stringify(body) : body,
      signal: until,
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw unreachable();
  }
  if (!answer.ok) throw errorOf(answer.status, await answer.text(), answer.headers.get("Retry-After"));
  return answer;
}

async function media(method, path, options) {
  const answer = await send(method, path, options);
  return answer.status === 204 ? null : answer.json();
}

export const get = (path, options) => media("GET", path, options);
export const post = (path, options) => media("POST", path, options);
export const del = (path, options) => media("DELETE", path, options);

/** A key for the header Idempotency-Key: `crypto.randomUUID` exists only where the page came over TLS or loopback. */
export function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
