// View, filters and language, in the fragment of the address, which is never sent to the server.
import { createStore } from "./store.js";

export const VIEWS = ["today", "month", "entries", "days", "bank", "accountant"];

/** What the address says: `view`, `language`, and `filters` by name. */
export const address = createStore(parse(location.hash));

/** Change parts of the address; other filters are replaced together. A new view is a step back. */
export function setAddress(changes) {
  const before = address.get();
  const after = { ...before, ...changes };
  const text = serialize(after);
  if (after.view === before.view) history.replaceState(null, "", text);
  else history.pushState(null, "", text);
  address.set(after);
}

/** The address of a view with filters, for a link. */
export function viewLink(view, filters = {}) {
  return serialize({ ...address.get(), view, filters });
}

/** Follow the address of the browser, after it was changed by something else. */
export function readAddress() {
  address.set(parse(location.hash));
}

window.addEventListener("popstate", readAddress);

function parse(hash) {
  const [view, query = ""] = hash.slice(1).split("?");
  const filters = Object.fromEntries(new URLSearchParams(query));
  const language = filters.lang === "en" ? "en" : "pt";
  delete filters.lang;
  return { view: VIEWS.includes(view) ? view : VIEWS[0], language, filters };
}

function serialize({ view, language, filters }) {
  const set = Object.entries(filters).filter(([, text]) => text);
  const query = new URLSearchParams([...set, ...(language === "en" ? [["lang", "en"]] : [])]);
  return `#${view}${query.size ? `?${query}` : ""}`;
}
