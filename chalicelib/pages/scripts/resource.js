// What a view reads from the service: the last known value stays while a newer one is read.
import { useEffect, useState } from "../libraries/preact.js";
import { getJson, OfflineError } from "./api.js";
import { createStore } from "./store.js";

const REFRESH_MS = 30_000;
export const SLOW_MS = 10_000;
const values = new Map();
let reads = 0; // a clock may be set back, this count is not
/** Counts what this page has changed, so that every view reads again. */
export const changes = createStore(0);

/** Say that the book has changed. */
export function bookChanged() {
  changes.set((count) => count + 1);
}

/** Forget all that was read. */
export function forgetValues() {
  values.clear();
}

/**
 * A hook: what a path returns, read now, every half minute, when the page is shown again, when the
 * network returns and when this page changes the book.
 *
 * Returns `value` (the last known one, or undefined), `readAt`, `error` (of the last attempt) and
 * `reload`. With `path` null nothing is read.
 */
export function useResource(path) {
  const [, redraw] = useState(0);
  const [attempt, setAttempt] = useState({ path: null, error: null, startedAt: Date.now() });
  useEffect(() => {
    if (path === null) return undefined;
    let ended = false;
    const read = async () => {
      reads += 1;
      const order = reads;
      setAttempt((last) => ({ ...last, path, startedAt: Date.now() }));
      let error = null;
      try {
        const value = await getJson(path);
        const before = values.get(path);
        if (!before || before.order < order) values.set(path, { value, order, readAt: Date.now() });
      } catch (caught) {
        error = caught;
      }
      if (!ended) setAttempt({ path, error, startedAt: null });
    };
    const readIfShown = () => document.visibilityState === "visible" && read();
    read();
    const timer = setInterval(readIfShown, REFRESH_MS);
    const clock = setInterval(() => redraw((count) => count + 1), REFRESH_MS / 6);
    document.addEventListener("visibilitychange", readIfShown);
    window.addEventListener("online", read);
    const unsubscribe = changes.subscribe(read);
    return () => {
      ended = true;
      clearInterval(timer);
      clearInterval(clock);
      document.removeEventListener("visibilitychange", readIfShown);
      window.removeEventListener("online", read);
      unsubscribe();
    };
  }, [path]);
  const known = path === null ? undefined : values.get(path);
  const current = attempt.path === path ? attempt : { error: null, startedAt: Date.now() };
  return {
    value: known?.value,
    readAt: known?.readAt,
    error: current.error,
    isOffline: current.error instanceof OfflineError,
    isSlow: current.startedAt !== null && Date.now() - current.startedAt > SLOW_MS,
    reload: bookChanged,
  };
}
