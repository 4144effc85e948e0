// The rows of an import by outcome, and the decisions about them, also by keys.
import { html, useLayoutEffect, useRef, useState } from "../libraries/preact.js";
import { address, setAddress } from "./address.js";
import { FlowAmount } from "./amounts.js";
import { decideRow } from "./bank_files.js";
import { dayText } from "./days.js";
import { openEntry } from "./entries_view.js";
import { locale, t } from "./language.js";
import { reasonOf } from "./problems.js";
import { useResource } from "./resource.js";
import { RowReason } from "./row_reasons.js";
import { Missing } from "./states.js";
import { useStore } from "./store.js";

const OUTCOMES = ["needs_decision", "created", "duplicate", "refused", "information"];
const PAGE_ROWS = 200;

export function BankRows({ bank, canDecide }) {
  const { filters } = useStore(address);
  const outcome = OUTCOMES.includes(filters.outcome) ? filters.outcome : "";
  const rows = useResource(`v1/imports/${bank.id}/rows?limit=${PAGE_ROWS}${outcome && `&outcome=${outcome}`}`);
  const items = inOrder(rows.value?.items ?? []);
  const [error, setError] = useState(null);
  const list = useRef(null);
  const decide = async (row, decision) => {
    try {
      const entry = decision === "same" ? row.candidates[0]?.entry : null;
      if (decision !== "same" || entry) await decideRow(bank.id, row.row, decision, entry);
      setError(null);
    } catch (caught) {
      setError(caught);
    }
  };
  useRowKeys(list, items, canDecide ? decide : null);
  const currency = bank.statements[0]?.currency ?? "BRL";
  return html`
    <section class="card" aria-labelledby="rows-title">
      <header><h2 id="rows-title">${t("outcomes")}</h2><p class="soft">${t("rowsRead", { count: bank.rows.read })}</p></header>
      <div class="tabs" role="group" aria-labelledby="rows-title">
        ${["", ...OUTCOMES].map((name) => html`
          <button type="button" key=${name} aria-pressed=${outcome === name} onClick=${() => setAddress({ filters: { ...filters, outcome: name } })}>
            ${t(`outcome_${name || "all"}`)} <strong>${name ? bank.rows[name] : bank.rows.read}</strong>
          </button>
        `)}
      </div>
      <p class="soft key-hint">${t("rowKeys")}</p>
      ${error && html`<p class="wrong" role="alert">${t("importFailed", { reason: reasonOf(error) })}</p>`}
      ${!rows.value && html`<${Missing} resource=${rows} what="theImports"><div class="bone row"></div><div class="bone row"></div></${Missing}>`}
      <ol class="plain rows" ref=${list}>
        ${items.map((row) => html`<${BankRow} key=${row.row} row=${row} currency=${currency} onDecide=${canDecide ? decide : null} />`)}
      </ol>
    </section>
  `;
}

function BankRow({ row, currency, onDecide }) {
  const isIn = row.amount && !row.amount.startsWith("-");
  const [candidate] = row.candidates;
  const isPending = row.outcome === "needs_decision";
  return html`
    <li class=${`bank-row ${row.outcome}`} tabindex="-1" data-row=${row.row}>
      <span class="when">${row.day && dayText(row.day, locale(), { day: "2-digit", month: "2-digit" })}</span>
      <span class="what">
        <span dir="auto">${row.description ?? t("noDescription")}</span>
        <span class="marks">
          <span class=${isPending ? "mark waiting" : "mark"}>${t(`row_${row.outcome}`)}</span>
          ${row.reason && row.outcome !== "information" && html`<${RowReason} reason=${row.reason} />`}
          ${row.category && html`<span class="mark" dir="auto">${row.category}${row.rule && `, ${t("byRule", { rule: row.rule })}`}</span>`}
          ${row.decision && html`<span class="mark">${t(`decided_${row.decision}`)}</span>`}
        </span>
      </span>
      ${row.amount && html`<${FlowAmount} amount=${row.amount.replace("-", "")} isIn=${isIn} currency=${currency} />`}
      ${(isPending || row.decision) && onDecide && html`
        <div class="decide" role="group" aria-label=${t("isItTheSame")}>
          ${candidate && html`<p>${t("isItTheSame")} <strong dir="auto">${t("candidate", { day: dayText(candidate.day, locale()), description: candidate.description ?? t("noDescription") })}</strong></p>`}
          <div class="buttons">
            ${candidate && html`<button type="button" class=${isPending ? "first" : ""} onClick=${() => onDecide(row, "same")}>${t("sameAs")}</button>`}
            <button type="button" onClick=${() => onDecide(row, "new")}>${t("itIsNew")}</button>
            <button type="button" onClick=${() => onDecide(row, "leave_out")}>${t("leaveOut")}</button>
          </div>
        </div>
      `}
    </li>
  `;
}

function useRowKeys(list, items, onDecide) {
  useLayoutEffect(() => {
    const press = (event) => {
      if (event.target.closest("input, select, textarea, dialog") || event.ctrlKey || event.metaKey || event.altKey) return;
      const elements = [...(list.current?.children ?? [])];
      const at = elements.findIndex((element) => element.contains(document.activeElement));
      const row = items[at];
      const decision = { a: "same", n: "new", x: "leave_out" }[event.key];
      if (event.key === "j" || event.key === "k") {
        const next = elements[Math.min(Math.max(at + (event.key === "j" ? 1 : -1), 0), elements.length - 1)];
        next?.focus();
      } else if (row && decision && onDecide) onDecide(row, decision);
      else if (row?.entry && event.key === "c") openEntry({ id: row.entry });
      else return;
      event.preventDefault();
      event.stopImmediatePropagation();
    };
    // Before the keys of the page, of which `n` is one.
    document.addEventListener("keydown", press, true);
    return () => document.removeEventListener("keydown", press, true);
  }, [items, onDecide]);
}

// Rows that need a decision come first.
function inOrder(items) {
  return [...items].sort((one, other) => (other.outcome === "needs_decision") - (one.outcome === "needs_decision"));
}
