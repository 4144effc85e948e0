// Why a row of a bank file has its outcome. The service says it in English.
import { html } from "../libraries/preact.js";
import { language } from "./language.js";

const PORTUGUESE = {
  "it was imported before": "já importada antes",
  "it is an entry of this book": "já é um lançamento deste livro",
  "an entry with this account and amount may be the same; decide whether it is":
    "pode ser o mesmo que um lançamento do livro",
  "it was decided before": "decidida antes",
  "it is left out by decision": "deixada de fora por decisão",
  "another row has claimed its entry, and the preview has expired":
    "outra linha ficou com o lançamento, e a prévia venceu",
  "it is more than 5 years old": "tem mais de 5 anos",
};

/** The reason in the page's language, or as the service says it. */
export function RowReason({ reason }) {
  const translated = language() === "pt" ? PORTUGUESE[reason] : reason;
  return html`<span class="mark" lang=${translated ? undefined : "en"}>${translated ?? reason}</span>`;
}
