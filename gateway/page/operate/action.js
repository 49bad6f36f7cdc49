/** Does what a button promises: once at a time, and says what came of it. */
import { useState } from "../html.js";
import { toast } from "../ui/toast.js";

/** `[busy, act]`; `act(todo, said)` runs `todo()`, shows `said` (or what it makes of the answer) or what went wrong. */
export function useAction() {
  const [busy, setBusy] = useState(false);
  async function act(todo, said) {
    setBusy(true);
    try {
      const answer = await todo();
      const text = typeof said === "function" ? said(answer) : said;
      if (text) toast(text, "good");
      return true;
    } catch (error) {
      toast([error.message, error.remedy].filter(Boolean).join(" "), "bad");
      return false;
    } finally {
      setBusy(false);
    }
  }
  return [busy, act];
}
