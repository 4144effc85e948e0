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
  "it has an amount in both columns, for money in and for money out": "tem valor nas duas colunas, de entrada e de saída",
  "it has no day": "não tem data",
  "it was decided before": "decidida antes",
  "it is left out by decision": "deixada de fora por decisão",
  "its entry was claimed by another row or reversed, and the preview has expired":
    "o lançamento já é de outra linha ou foi estornado, e a prévia venceu",
  "it is more than 5 years old": "tem mais de 5 anos",
};

// `{}` is what the service quotes of the row.
const WITH_VALUES = [
  ["the amount {} is not a number", "o valor {} não é um número"],
  ["the amount {} is not a number of up to {} digits", "o valor {} não é um número de até {} dígitos"],
  ["the amount {} is not in {}", "o valor {} não é em {}"],
  ["the amount {} has more decimals than {}", "o valor {} tem mais casas decimais que {}"],
  ["the amount {} has more than {} digits", "o valor {} tem mais de {} dígitos"],
  ["the amount {} is unclear: write it with two decimals", "o valor {} não é claro: escreva-o com duas casas decimais"],
  ["the amount is neither D nor C, but {}", "o valor não é D nem C, mas {}"],
  ["the amount is in {}, the statement in {}", "o valor é em {}, o extrato em {}"],
  ["the currency {} is not one with two decimals", "a moeda {} não tem duas casas decimais"],
  ["the currency {} is not one of ISO 4217", "a moeda {} não existe na ISO 4217"],
  ["the day {} does not exist", "o dia {} não existe"],
  [
    "the day {} may have its day or its month first, which no row of the file shows: export the whole month, or send a mapping with the order of dates",
    "o dia {} pode ter primeiro o dia ou o mês: exporte o mês inteiro",
  ],
  [
    'the day {} seems to have its month first, as others of the file: send a mapping with "dates": "month-first"',
    "o dia {} parece ter primeiro o mês, como outros do arquivo",
  ],
  ["it has {} cells, the header has {}", "tem {} colunas, o cabeçalho tem {}"],
  ["Currency was withdrawn: {} is accepted for days up to {}.", "a moeda {} saiu de circulação; vale para dias até {}"],
  ["occurred_at must be at most {} years in the past.", "tem mais de {} anos"],
  ["{} is {}", "{} é {}"],
].map(([english, portuguese]) => [new RegExp(`^${english.replaceAll("{}", "(“.*”|\\S+)")}$`, "s"), portuguese]);

/** The reason in the page's language, or as the service says it. */
export function RowReason({ reason }) {
  const translated = language() === "pt" ? inPortuguese(reason) : reason;
  return html`<span class="mark" lang=${translated ? undefined : "en"}>${translated ?? reason}</span>`;
}

function inPortuguese(reason) {
  if (reason in PORTUGUESE) return PORTUGUESE[reason];
  const [pattern, portuguese] = WITH_VALUES.find(([english]) => english.test(reason)) ?? [];
  const values = pattern?.exec(reason).slice(1);
  return portuguese?.replace(/\{\}/g, () => values.shift());
}
