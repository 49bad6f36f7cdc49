/** The shell of the page: header, navigation, the view that the address names, messages. */
import { html, render, useEffect, useRef, useState } from "./html.js";
import { link, route } from "./router.js";
import { ask, may, session, signedInByKey, signOut } from "./session.js";
import { theme, turn } from "./theme.js";
import { Icon } from "./ui/icon.js";
import { Problem } from "./ui/problem.js";
import { Announcer, Toasts } from "./ui/toast.js";
import { VIEWS } from "./views.js";
import SignIn from "./views/sign_in.js";

function Header() {
  const [open, setOpen] = useState(false);
  const { path } = route.value;
  useEffect(() => setOpen(false), [path]);
  const shown = VIEWS.filter((view) => view.nav && may(view.scope));
  const isHere = (view) => (view.path === "/" ? path === "/" || path.startsWith("/do/") : path.startsWith(view.path));
  return html`
    <header class="top">
      <a class="wordmark" href=${link("/")}><${Icon} name="mark" /><span>Bindery</span></a>
      ${session.value.state === "in" &&
      html`
        <button class="quiet menu" aria-expanded=${open} aria-controls="navigation" onClick=${() => setOpen(!open)}>
          <${Icon} name=${open ? "close" : "menu"} /><span>Menu</span>
        </button>
        <nav id="navigation" aria-label="Main" class=${open ? "open" : ""}>
          ${shown.map(
            (view) => html`
              <a key=${view.path} href=${link(view.path)} aria-current=${isHere(view) ? "page" : undefined}>${view.nav}</a>
            `,
          )}
        </nav>
      `}
      <div class="tools">
        ${session.value.state === "in" &&
        signedInByKey.value &&
        html`<button class="quiet" onClick=${signOut} title=${`Signed in as ${session.value.caller.name}`}>Sign out</button>`}
        <button class="quiet" onClick=${turn} aria-label=${`Colours: ${theme.value}. Change.`} title=${`Colours: ${theme.value}`}>
          <${Icon} name=${theme.value} />
        </button>
      </div>
    </header>
  `;
}

/** Loads the module of a view and shows it; the heading gets the focus, so that a screen reader reads on from there. */
function Outlet() {
  const { view, params, query, path } = route.value;
  const [loaded, setLoaded] = useState({});
  const main = useRef(null);
  const first = useRef(true);
  useEffect(() => {
    let current = true;
    document.title = view ? `${view.title} · Bindery` : "Bindery";
    if (!view) return setLoaded({});
    view.load().then(
      (module) => current && setLoaded({ view, Component: module.default }),
      () => current && setLoaded({ view, failed: true }),
    );
    return () => (current = false);
  }, [view]);
  useEffect(() => {
    if (first.current) first.current = false;
    else {
      scrollTo(0, 0);
      main.current?.focus({ preventScroll: true });
    }
  }, [path]);
  const Component = loaded.view === view && loaded.Component;
  return html`
    <main id="main" tabindex="-1" ref=${main}>
      ${!view && html`<${Problem} error=${{ message: "There is no such page.", remedy: "Go back to the start." }} />`}
      ${loaded.failed &&
      html`<${Problem} error=${{ message: "A part of the page could not be loaded.", remedy: "Load the page again." }} />`}
      ${Component && html`<${Component} key=${path} params=${params} query=${query} />`}
    </main>
  `;
}

function Shell() {
  useEffect(() => void ask(), []);
  function skip(event) {
    event.preventDefault();
    document.getElementById("main").focus();
  }
  const { state } = session.value;
  return html`
    <a class="skip" href="#main" onClick=${skip}>Skip to the content</a>
    <${Header} />
    ${state === "in" && html`<${Outlet} />`}
    ${state === "out" && html`<main id="main" tabindex="-1"><${SignIn} /></main>`}
    ${state === "unknown" && html`<main id="main" tabindex="-1" aria-busy="true"></main>`}
    <footer class="foot">
      <span>Bindery</span>
      <a href="/docs">HTTP interface</a>
    </footer>
    <${Toasts} />
    <${Announcer} />
  `;
}

render(html`<${Shell} />`, document.getElementById("page"));
