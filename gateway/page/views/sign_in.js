/** Asks for an API key where the server wants one. */
import { html, useState } from "../html.js";
import { signIn } from "../session.js";
import { Problem } from "../ui/problem.js";

export default function SignIn() {
  const [key, setKey] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState(null);

  async function submit(event) {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await signIn(key.trim());
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  }

  return html`
    <section class="narrow">
      <h1>Sign in</h1>
      <p class="lead">This server wants a key. An operator makes one with <code>bindery keys create</code>.</p>
      <form class="stack" onSubmit=${submit}>
        <label class="field">
          <span class="label">API key</span>
          <input type="password" autocomplete="current-password" required value=${key} onInput=${(e) => setKey(e.target.value)} />
        </label>
        ${error && html`<${Problem} error=${error} />`}
        <button class="primary" disabled=${busy}>${busy ? "Signing in …" : "Sign in"}</button>
      </form>
      <p class="hint">The key stays in a cookie that scripts cannot read, until you sign out.</p>
    </section>
  `;
}
