/** Sends a form with files, tells how much has gone, and can be stopped. */
import { errorOf, unreachable } from "./api.js";

/**
 * Send `form` to `address`. `onProgress(sent_bytes, total_bytes)` is called while it goes.
 *
 * Gives back `{done, stop}`: `done` is a promise of the record; it raises ApiError, or AbortError after `stop()`.
 * fetch cannot tell how much it has sent, so that this is the one place with an XMLHttpRequest.
 */
export function upload(address, form, key, onProgress) {
  const request = new XMLHttpRequest();
  const done = new Promise((resolve, reject) => {
    request.open("POST", address);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("Idempotency-Key", key);
    request.upload.addEventListener("progress", (event) => onProgress(event.loaded, event.total));
    request.addEventListener("load", () => {
      if (request.status >= 200 && request.status < 300) resolve(JSON.parse(request.responseText));
      else reject(errorOf(request.status, request.responseText, request.getResponseHeader("Retry-After")));
    });
    request.addEventListener("error", () => reject(unreachable()));
    request.addEventListener("abort", () => reject(new DOMException("Stopped.", "AbortError")));
  });
  request.send(form);
  return { done, stop: () => request.abort() };
}
