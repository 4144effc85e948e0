// One import: the bank's balance beside the book's, its rows, and recording or undoing it.
import { html, useState } from "../libraries/preact.js";
import { viewLink } from "./address.js";
import { Amount } from "./amounts.js";
import { announce } from "./announce.js";
import { recordImport, undoImport } from "./bank_files.js";
import { BankRows } from "./bank_rows.js";
import { dayText } from "./days.js";
import { locale, t } from "./language.js";
import { money } from "./money.js";
import { reasonOf } from "./problems.js";
import { useResource } from "./resource.js";
import { Failure, Missing } from "./states.js";

export function BankImport({ id, user }) {
  const path = `v1/imports/${encodeURIComponent(id)}`;
  const read = useResource(path);
  const bank = read.value;
  return html`
    <section class="card" aria-labelledby="bank-title">
      <header>
        <h2 id="bank-title">${t("bank")}${bank && html`: <span>${t(`status_${bank.status}`)}</span>`}</h2>
        <a href=${viewLink("bank")}>${t("backToImports")}</a>
      </header>
      ${bank && read.error && html`<${Failure} resource=${read} what="theImports" />`}
      ${!bank && html`<${Missing} resource=${read} what="theImports"><div class="bone tall"></div></${Missing}>`}
      ${bank?.statements.map((statement) => html`<${TieOut} statement=${statement} />`)}
      ${bank && user.canWrite && html`<${Actions} bank=${bank} />`}
    </section>
    ${bank && html`<${BankRows} bank=${bank} canDecide=${user.canWrite && bank.status === "preview"} />`}
  `;
}

function isZero(amount) {
  return /^-?0+(\.0+)?$/.test(amount ?? "0");
}

function TieOut({ statement }) {
  const { account, currency, from, to, closing_day: day, tie_out: tie } = statement;
  const shown = (each) => (each ? dayText(each, locale(), { day: "2-digit", month: "2-digit", year: "numeric" }) : "–");
  const isEqual = tie && isZero(tie.difference);
  return html`
    <div class="tie">
      <p>${t("accountAndPeriod", { account, from: shown(from), to: shown(to) })}</p>
      ${tie && html`
        <dl class="flows">
          <div><dt>${t("bankBalance")}, ${shown(day)}</dt><dd><${Amount} amount=${tie.file} currency=${currency} /></dd></div>
          <div><dt>${t("bookBalance")}</dt><dd><${Amount} amount=${tie.book} currency=${currency} /></dd></div>
          <div><dt>${t("difference")}</dt><dd><${Amount} amount=${tie.difference} currency=${currency} /></dd></div>
        </dl>
        <p class=${isEqual ? "agrees" : "parted"}>
          <span aria-hidden="true">${isEqual ? "✓" : "!"}</span>
          ${" "}${isEqual ? t("agrees") : t("partedOn", { day: shown(tie.parted_on) })}
          ${!isZero(tie.opening_missing) && ` ${t("openingMissing", { amount: money(tie.opening_missing, currency, locale()) })}`}
        </p>
      `}
    </div>
  `;
}

function Actions({ bank }) {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState(null);
  const [reason, setReason] = useState(null);
  const work = async (action) => {
    if (isBusy) return;
    setBusy(true);
    setError(null);
    try {
      await action();
    } catch (caught) {
      setError(caught);
    }
    setBusy(false);
  };
  const record = () => work(async () => {
    const recorded = await recordImport(bank.id);
    announce(t("recordedRows", { count: recorded.rows.created }));
  });
  const undo = (event) => {
    event.preventDefault();
    work(async () => {
      await undoImport(bank.id, reason.trim());
      setReason(null);
    });
  };
  const { created, needs_decision: undecided } = bank.rows;
  const isOpen = bank.status === "preview" || bank.status === "recording";
  const canUndo = bank.status === "recorded" || bank.status === "undoing";
  return html`
    ${isOpen && undecided > 0 && html`<p>${t("decideFirst", { count: undecided })}</p>`}
    ${isOpen && !undecided && html`
      <div class="buttons">
        <button type="button" class="first" aria-disabled=${isBusy} onClick=${record}>
          ${created ? t("recordRows", { count: created }) : t("nothingToRecord")}
        </button>
      </div>
    `}
    <p role="status">
      ${isBusy && t(isOpen ? "recordingRows" : "undoing")}
      ${!isBusy && bank.status === "recorded" && t("recordedRows", { count: created })}
      ${!isBusy && bank.undone && t("undoneRows", { reversed: bank.undone.reversed, already: bank.undone.already_reversed })}
    </p>
    ${canUndo && reason === null && html`
      <div class="buttons"><button type="button" class="quiet" onClick=${() => setReason("")}>${t("undoImport")}</button></div>
    `}
    ${canUndo && reason !== null && html`
      <form class="inline" onSubmit=${undo}>
        <div class="field">
          <label for="undo-reason">${t("undoExplained")} ${t("reverseWhy")}</label>
          <input id="undo-reason" required maxlength="200" autocomplete="off" value=${reason} onInput=${(event) => setReason(event.currentTarget.value)} />
        </div>
        <button class="first" aria-disabled=${isBusy}>${t("undoImport")}</button>
      </form>
    `}
    ${error && html`<p class="wrong" role="alert">${t("importFailed", { reason: reasonOf(error) })}</p>`}
  `;
}
