// View, filters and language, in the fragment of the address, which is never sent to the server.
import { createStore } from "./store.js";

export const VIEWS = ["today", "entries"];

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

window.addEventListener("popstate", () => address.set(parse(location.hash)));

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
