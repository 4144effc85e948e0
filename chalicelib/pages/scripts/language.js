// The page's language: Portuguese, or English by a switch, which is part of the address.
import { address, setAddress } from "./address.js";
import { accountantTexts } from "./texts_accountant.js";
import { bankTexts } from "./texts_bank.js";
import { closingTexts } from "./texts_closing.js";
import { entryTexts } from "./texts_entries.js";
import { monthTexts } from "./texts_month.js";
import { pageTexts } from "./texts_page.js";
import { problemTexts } from "./texts_problems.js";

const TEXTS = {
  ...pageTexts, ...entryTexts, ...closingTexts, ...monthTexts, ...bankTexts, ...accountantTexts, ...problemTexts,
};
const LOCALES = { pt: "pt-BR", en: "en" };

/** The current language, "pt" or "en". */
export function language() {
  return address.get().language;
}

/** The locale of numbers and dates. */
export function locale() {
  return LOCALES[language()];
}

/** Switch to the other language. */
export function switchLanguage() {
  setAddress({ language: language() === "pt" ? "en" : "pt" });
}

/** A text of the page; `{name}` becomes the value of that name, `{name:day|days}` agrees with it. */
export function t(key, values = {}) {
  const text = TEXTS[key][language() === "pt" ? 0 : 1];
  return text.replace(/\{(\w+)(?::([^|}]*)\|([^}]*))?\}/g, (_, name, one, many) => {
    if (one === undefined) return values[name];
    return String(values[name]) === "1" ? one : many;
  });
}
