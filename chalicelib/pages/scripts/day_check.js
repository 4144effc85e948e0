// "Conferir este dia": five checks of a closed day, in the browser, from what the service returns.
import { getJson } from "./api.js";
import { addDays } from "./days.js";
import { decimalsOf, minorUnits } from "./money.js";
import { closingRoot, hex, isSigned, leafHash, publicKey, treeRoot } from "./seal.js";

const MOST_DAYS_SEARCHED = 8;
const DAYS_BEFORE = 60;
export const CHECKS = ["key", "signature", "entries", "sums", "chain"];

/**
 * Check the newest closing of a day; `report` gets the result of each check as it is known:
 * `(name, {isValid, values})`, where `isValid` is null for what could not be checked.
 *
 * Returns the files that prove the day: what was read, by name.
 */
export async function checkDay(day, report) {
  const [closings, keys] = await Promise.all([
    getJson(`v1/closings/${day}?limit=200`),
    getJson("v1/closings/public-keys"),
  ]);
  const closing = closings.items[0];
  const leaves = await allLeaves(day, closing.version);
  const step = async (name, check) => report(name, await outcome(check));
  await step("key", () => keyCheck(closing, keys.keys));
  await step("signature", () => signatureCheck(closing, keys.keys));
  await step("entries", () => entriesCheck(closing, leaves));
  await step("sums", () => sumsCheck(closing, leaves));
  await step("chain", () => chainCheck(closing, closings.items));
  return { closing, closings, keys, leaves };
}

/** All leaves of a version, page by page. */
export async function allLeaves(day, version) {
  const items = [];
  let cursor = null;
  do {
    const query = cursor ? `&cursor=${encodeURIComponent(cursor)}` : "";
    const page = await getJson(`v1/closings/${day}/${version}/leaves?limit=200${query}`);
    items.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor);
  return items;
}

async function outcome(check) {
  try {
    return await check();
  } catch (error) {
    return { isValid: false, values: { reason: error.message } };
  }
}

async function keyCheck(closing, keys) {
  const pem = keys[closing.key_id];
  if (!pem) return { isValid: false, values: {} };
  await publicKey(pem);
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(pem.trim()));
  return { isValid: true, values: { fingerprint: hex(new Uint8Array(digest)).slice(0, 16) } };
}

async function signatureCheck(closing, keys) {
  const isRoot = (await closingRoot(closing)) === closing.root;
  const isValid = isRoot && (await isSigned(closing, await publicKey(keys[closing.key_id])));
  return { isValid, values: { version: closing.version } };
}

async function entriesCheck(closing, leaves) {
  const sorted = [...leaves].sort((one, other) => (one.entry < other.entry ? -1 : 1));
  const root = hex(await treeRoot(await Promise.all(sorted.map(leafHash))));
  const ids = new Set(leaves.map((leaf) => leaf.entry));
  const isComplete = leaves.length === closing.entries && ids.size === leaves.length;
  const onDay = leaves.every((leaf) => leaf.day === closing.day);
  const isValid = root === closing.entries_root && isComplete && onDay;
  return { isValid, values: { count: leaves.length, stated: closing.entries } };
}

function sumsCheck(closing, leaves) {
  const sums = new Map();
  for (const leaf of leaves) {
    const name = `${leaf.account} ${leaf.currency}`;
    const sum = sums.get(name) ?? { credit: 0n, debit: 0n, entries: 0 };
    sum[leaf.type] += minorUnits(leaf.amount);
    sum.entries += 1;
    sums.set(name, sum);
  }
  for (const line of closing.balances) {
    const name = `${line.account} ${line.currency}`;
    const sum = sums.get(name) ?? { credit: 0n, debit: 0n, entries: 0 };
    sums.delete(name);
    const [opening, credits, debits, end] = ["opening", "credits", "debits", "closing"].map((part) =>
      minorUnits(line[part]),
    );
    const agrees = sum.credit === credits && sum.debit === debits && sum.entries === line.entries;
    if (!agrees || opening + credits - debits !== end || !hasPlaces(line)) {
      return { isValid: false, values: { line: name } };
    }
  }
  return { isValid: sums.size === 0, values: { line: [...sums.keys()][0] ?? "" } };
}

function hasPlaces(line) {
  return (line.closing.split(".")[1] ?? "").length === decimalsOf(line.currency);
}

async function chainCheck(closing, versions) {
  if (closing.sequence === 1) return { isValid: closing.previous_root === null, values: { sequence: 1 } };
  const previous = await closingBefore(closing, versions);
  if (!previous) return { isValid: null, values: { sequence: closing.sequence } };
  const isIntact = (await closingRoot(previous)) === previous.root;
  const isValid = isIntact && previous.root === closing.previous_root;
  return { isValid, values: { sequence: closing.sequence, day: previous.day, version: previous.version } };
}

// Closings are listed by day. The one before is most often of the last closed day, or, after a late
// entry, of a day nearby.
async function closingBefore(closing, versions) {
  const wanted = closing.sequence - 1;
  const own = versions.find((other) => other.sequence === wanted);
  if (own) return own;
  const range = `from=${addDays(closing.day, -DAYS_BEFORE)}&to=${addDays(closing.day, DAYS_BEFORE)}`;
  const { items } = await getJson(`v1/daily-balances?${range}`);
  const closed = items.filter((item) => item.version !== null && item.day !== closing.day);
  const before = closed.filter((item) => item.day < closing.day).reverse();
  const after = closed.filter((item) => item.day > closing.day);
  for (const { day } of [...before, ...after].slice(0, MOST_DAYS_SEARCHED)) {
    const match = (await getJson(`v1/closings/${day}?limit=200`)).items.find((other) => other.sequence === wanted);
    if (match) return match;
  }
  return null;
}
