// Amounts: decimal strings outside, whole minor units (BigInt) inside, and never a float.

const DECIMALS = new Map([
  ...["JPY", "KRW", "CLP", "PYG", "VND", "ISK", "UGX", "XAF", "XOF", "XPF"].map((code) => [code, 0]),
  ...["BHD", "KWD", "OMR", "JOD", "TND", "IQD", "LYD"].map((code) => [code, 3]),
]);
const MOST_DIGITS = 15;
const MINUS = "\u2212";

/** The number of decimal places of a currency (ISO 4217). */
export function decimalsOf(currency) {
  return DECIMALS.get(currency) ?? 2;
}

/** The minor units of the API's decimal string: "-12.30" is -1230n. */
export function minorUnits(amount) {
  return BigInt(amount.replace(".", ""));
}

/** The API's decimal string of minor units. */
export function decimalString(minor, currency = "BRL") {
  const decimals = decimalsOf(currency);
  const digits = String(minor < 0n ? -minor : minor).padStart(decimals + 1, "0");
  const sign = minor < 0n ? "-" : "";
  if (!decimals) return sign + digits;
  return `${sign}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

/** An amount as people read it, with a true minus before the currency: −R$ 1.234,50. */
export function money(amount, currency, locale) {
  const sign = amount.startsWith("-") ? MINUS : "";
  // Given a string, Intl keeps all digits (ECMA-402, Intl mathematical value).
  const format = new Intl.NumberFormat(locale, { style: "currency", currency });
  return sign + format.format(amount.replace("-", ""));
}

/** The same without the currency, for tables that name it once. */
export function plainMoney(amount, currency, locale) {
  const sign = amount.startsWith("-") ? MINUS : "";
  const format = new Intl.NumberFormat(locale, { minimumFractionDigits: decimalsOf(currency) });
  return sign + format.format(amount.replace("-", ""));
}

/** What people write for a currency: R$ for BRL. */
export function symbolOf(currency, locale) {
  const parts = new Intl.NumberFormat(locale, { style: "currency", currency }).formatToParts(0);
  return parts.find((part) => part.type === "currency").value;
}

/** An amount with its direction: + for money in, − for money out. */
export function signedMoney(amount, isIn, currency, locale, isPlain = false) {
  const sign = minorUnits(amount) === 0n ? "" : isIn ? "+" : MINUS;
  return sign + (isPlain ? plainMoney : money)(amount, currency, locale);
}

/**
 * The decimal string of a typed amount, or null for what is no amount.
 *
 * The last separator is the decimal one if at most the currency's places follow it: 1.234,56,
 * 1234.56, 1234,5 and 1.234 (a thousand) are all read as people mean them.
 */
export function parseAmount(typed, currency = "BRL") {
  const text = typed.replace(/R\$|\s|\u00a0/g, "");
  if (!/^\d[\d.,]*$/.test(text)) return null;
  const decimals = decimalsOf(currency);
  const last = Math.max(text.lastIndexOf(","), text.lastIndexOf("."));
  const after = last < 0 ? 0 : text.length - last - 1;
  const hasFraction = last >= 0 && after > 0 && after <= decimals;
  const whole = hasFraction ? text.slice(0, last) : text;
  const separator = hasFraction ? text[last] : null;
  if (!isGrouped(whole, separator)) return null;
  const fraction = hasFraction ? text.slice(last + 1).padEnd(decimals, "0") : "0".repeat(decimals);
  const digits = whole.replace(/[.,]/g, "").replace(/^0+(?=\d)/, "");
  if (digits.length + decimals > MOST_DIGITS || !/[1-9]/.test(digits + fraction)) return null;
  return decimals ? `${digits}.${fraction}` : digits;
}

/** What a number pad writes: digits become cents from the right, 15075 is 150,75. */
export function centsFromRight(typed, locale, currency = "BRL") {
  const digits = typed.replace(/\D/g, "").replace(/^0+/, "").slice(0, MOST_DIGITS);
  if (!digits) return "";
  const amount = decimalString(BigInt(digits), currency);
  const places = decimalsOf(currency);
  return new Intl.NumberFormat(locale, { minimumFractionDigits: places }).format(amount);
}

/** The change from one amount to another in whole percent, or null where it has no meaning. */
export function percentChange(before, after) {
  const [from, to] = [minorUnits(before), minorUnits(after)];
  if (from <= 0n) return null;
  return Number(((to - from) * 100n) / from);
}

/** A percentage with its sign: +18%. */
export function signedPercent(percent) {
  const sign = percent < 0 ? MINUS : "+";
  return `${sign}${Math.abs(percent)}%`;
}

/** The sum of decimal strings of a currency. */
export function sum(amounts, currency) {
  return decimalString(amounts.reduce((total, amount) => total + minorUnits(amount), 0n), currency);
}

// Groups of thousands have three digits, and a separator other than the decimal one.
function isGrouped(whole, decimalSeparator) {
  const groups = whole.split(/[.,]/);
  if (groups.length === 1) return true;
  const separators = new Set(whole.replace(/\d/g, ""));
  const [first, ...rest] = groups;
  return (
    separators.size === 1 &&
    !separators.has(decimalSeparator) &&
    /^\d{1,3}$/.test(first) &&
    rest.every((group) => group.length === 3)
  );
}
