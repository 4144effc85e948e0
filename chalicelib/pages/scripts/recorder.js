// Recording: each entry has one idempotency key, made when typing begins, and is sent until the
// service responds. What cannot be sent now waits in this page's memory.
import { getJson, OfflineError, ProblemError, sendJson } from "./api.js";
import { reasonOf } from "./problems.js";
import { bookChanged } from "./resource.js";
import { SignInError } from "./sign_in.js";
import { createStore } from "./store.js";

const RETRY_MS = 5_000;
const FOLLOW_MS = 1_500;
const FOLLOWED_TIMES = 40;

/** Entries that wait to be sent: `key`, `body`, and `reason` where the service rejected one. */
export const outbox = createStore([]);
/** Recorded entries that the balances do not contain yet. */
export const unsettled = createStore([]);

let sending = null;

/** A new idempotency key. */
export function newKey() {
  return crypto.randomUUID();
}

/**
 * Record an entry; return it, or null if it waits in the outbox.
 *
 * Throws ProblemError if the service rejects it, and SignInError.
 */
export async function recordEntry(key, body) {
  try {
    return settled(await sendJson("POST", "v1/entries", body, key));
  } catch (error) {
    if (!isTemporary(error)) throw error;
    outbox.set((waiting) => [...waiting, { key, body, reason: null }]);
    return null;
  }
}

/** Reverse an entry for a reason; return the new entry. Throws ProblemError and OfflineError. */
export async function reverseEntry(key, entry, reason) {
  return settled(await sendJson("POST", `v1/entries/${entry.id}/reversal`, { reason }, key));
}

/** Remove an entry that the service rejected from the outbox. */
export function discard(key) {
  outbox.set((waiting) => waiting.filter((item) => item.key !== key));
}

/** Forget everything that waits. */
export function forgetOutbox() {
  outbox.set([]);
  unsettled.set([]);
}

/** Send what waits, in order; stop at the first that cannot be sent. */
export async function sendOutbox() {
  sending ??= sendAll().finally(() => {
    sending = null;
  });
  await sending;
}

window.addEventListener("online", sendOutbox);
setInterval(() => outbox.get().some(isWaiting) && sendOutbox(), RETRY_MS);
window.addEventListener("beforeunload", (event) => {
  if (outbox.get().some(isWaiting)) event.preventDefault();
});

async function sendAll() {
  for (const item of outbox.get().filter(isWaiting)) {
    try {
      settled(await sendJson("POST", "v1/entries", item.body, item.key));
      discard(item.key);
    } catch (error) {
      if (isTemporary(error) || error instanceof SignInError) return;
      const reason = reasonOf(error);
      outbox.set((waiting) =>
        waiting.map((other) => (other.key === item.key ? { ...other, reason } : other)),
      );
    }
  }
}

function isWaiting(item) {
  return item.reason === null;
}

function isTemporary(error) {
  const passing = error instanceof ProblemError && (error.status >= 500 || error.status === 429);
  return passing || error instanceof OfflineError;
}

/** Show a recorded entry at once, and follow it until the balances contain it. */
function settled(entry) {
  unsettled.set((entries) => [entry, ...entries.filter((other) => other.id !== entry.id)]);
  follow(entry, FOLLOWED_TIMES);
  return entry;
}

async function follow(entry, times) {
  let complete = false;
  try {
    const path = `v1/daily-balances/${entry.day}?after=${entry.id}`;
    complete = (await getJson(path)).freshness.complete;
  } catch {
    complete = false;
  }
  if (complete) {
    unsettled.set((entries) => entries.filter((other) => other.id !== entry.id));
    bookChanged();
  } else if (times > 0 && unsettled.get().some((other) => other.id === entry.id)) {
    setTimeout(() => follow(entry, times - 1), FOLLOW_MS);
  }
}
