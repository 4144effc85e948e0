// The details of an entry, and its reversal.
import { html, useLayoutEffect, useRef, useState } from "../libraries/preact.js";
import { address, setAddress } from "./address.js";
import { FlowAmount } from "./amounts.js";
import { announce } from "./announce.js";
import { OfflineError } from "./api.js";
import { CategoryForm } from "./category_form.js";
import { dayText, momentText } from "./days.js";
import { Dialog } from "./dialog.js";
import { EntryProof } from "./entry_proof.js";
import { locale, t } from "./language.js";
import { money } from "./money.js";
import { reasonOf } from "./problems.js";
import { newKey, reverseEntry } from "./recorder.js";
import { useResource } from "./resource.js";
import { Failure, Missing } from "./states.js";

/** The entry that the address names. */
export function EntryDialog({ id, user }) {
  const read = useResource(`v1/entries/${encodeURIComponent(id)}`);
  const close = () => {
    const { entry: _, ...filters } = address.get().filters;
    setAddress({ filters });
  };
  const entry = read.value;
  return html`
    <${Dialog} title=${t("entry")} onClose=${close}>
      ${read.error && html`<${Failure} resource=${read} what="theEntries" />`}
      ${entry ? html`<${Details} entry=${entry} canWrite=${user.canWrite} />` : !read.error && html`<${Missing} resource=${read} what="theEntries"><div class="bone tall"></div></${Missing}>`}
      ${entry && user.canWrite && html`<${Reversal} entry=${entry} />`}
      ${entry && html`<${EntryProof} entry=${entry} />`}
    </${Dialog}>
  `;
}

function Details({ entry, canWrite }) {
  const long = { weekday: "long", day: "numeric", month: "long", year: "numeric" };
  return html`
    <p class="figure"><${FlowAmount} amount=${entry.amount} isIn=${entry.type === "credit"} currency=${entry.currency} struck=${Boolean(entry.reversed_by)} /></p>
    <p dir="auto">${entry.description ?? html`<span class="soft">${t("noDescription")}</span>`}</p>
    ${entry.reversed_by && html`<p class="mark-line">${t("reversedEntry")}</p>`}
    ${entry.reverses && html`<p class="mark-line">${t("reversalEntry")}</p>`}
    <dl class="details">
      <div><dt>${t("businessDay")}</dt><dd>${dayText(entry.day, locale(), long)}</dd></div>
      <div><dt>${t("occurredAt")}</dt><dd>${momentText(entry.occurred_at, locale())}</dd></div>
      <div><dt>${t("recordedAt")}</dt><dd>${momentText(entry.recorded_at, locale())}</dd></div>
      <div><dt>${t("category")}</dt><${CategoryForm} entry=${entry} canWrite=${canWrite} /></div>
      <div><dt>${t("account")}</dt><dd>${entry.account}</dd></div>
      ${Object.entries(entry.metadata).map(([name, text]) => html`<div><dt dir="auto">${name}</dt><dd dir="auto">${text}</dd></div>`)}
      <div><dt>${t("entryId")}</dt><dd><code>${entry.id}</code></dd></div>
    </dl>
  `;
}

function Reversal({ entry }) {
  const [isOpen, setOpen] = useState(false);
  const [reason, setReason] = useState("");
  const [error, setError] = useState(null);
  const [isSending, setSending] = useState(false);
  const key = useRef(newKey());
  const reasonInput = useRef(null);
  useLayoutEffect(() => reasonInput.current?.focus(), [isOpen]); // before the next key
  if (entry.reversed_by || entry.reverses) return null;
  const submit = async (event) => {
    event.preventDefault();
    if (isSending) return;
    const closeButton = event.currentTarget.closest("dialog").querySelector(".head button");
    setSending(true);
    try {
      await reverseEntry(key.current, entry, reason.trim());
      announce(t("reversedLive", { amount: money(entry.amount, entry.currency, locale()) }));
      closeButton.focus(); // this form disappears
    } catch (caught) {
      setError(reasonOf(caught, "alreadyReversed"));
      if (!(caught instanceof OfflineError)) key.current = newKey();
    }
    setSending(false);
  };
  if (!isOpen) {
    return html`<div class="buttons"><button type="button" class="quiet" onClick=${() => setOpen(true)}>${t("reverse")}</button></div>`;
  }
  return html`
    <form class="reversal" onSubmit=${submit}>
      <p class="soft">${t("reverseExplained")}</p>
      <label for="reason">${t("reverseWhy")}</label>
      <input id="reason" ref=${reasonInput} value=${reason} maxlength="200" required autocomplete="off"
        onInput=${(event) => setReason(event.currentTarget.value)} />
      ${error && html`<p class="wrong" role="alert">${error}</p>`}
      <div class="buttons">
        <button class="first" aria-disabled=${isSending}>${t("reverse")}</button>
        <button type="button" onClick=${() => setOpen(false)}>${t("cancel")}</button>
      </div>
    </form>
  `;
}
