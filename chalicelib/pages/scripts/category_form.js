// The category of an entry, corrected in place, and the rule for the next rows of bank files.
import { html, useLayoutEffect, useRef, useState } from "../libraries/preact.js";
import { announce } from "./announce.js";
import { sendJson } from "./api.js";
import { t } from "./language.js";
import { bookChanged, useResource } from "./resource.js";

const RULE_ORDER = 100;
const SLUG_LETTERS = 40;

/** `canWrite` says whether the user may correct it. */
export function CategoryForm({ entry, canWrite }) {
  const registered = useResource(canWrite ? "v1/categories?limit=200" : null);
  const [typed, setTyped] = useState(null);
  const [error, setError] = useState(null);
  const [offered, setOffered] = useState(null);
  const change = useRef(null);
  const isIdle = typed === null && !offered;
  const wasIdle = useRef(isIdle);
  useLayoutEffect(() => {
    if (isIdle && !wasIdle.current) change.current?.focus(); // the focused form is gone
    wasIdle.current = isIdle;
  }, [isIdle]);
  const names = registered.value?.items ?? [];
  const shown = names.find((item) => item.slug === entry.category)?.name ?? entry.category;
  const submit = async (event) => {
    event.preventDefault();
    const category = slugOf(typed, names);
    try {
      await sendJson("PUT", `v1/entries/${entry.id}/category`, { category });
      announce(t("categorySaved"));
      setError(null);
      if (category && entry.description) setOffered(category);
      setTyped(null);
      bookChanged();
    } catch (caught) {
      setError(caught.fields?.category ?? caught.message);
    }
  };
  return html`
    <dd>
      <span dir="auto">${shown ?? "–"}</span>
      ${entry.recorded_category !== entry.category && html`<span class="soft"> (${t("recordedCategory", { category: entry.recorded_category ?? "–" })})</span>`}
      ${canWrite && typed === null && html`
        <button type="button" class="link" ref=${change} onClick=${() => setTyped(entry.category ?? "")}>${t("correctCategory")}</button>
      `}
      ${typed !== null && html`
        <form class="inline" onSubmit=${submit}>
          <div class="field">
            <label for="category">${t("category")}</label>
            <input id="category" list="categories" value=${typed} autocomplete="off" autocapitalize="off" ref=${focusOnce}
              aria-invalid=${Boolean(error)} onInput=${(event) => setTyped(event.currentTarget.value)} />
            <datalist id="categories">${names.map((item) => html`<option value=${item.slug}>${item.name}</option>`)}</datalist>
          </div>
          <button class="first">${t("save")}</button>
        </form>
        ${error && html`<p class="wrong" role="alert">${error}</p>`}
      `}
      ${offered && html`<${RuleOffer} entry=${entry} category=${offered} onDone=${() => setOffered(null)} />`}
    </dd>
  `;
}

// "Sempre assim?": a rule for rows with this text.
function RuleOffer({ entry, category, onDone }) {
  const [text, setText] = useState(withoutNumbers(entry.description));
  const [error, setError] = useState(null);
  const submit = async (event) => {
    event.preventDefault();
    const rule = { order: RULE_ORDER, when: { text: text.trim(), type: entry.type }, then: { category } };
    try {
      await sendJson("PUT", `v1/rules/${ruleName(text, entry.type)}`, rule);
      announce(t("ruleSaved"));
      onDone();
    } catch (caught) {
      setError(Object.values(caught.fields ?? {})[0] ?? caught.message);
    }
  };
  return html`
    <form class="offer" onSubmit=${submit}>
      <label for="rule-text">${t("alwaysSo", { category })}</label>
      <input id="rule-text" required ref=${focusOnce} value=${text} autocomplete="off" dir="auto" onInput=${(event) => setText(event.currentTarget.value)} />
      <div class="buttons">
        <button class="first">${t("always")}</button>
        <button type="button" onClick=${onDone}>${t("onlyThis")}</button>
      </div>
      ${error && html`<p class="wrong" role="alert">${error}</p>`}
    </form>
  `;
}

function focusOnce(input) {
  if (input && !input.dataset.focused) {
    input.dataset.focused = "yes";
    input.focus();
    input.select();
  }
}

// A registered name means its slug; any other text becomes one.
function slugOf(typed, names) {
  const text = typed.trim();
  if (!text) return null;
  const named = names.find((item) => item.name.toLowerCase() === text.toLowerCase());
  return named?.slug ?? (asSlug(text) || text);
}

// The same text names the same rule, so that a second correction replaces the first.
function ruleName(text, type) {
  const suffix = type === "credit" ? "-entrada" : "-saida";
  return asSlug(text).slice(0, SLUG_LETTERS - suffix.length) + suffix;
}

function asSlug(text) {
  const plain = text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  return plain.replace(/[^a-z0-9]+/g, "-").slice(0, SLUG_LETTERS).replace(/^-+|-+$/g, "");
}

// Numbers in a bank's text differ from row to row.
function withoutNumbers(text) {
  return text.replace(/[\d./-]{3,}.*$/, "").trim() || text;
}
