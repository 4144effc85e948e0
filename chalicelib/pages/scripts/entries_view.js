// "Lançamentos": newest first, by filters that are part of the address.
import { html, useEffect, useRef, useState } from "../libraries/preact.js";
import { address, setAddress } from "./address.js";
import { getJson } from "./api.js";
import { useCategories } from "./category_names.js";
import { EntryRow } from "./entry_row.js";
import { t } from "./language.js";
import { unsettled } from "./recorder.js";
import { useResource } from "./resource.js";
import { Age, Failure, Missing } from "./states.js";
import { useStore } from "./store.js";

const PAGE_ITEMS = 40;
const TYPING_MS = 300;
const NAMES = ["q", "type", "from", "to", "account", "category", "uncategorized"];

export function EntriesView() {
  const { filters } = useStore(address);
  const query = queryOf(filters);
  const first = useResource(`v1/entries?${query}`);
  const rest = useFurtherPages(query);
  const waiting = useStore(unsettled);
  const categories = useCategories();
  const pages = [first.value, ...rest.pages].filter(Boolean);
  const entries = distinct(pages.flatMap((page) => page.items));
  const next = pages.at(-1)?.next_cursor;
  const hasFilters = NAMES.some((name) => filters[name]);
  return html`
    <section class="card" aria-labelledby="entries-title">
      <header><h2 id="entries-title">${t("entries")}</h2><${Age} resource=${first} /></header>
      <${Filters} filters=${filters} hasFilters=${hasFilters} categories=${categories} />
      ${first.value && first.error && html`<${Failure} resource=${first} what="theEntries" />`}
      ${!first.value && html`
        <${Missing} resource=${first} what="theEntries">
          ${[1, 2, 3, 4, 5, 6].map(() => html`<div class="bone row"></div>`)}
        </${Missing}>
      `}
      ${first.value && !entries.length && html`<p class="empty">${t(hasFilters ? "noMatches" : "noEntries")}</p>`}
      <ul class="plain entries">
        ${entries.map((entry) => html`
          <${EntryRow} key=${entry.id} entry=${entry} waits=${waiting.some((other) => other.id === entry.id)} onOpen=${openEntry} nameOf=${categories.nameOf} />
        `)}
      </ul>
      ${rest.error && html`<p class="wrong" role="alert">${t("readFailed", { what: t("theEntries") })}</p>`}
      ${next && html`<button type="button" class="quiet" onClick=${() => rest.read(next)}>${t("showMore")}</button>`}
    </section>
  `;
}

/** Show the details of an entry above the current view. */
export function openEntry(entry) {
  setAddress({ filters: { ...address.get().filters, entry: entry.id } });
}

function Filters({ filters, hasFilters, categories }) {
  const set = (changed) => setAddress({ filters: { ...filters, ...changed } });
  const [isOpen, setOpen] = useState(NAMES.slice(1).some((name) => filters[name]));
  const clear = () => {
    setAddress({ filters: {} });
    document.getElementById("filter-q").focus();
  };
  return html`
    <form role="search" class="filters" onSubmit=${(event) => event.preventDefault()}>
      <${SearchField} text=${filters.q ?? ""} onChange=${(q) => set({ q })} />
      <details open=${isOpen} onToggle=${(event) => setOpen(event.currentTarget.open)}>
        <summary>${t("filters")}</summary>
        <div class="fields">
          <div class="field">
            <label for="filter-type">${t("type")}</label>
            <select id="filter-type" value=${filters.type ?? ""} onChange=${(event) => set({ type: event.currentTarget.value })}>
              <option value="">${t("both")}</option>
              <option value="credit">${t("credit")}</option>
              <option value="debit">${t("debit")}</option>
            </select>
          </div>
          ${["from", "to", "account"].map((name) => html`
            <div class="field">
              <label for=${`filter-${name}`}>${t(name)}</label>
              <input id=${`filter-${name}`} type=${name === "from" || name === "to" ? "date" : "text"}
                value=${filters[name] ?? ""} autocomplete="off" autocapitalize="off"
                onChange=${(event) => set({ [name]: event.currentTarget.value.trim() })} />
            </div>
          `)}
          <div class="field">
            <label for="filter-category">${t("category")}</label>
            <input id="filter-category" list="filter-categories" value=${categories.nameOf(filters.category ?? "")} autocomplete="off" autocapitalize="off"
              onChange=${(event) => set({ category: categories.slugOf(event.currentTarget.value) })} />
            <datalist id="filter-categories">${categories.items.map((item) => html`<option value=${item.name} />`)}</datalist>
          </div>
          <label class="check">
            <input type="checkbox" checked=${filters.uncategorized === "true"}
              onChange=${(event) => set({ uncategorized: event.currentTarget.checked ? "true" : "" })} />
            ${t("withoutCategory")}
          </label>
        </div>
      </details>
      ${hasFilters && html`<button type="button" class="link" onClick=${clear}>${t("clearFilters")}</button>`}
    </form>
  `;
}

// The list follows what is typed, a moment after the last letter.
function SearchField({ text, onChange }) {
  const [typed, setTyped] = useState(text);
  const timer = useRef(null);
  const searched = useRef(text);
  useEffect(() => {
    if (text !== searched.current) setTyped(text); // by a link or the browser, not by typing
    searched.current = text;
  }, [text]);
  const input = (event) => {
    const now = event.currentTarget.value;
    setTyped(now);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      searched.current = now.trim();
      onChange(searched.current);
    }, TYPING_MS);
  };
  return html`
    <div class="field">
      <label for="filter-q">${t("search")}</label>
      <input id="filter-q" type="search" data-key="search" value=${typed} autocomplete="off" onInput=${input} />
    </div>
  `;
}

function useFurtherPages(query) {
  const [state, setState] = useState({ query, pages: [], error: null });
  const current = state.query === query ? state : { query, pages: [], error: null };
  const read = async (cursor) => {
    try {
      const page = await getJson(`v1/entries?${query}&cursor=${encodeURIComponent(cursor)}`);
      setState({ query, pages: [...current.pages, page], error: null });
    } catch (error) {
      setState({ ...current, error });
    }
  };
  return { ...current, read };
}

function queryOf(filters) {
  const set = NAMES.filter((name) => filters[name]).map((name) => [name, filters[name]]);
  return new URLSearchParams([["limit", PAGE_ITEMS], ...set]).toString();
}

// An entry recorded between two reads may be on two pages.
function distinct(entries) {
  return [...new Map(entries.map((entry) => [entry.id, entry])).values()];
}
