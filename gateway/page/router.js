/** Finds the view that belongs to the address behind `#`: a link to it works from anywhere, and no server sees it. */
import { computed, signal } from "./html.js";
import { VIEWS } from "./views.js";

const address = signal(read());
addEventListener("hashchange", () => (address.value = read()));

function read() {
  return location.hash.startsWith("#/") ? location.hash.slice(1) : "/";
}

/** The values of the `:parts` when the address is one of this path, else null. */
function matched(path, given) {
  const wanted = path.split("/");
  const found = given.split("/");
  if (wanted.length !== found.length) return null;
  const params = {};
  for (const [index, part] of wanted.entries()) {
    if (part.startsWith(":")) {
      if (!found[index]) return null;
      params[part.slice(1)] = decoded(found[index]);
    } else if (part !== found[index]) return null;
  }
  return params;
}

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** `{view, params, query, path}` of the present address; `view` is undefined when there is none. */
export const route = computed(() => {
  const [path, search = ""] = address.value.split("?");
  const query = new URLSearchParams(search);
  for (const view of VIEWS) {
    const params = matched(view.path, path);
    if (params) return { view, params, query, path };
  }
  return { view: undefined, params: {}, query, path };
});

/** Go to an address of the page, such as `/jobs`. */
export function go(to) {
  location.hash = to;
}

/** What a link's `href` is: `link("/jobs/" + id)`. */
export function link(to) {
  return `#${to}`;
}
