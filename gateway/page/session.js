/** Who the caller is: asked once, told again after signing in. */
import { ApiError, del, get, post, refused } from "./api.js";
import { computed, effect, signal } from "./html.js";

const ALL_SCOPES = ["submit", "read", "admin"];
/** `state`: "unknown", "in" or "out"; `caller` is what the server says of them, null while out. */
export const session = signal({ state: "unknown", caller: null });

/** Whether the caller has a scope. */
export function may(scope) {
  const caller = session.value.caller;
  return !scope || Boolean(caller && (caller.scopes ?? ALL_SCOPES).includes(scope));
}

/** Whether there is somebody to sign out. */
export const signedInByKey = computed(() => session.value.caller?.keys_needed === true);

/** Ask the server who we are. */
export async function ask() {
  try {
    const caller = await get("/v1/session");
    session.value = caller.keys_needed && !caller.owner ? { state: "out", caller: null } : { state: "in", caller };
  } catch (error) {
    if (error.status === 401) session.value = { state: "out", caller: null };
    // A server that does not answer now is asked again by every view: what they show says more than an empty page.
    else session.value = { state: "in", caller: { scopes: ALL_SCOPES } };
  }
}

/** Sign in with an API key. Raises ApiError. */
export async function signIn(key) {
  // A browser sends nothing else in a header, and would only say that it could not.
  if (!/^[\x21-\x7e]+$/.test(key)) {
    throw new ApiError(0, { code: "no_key", detail: "This is not a key.", remedy: "Paste the key as it was shown when it was made." });
  }
  await post("/v1/session", { headers: { Authorization: `Bearer ${key}` } });
  await ask();
}

/** Forget the key. */
export async function signOut() {
  await del("/v1/session");
  session.value = { state: "out", caller: null };
}

effect(() => {
  if (refused.value && session.peek().state === "in") session.value = { state: "out", caller: null };
});
