// Requests to the service, with the signed-in user's token. Nothing is stored but in memory.
import { BASE } from "./config.js";
import { accessToken, expired } from "./sign_in.js";

const TIMEOUT_MS = 30_000;
const FURTHEST_AHEAD_MS = 30_000;
/** Responses by path, so that an unchanged one is not sent again (RFC 9110, If-None-Match). */
const known = new Map();
let clockDifferenceMs = 0;

/** The service responded with a problem (RFC 9457); `fields` are its messages by field. */
export class ProblemError extends Error {
  constructor(problem, status) {
    super(problem.detail ?? problem.title ?? String(status));
    this.status = status;
    this.problem = problem;
    this.fields = Object.fromEntries((problem.errors ?? []).map((each) => [each.field, each.message]));
  }
}

/** No response: the network, or the service, is down. */
export class OfflineError extends Error {}

/** Return the JSON of a path relative to the pages, such as `v1/entries?limit=10`. */
export async function getJson(path) {
  const before = known.get(path);
  const response = await send(path, { headers: before ? { "If-None-Match": before.tag } : {} });
  if (response.status === 304) return before.body;
  const body = await response.json();
  const tag = response.headers.get("ETag");
  if (tag) known.set(path, { tag, body });
  return body;
}

/** Send a JSON body and return the response's JSON; `key` is the Idempotency-Key of a POST. */
export async function sendJson(method, path, body, key = null) {
  const headers = { "Content-Type": "application/json" };
  if (key) headers["Idempotency-Key"] = key;
  const response = await send(path, { method, headers, body: JSON.stringify(body) });
  return response.status === 204 ? null : response.json();
}

/** Return the response to a request for a file. */
export function getFile(path, mediaType) {
  return send(path, { headers: { Accept: mediaType } });
}

/** Send a request. Throws ProblemError, OfflineError or SignInError. */
export async function send(path, options = {}) {
  const token = await tokenOrOffline();
  let response = await responseTo(path, options, token);
  if (response.status === 401) {
    response = await responseTo(path, options, await tokenOrOffline(token));
  }
  if (response.ok || response.status === 304) return response;
  if (response.status === 401) throw expired();
  throw new ProblemError(await problemOf(response), response.status);
}

/** Now by the service's clock, if this machine's differs from it. */
export function now() {
  return new Date(Date.now() + clockDifferenceMs);
}

/** Forget every response. */
export function forgetResponses() {
  known.clear();
}

async function responseTo(path, options, token) {
  const headers = { ...options.headers, Authorization: `Bearer ${token}` };
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  try {
    const response = await fetch(BASE + path, { ...options, headers, signal, cache: "no-store" });
    noteClock(response);
    return response;
  } catch (error) {
    throw new OfflineError(error.message);
  }
}

async function tokenOrOffline(rejected = null) {
  try {
    return await accessToken(rejected);
  } catch (error) {
    if (error.reason) throw error;
    throw new OfflineError(error.message);
  }
}

async function problemOf(response) {
  try {
    return await response.json();
  } catch {
    return {};
  }
}

function noteClock(response) {
  const stated = Date.parse(response.headers.get("Date") ?? "");
  const difference = stated - Date.now();
  if (!Number.isNaN(stated)) {
    clockDifferenceMs = Math.abs(difference) > FURTHEST_AHEAD_MS ? difference : 0;
  }
}
