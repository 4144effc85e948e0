// Why a row of a bank file has its outcome. The service says it in English.
import { html } from "../libraries/preact.js";
import { language } from "./language.js";

const PORTUGUESE = {
  "it was imported before": "já importada antes",
  "it is an entry of this book": "já é um lançamento deste livro",
  "an entry with this account and amount may be the same; decide whether it is":
    "pode ser o mesmo que um lançamento do livro",
  "an entry with this account and amount is the same as a row of another file; decide whether this row is new":
    "um lançamento igual já é de uma linha de outro arquivo; decida se esta é nova",
  "balance": "saldo",
  "total": "total",
  "heading": "título",
  "header again": "cabeçalho repetido",
  "footer": "rodapé",
  "the same row is above, with the same balance": "a mesma linha está acima, com o mesmo saldo",
  "the bank lists it as still to come": "o banco a lista como futura",
  "the amount is zero": "o valor é zero",
  "it has no amount": "não tem valor",
  "it has no day": "não tem data",
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
