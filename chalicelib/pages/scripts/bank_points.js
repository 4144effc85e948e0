// What bank files leave open for the accountant: undecided rows, and days that do not tie out.
import { html } from "../libraries/preact.js";
import { viewLink } from "./address.js";
import { dayText } from "./days.js";
import { locale, t } from "./language.js";
import { minorUnits } from "./money.js";
import { Point } from "./points.js";

/** `imports` is the resource of the newest imports; days count if they are in the month. */
export function BankPoints({ imports, month }) {
  const items = imports.value?.items ?? [];
  const undecided = items.filter((item) => item.status === "preview" && item.rows.needs_decision > 0);
  const rows = undecided.reduce((count, item) => count + item.rows.needs_decision, 0);
  const parted = items.filter((item) => item.status === "recorded").flatMap((item) =>
    item.statements.filter((each) => isParted(each, month)).map((each) => ({ id: item.id, ...each })),
  );
  return html`
    <${Point} isDone=${!rows} done="noUndecidedRows" open="undecidedRows" count=${rows}>
      ${undecided.map((item) => html`<a href=${viewLink("bank", { import: item.id })}>${item.statements.map(statementName).join("; ")}</a>`)}
    </${Point}>
    <${Point} isDone=${!parted.length} done="allTiedOut" open="partedDays" count=${parted.length}>
      ${parted.map((each) => html`<a href=${viewLink("bank", { import: each.id })}>${each.account}, ${dayText(each.closing_day, locale())}</a>`)}
    </${Point}>
  `;
}

/** A statement by its account and last day. */
export function statementName({ account, to }) {
  return to ? `${account}, ${dayText(to, locale())}` : account;
}

function isParted({ closing_day: day, tie_out: tie }, month) {
  return tie && minorUnits(tie.difference) !== 0n && day >= month.first && day <= month.last;
}
