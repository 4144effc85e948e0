// The category of an entry, corrected in place, and the rule for the next rows of bank files.
import { html, useLayoutEffect, useRef, useState } from "../libraries/preact.js";
import { announce } from "./announce.js";
import { sendJson } from "./api.js";
import { asSlug, useCategories } from "./category_names.js";
import { t } from "./language.js";
import { reasonOf } from "./problems.js";
import { bookChanged } from "./resource.js";

const RULE_ORDER = 100;
const RULE_NAME_LETTERS = 40;

/** `canWrite` says whether the user may correct it. */
export function CategoryForm({ entry, canWrite }) {
  const { items, nameOf, slugOf } = useCategories();
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
  const submit = async (event) => {
    event.preventDefault();
    const category = slugOf(typed) || null;
    try {
      await sendJson("PUT", `v1/entries/${entry.id}/category`, { category });
      announce(t("categorySaved"));
      setError(null);
      if (category && entry.description) setOffered(category);
      setTyped(null);
      bookChanged();
    } catch (caught) {
      setError(reasonOf(caught));
    }
  };
  return html`
    <dd>
      <span dir="auto">${nameOf(entry.category) ?? "–"}</span>
      ${entry.recorded_category !== entry.category && html`<span class="soft"> (${t("recordedCategory", { category: nameOf(entry.recorded_category) ?? "–" })})</span>`}
      ${canWrite && typed === null && html`
        <button type="button" class="link" ref=${change} onClick=${() => setTyped(entry.category ?? "")}>${t("correctCategory")}</button>
      `}
      ${typed !== null && html`
        <form class="inline" onSubmit=${submit}>
          <div class="field">
            <label for="category">${t("category")}</label>
            <input id="category" list="categories" value=${typed} autocomplete="off" autocapitalize="off" ref=${focusOnce}
              aria-invalid=${Boolean(error)} onInput=${(event) => setTyped(event.currentTarget.value)} />
            <datalist id="categories">${items.map((item) => html`<option value=${item.slug}>${item.name}</option>`)}</datalist>
          </div>
          <button class="first">${t("save")}</button>
        </form>
        ${error && html`<p class="wrong" role="alert">${error}</p>`}
      `}
      ${offered && html`<${RuleOffer} entry=${entry} category=${offered} name=${nameOf(offered)} onDone=${() => setOffered(null)} />`}
    </dd>
  `;
}

// "Sempre assim?": a rule for rows with this text.
function RuleOffer({ entry, category, name, onDone }) {
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
      setError(caught.fields?.name ? t("tooManyRules") : reasonOf(caught));
    }
  };
  return html`
    <form class="offer" onSubmit=${submit}>
      <label for="rule-text">${t("alwaysSo", { category: name })}</label>
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

// The same text names the same rule, so that a second correction replaces the first.
function ruleName(text, type) {
  const suffix = type === "credit" ? "-entrada" : "-saida";
  return asSlug(text, RULE_NAME_LETTERS - suffix.length) + suffix;
}

// Numbers in a bank's text differ from row to row.
function withoutNumbers(text) {
  return text.replace(/[\d./-]{3,}.*$/, "").trim() || text;
}
