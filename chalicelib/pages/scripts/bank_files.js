// Sending bank files, and recording and undoing what was previewed; each call may be repeated.
import { send, sendJson } from "./api.js";
import { bookChanged } from "./resource.js";

const TYPES_BY_ENDING = {
  ofx: "application/x-ofx",
  csv: "text/csv",
  tsv: "text/tab-separated-values",
  txt: "text/plain",
};
const ACCOUNTS = "v1/import-accounts";
const MOST_ROUNDS = 600;

/** Create the preview of a file; `options` are account, preset and mapping. Throws ProblemError. */
export async function previewFile(file, options, key) {
  const ending = file.name.split(".").pop().toLowerCase();
  const query = new URLSearchParams(Object.entries(options).filter(([, text]) => text));
  const response = await send(`v1/imports?${query}`, {
    method: "POST",
    headers: {
      "Content-Type": TYPES_BY_ENDING[ending] ?? "application/octet-stream",
      "Idempotency-Key": key,
    },
    body: await file.arrayBuffer(),
  });
  bookChanged();
  return response.json();
}

/** Say which accounts of the book these numbers of banks are; others stay as they are. */
export async function mapAccounts(names, isSecond = false) {
  const response = await send(ACCOUNTS);
  const { accounts } = await response.json();
  const headers = { "Content-Type": "application/json", "If-Match": response.headers.get("ETag") };
  const body = JSON.stringify({ accounts: { ...accounts, ...names } });
  try {
    await send(ACCOUNTS, { method: "PUT", headers, body });
  } catch (error) {
    if (error.status !== 412 || isSecond) throw error;
    await mapAccounts(names, true); // somebody else has changed the map meanwhile
  }
}

/** Decide about one row. */
export async function decideRow(id, row, decision, entry = null) {
  const body = { row, decision, ...(entry && { entry }) };
  try {
    await sendJson("PATCH", `v1/imports/${id}`, { decisions: [body] });
  } finally {
    bookChanged();
  }
}

/** Record all rows of an import, however many requests that takes. */
export function recordImport(id) {
  return untilFinished(`v1/imports/${id}/recording`, {});
}

/** Undo an import, however many requests that takes. */
export function undoImport(id, reason) {
  return untilFinished(`v1/imports/${id}/undo`, { reason });
}

// 202 says that the time of one request was not enough; the next one continues.
async function untilFinished(path, body) {
  const headers = { "Content-Type": "application/json" };
  try {
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      const response = await send(path, { method: "PUT", headers, body: JSON.stringify(body) });
      if (response.status === 200) return await response.json();
    }
    throw new Error("202");
  } finally {
    bookChanged();
  }
}
