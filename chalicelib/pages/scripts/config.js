// What the server wrote into the page, and the addresses that follow from it.

const meta = (name) => document.querySelector(`meta[name="${name}"]`).content;

/** The folder of the pages, with a slash at the end; it holds under any stage and base path. */
export const BASE = new URL("../", import.meta.url).href;
export const SIGN_IN_URL = meta("sign-in-url");
export const CLIENT_ID = meta("client-id");
/** The IANA time zone whose midnights separate business days, wherever the browser is. */
export const TIME_ZONE = meta("time-zone");
