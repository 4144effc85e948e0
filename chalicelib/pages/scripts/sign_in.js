// Sign-in by the user pool's hosted page: authorization code with PKCE (RFC 6749, RFC 7636).
//
// Tokens are only in this module's memory. While the browser is at the hosted page, the code
// verifier waits in sessionStorage; it is removed before the code is redeemed. A reload signs in
// again by the session of the hosted page, without a question.
import {
  allowInsecureRequests,
  authorizationCodeGrantRequest,
  calculatePKCECodeChallenge,
  generateRandomCodeVerifier,
  generateRandomState,
  None,
  processAuthorizationCodeResponse,
  processRefreshTokenResponse,
  refreshTokenGrantRequest,
  revocationRequest,
  validateAuthResponse,
} from "../libraries/oauth4webapi.js";
import { CLIENT_ID, SIGN_IN_URL } from "./config.js";
import { createStore } from "./store.js";

const WAITING = "sign-in";
const SCOPES = "livro-caixa/read livro-caixa/write livro-caixa/close";
const RENEW_SECONDS_BEFORE_END = 60;
const server = {
  issuer: SIGN_IN_URL,
  authorization_endpoint: `${SIGN_IN_URL}/oauth2/authorize`,
  token_endpoint: `${SIGN_IN_URL}/oauth2/token`,
  revocation_endpoint: `${SIGN_IN_URL}/oauth2/revoke`,
};
const client = { client_id: CLIENT_ID };
// Only the laptop's user pool has no TLS; it is on this machine.
const insecure = SIGN_IN_URL.startsWith("http:") ? { [allowInsecureRequests]: true } : {};

/** The page that called startSignIn is registered as it is: without query and fragment. */
const ownAddress = () => `${location.origin}${location.pathname}`;

/** Whether the session has ended while the page was open, so that only a new sign-in helps. */
export const sessionEnded = createStore(false);

let tokens = null;
let renewal = null;

/** The user could not sign in; `reason` is the pool's word for it. */
export class SignInError extends Error {
  constructor(reason) {
    super(reason);
    this.reason = reason;
  }
}

/** Go to the hosted page, which returns here; where this browser has a session, at once. */
export async function startSignIn() {
  const verifier = generateRandomCodeVerifier();
  const state = generateRandomState();
  sessionStorage.setItem(WAITING, JSON.stringify({ verifier, state, hash: location.hash }));
  const query = new URLSearchParams({
    response_type: "code",
    client_id: CLIENT_ID,
    redirect_uri: ownAddress(),
    scope: SCOPES,
    state,
    code_challenge: await calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
  });
  location.assign(`${server.authorization_endpoint}?${query}`);
}

/**
 * Complete a sign-in that returned to this page; return whether there was one.
 *
 * The code leaves the address before anything else happens. Throws SignInError.
 */
export async function finishSignIn() {
  const returned = new URL(location.href);
  if (!returned.searchParams.has("code") && !returned.searchParams.has("error")) return false;
  const waiting = JSON.parse(sessionStorage.getItem(WAITING) ?? "null");
  sessionStorage.removeItem(WAITING);
  history.replaceState(null, "", ownAddress() + (waiting?.hash ?? ""));
  if (!waiting) throw new SignInError("no_sign_in_started_here");
  try {
    const parameters = validateAuthResponse(server, client, returned, waiting.state);
    const response = await authorizationCodeGrantRequest(
      server,
      client,
      None(),
      parameters,
      ownAddress(),
      waiting.verifier,
      insecure,
    );
    remember(await processAuthorizationCodeResponse(server, client, response));
  } catch (error) {
    throw new SignInError(error.error ?? error.code ?? error.message);
  }
  return true;
}

/**
 * Return a valid access token, renewed if it ends soon or is the one that the service `rejected`.
 *
 * Throws SignInError: sign in again.
 */
export async function accessToken(rejected = null) {
  if (!tokens) throw new SignInError("signed_out");
  if (sessionEnded.get()) throw new SignInError("expired");
  const endsSoon = tokens.ends - Date.now() < RENEW_SECONDS_BEFORE_END * 1000;
  if (endsSoon || tokens.access === rejected) await renew();
  return tokens.access;
}

/** Who is signed in, by the access token's claims, or null. */
export function signedInUser() {
  if (!tokens) return null;
  const { username, merchant_id: merchant, scope = "" } = claimsOf(tokens.access);
  const has = (name) => scope.split(" ").includes(`livro-caixa/${name}`);
  return { username, merchant, canWrite: has("write"), canClose: has("close") };
}

/** Forget the tokens, revoke them, and end the hosted page's session; it returns to this page. */
export async function signOut() {
  const refresh = tokens?.refresh;
  tokens = null;
  if (refresh) {
    // The session below ends in any case; a token that cannot be revoked now ends within hours.
    await revocationRequest(server, client, None(), refresh, insecure).catch(() => null);
  }
  const query = new URLSearchParams({ client_id: CLIENT_ID, logout_uri: ownAddress() });
  location.replace(`${SIGN_IN_URL}/logout?${query}`);
}

async function renew() {
  renewal ??= requestRenewal().finally(() => {
    renewal = null;
  });
  await renewal;
}

async function requestRenewal() {
  const refresh = tokens.refresh;
  if (!refresh) throw expired();
  let response;
  try {
    response = await refreshTokenGrantRequest(server, client, None(), refresh, insecure);
    remember({ refresh_token: refresh, ...(await processRefreshTokenResponse(server, client, response)) });
  } catch (error) {
    if (!response) throw error; // no network: the caller tries again
    throw expired();
  }
}

/** Note that the service no longer accepts the tokens; return the error to throw. */
export function expired() {
  sessionEnded.set(true);
  return new SignInError("expired");
}

function remember(response) {
  tokens = {
    access: response.access_token,
    refresh: response.refresh_token,
    ends: Date.now() + (response.expires_in ?? 300) * 1000,
  };
}

function claimsOf(token) {
  const base64 = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes));
}
