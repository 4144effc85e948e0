// A value that components watch: they are drawn again when it changes.
import { useLayoutEffect, useState } from "../libraries/preact.js";

/** Return a store with this value. `set` takes a value, or a function of the current one. */
export function createStore(value) {
  const listeners = new Set();
  return {
    get: () => value,
    set(next) {
      value = typeof next === "function" ? next(value) : next;
      for (const listener of [...listeners]) listener(value);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** A hook: the store's value, now and whenever it changes. */
export function useStore(store) {
  const [, redraw] = useState(0);
  useLayoutEffect(() => store.subscribe(() => redraw((count) => count + 1)), [store]);
  return store.get();
}
