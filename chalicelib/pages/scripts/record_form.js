// "Registrar": an amount and Enter; everything else has a default, behind "mais".
import { html, useLayoutEffect, useRef, useState } from "../libraries/preact.js";
import { announce } from "./announce.js";
import { now, ProblemError } from "./api.js";
import { instantOf, wallClock } from "./days.js";
import { locale, t } from "./language.js";
import { centsFromRight, money, parseAmount } from "./money.js";
import { fieldTexts, reasonOf } from "./problems.js";
import { newKey, recordEntry } from "./recorder.js";

const EMPTY = { amount: "", type: "credit", description: "", category: "", account: "", when: "" };

/** `prefilled` changes the form's fields when it changes; `names` are known categories, accounts. */
export function RecordForm({ prefilled, names }) {
  const [fields, setFields] = useState(EMPTY);
  const [errors, setErrors] = useState({});
  const [isSending, setSending] = useState(false);
  const [isOpen, setOpen] = useState(false);
  const key = useRef(null);
  const amountInput = useRef(null);
  useLayoutEffect(() => {
    if (!prefilled) return;
    change(prefilled);
    setOpen(true);
    amountInput.current.focus();
  }, [prefilled]);

  const change = (changed) => {
    key.current ??= newKey();
    setFields((before) => ({ ...before, ...changed }));
    setErrors({});
  };
  const submit = async (event) => {
    event.preventDefault();
    if (isSending) return;
    const amount = parseAmount(fields.amount);
    if (!amount) {
      setErrors({ amount: t("notAnAmount") });
      amountInput.current.focus();
      return;
    }
    setSending(true);
    try {
      const entry = await recordEntry(key.current, bodyOf(fields, amount));
      const shown = money(amount, "BRL", locale());
      if (entry) announce(t("recordedLive", { amount: shown, direction: t(fields.type) }));
      else announce(t("queued", { count: 1 }));
      key.current = null;
      setFields(EMPTY);
    } catch (error) {
      setErrors(errorsOf(error));
      // Another attempt has another body, so it needs another key.
      if (error instanceof ProblemError) key.current = newKey();
    }
    setSending(false);
    amountInput.current.focus();
  };

  const typed = parseAmount(fields.amount);
  return html`
    <form class="card record" aria-labelledby="record-title" onSubmit=${submit} novalidate>
      <h2 id="record-title">${t("record")}</h2>
      <div class="record-line">
        <div class="field amount-field">
          <p class="label-line">
            <label for="amount">${t("amount")}</label>
            <span id="amount-said">${typed && money(typed, "BRL", locale())}</span>
          </p>
          <input id="amount" ref=${amountInput} value=${fields.amount} placeholder=${t("amountHint")}
            inputmode="decimal" autocomplete="off" enterkeyhint="done" data-key="new"
            aria-invalid=${Boolean(errors.amount)} aria-describedby="amount-said amount-error"
            onInput=${(event) => change({ amount: typedAmount(event) })} />
          ${errors.amount && html`<p id="amount-error" class="wrong">${errors.amount}</p>`}
        </div>
        <fieldset class="choice">
          <legend class="visually-hidden">${t("direction")}</legend>
          <${Direction} type="credit" chosen=${fields.type} onChoose=${change} />
          <${Direction} type="debit" chosen=${fields.type} onChoose=${change} />
        </fieldset>
        <button class="first" aria-disabled=${isSending}>${t(isSending ? "recording" : "record")}</button>
      </div>
      ${errors.form && html`<p class="wrong" role="alert">${errors.form}</p>`}
      <details open=${isOpen} onToggle=${(event) => setOpen(event.currentTarget.open)}>
        <summary>${t("more")}<span class="soft"> · ${t("details")}</span></summary>
        <div class="fields">
          <${TextField} name="description" fields=${fields} errors=${errors} onChange=${change} />
          <${TextField} name="category" fields=${fields} errors=${errors} onChange=${change} choices=${names.categories} />
          <${TextField} name="account" fields=${fields} errors=${errors} onChange=${change} choices=${names.accounts} hint="main" />
          <${TextField} name="when" fields=${fields} errors=${{ when: errors.occurred_at }} onChange=${change}
            type="datetime-local" note=${t("whenHint")} />
        </div>
      </details>
    </form>
  `;
}

function Direction({ type, chosen, onChoose }) {
  return html`
    <label class=${`option ${type}`}>
      <input type="radio" name="type" value=${type} checked=${chosen === type} onChange=${() => onChoose({ type })} />
      <span><span aria-hidden="true">${type === "credit" ? "+" : "\u2212"}</span> ${t(type)}</span>
    </label>
  `;
}

function TextField({ name, fields, errors, onChange, type = "text", choices, hint, note }) {
  const id = `record-${name}`;
  return html`
    <div class="field">
      <label for=${id}>${t(name)}${note && html` <span class="soft">(${note})</span>`}</label>
      <input id=${id} type=${type} value=${fields[name]} placeholder=${hint} autocomplete="off"
        list=${choices ? `${id}-choices` : undefined} aria-invalid=${Boolean(errors[name])}
        aria-describedby=${errors[name] ? `${id}-error` : undefined}
        onInput=${(event) => onChange({ [name]: event.currentTarget.value })} />
      ${choices && html`<datalist id=${`${id}-choices`}>${choices.map((choice) => html`<option value=${choice} />`)}</datalist>`}
      ${errors[name] && html`<p id=${`${id}-error`} class="wrong">${errors[name]}</p>`}
    </div>
  `;
}

// A number pad has no separator at hand, so on touch screens digits fill up from the right.
function typedAmount(event) {
  const text = event.currentTarget.value;
  const isPadded = matchMedia("(pointer: coarse)").matches && event.inputType !== "insertFromPaste";
  return isPadded ? centsFromRight(text, locale()) : text;
}

function bodyOf({ type, description, category, account, when }, amount) {
  const clock = when || wallClock(now());
  // The moment of pressing, also for an entry that is sent later.
  const body = { type, amount, occurred_at: instantOf(clock) };
  for (const [name, text] of Object.entries({ description, category, account })) {
    if (text.trim()) body[name] = text.trim();
  }
  return body;
}

function errorsOf(error) {
  if (!(error instanceof ProblemError)) return { form: t("signedOut") };
  const known = ["amount", "description", "category", "account", "occurred_at"];
  const named = Object.keys(error.fields).some((name) => known.includes(name));
  return { ...fieldTexts(error), ...(named ? {} : { form: t("notRecorded", { reason: reasonOf(error) }) }) };
}
