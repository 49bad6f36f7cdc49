/** Where a person with documents begins: drop them, choose what to do, send. */
import { operations } from "../catalogue.js";
import { html, signal, useEffect, useState } from "../html.js";
import { useLoaded } from "../loaded.js";
import { go } from "../router.js";
import { Problem } from "../ui/problem.js";
import { Documents, typesOf } from "./start/documents.js";
import { OperationList } from "./start/operation_list.js";
import { Submission } from "./start/submission.js";

/** What was dropped: it stays while the person looks around. */
export const chosen = signal([]);

/** References to documents of earlier jobs in the address: `?job=ID` or `?job=ID/outputs/NAME`. */
function lent(query) {
  const names = query.getAll("name");
  return query.getAll("job").map((reference, index) => ({ reference, name: names[index] ?? "Result of an earlier job" }));
}

export default function Start({ params, query }) {
  const { data, error, reload } = useLoaded(() => operations(), []);
  const [documents, setDocuments] = useState(() => [...chosen.value, ...lent(query)]);
  useEffect(() => void (chosen.value = documents.filter((one) => !one.reference)), [documents]);

  if (error) return html`<${Problem} error=${error}><button onClick=${reload}>Try again</button><//>`;
  if (!data) return null;
  const wanted = params.operation && data.find((one) => one.name === params.operation);
  if (params.operation && !wanted) {
    return html`<${Problem} error=${{ message: `This server knows no operation “${params.operation}”.`, remedy: "Choose one from the start page." }} />`;
  }
  const kept = query.size ? `?${query}` : "";
  if (wanted) {
    return html`
      <${Submission}
        key=${wanted.name} operation=${wanted} documents=${documents} onDocuments=${setDocuments} onBack=${() => go(`/${kept}`)}
      />
    `;
  }
  return html`
    <div class="stack loose">
      <header class="stack tight">
        <h1>What shall become of your document?</h1>
        <p class="lead">Drop files, choose what to do, and take the result. They stay on this server until they expire.</p>
      </header>
      <${Documents} documents=${documents} onChange=${setDocuments} />
      <${OperationList} operations=${data} types=${typesOf(documents)} onChoose=${(one) => go(`/do/${one.name}${kept}`)} kept=${kept} />
    </div>
  `;
}
