// @ts-check
/** Real paths and queries through the History API. */
import { parse, href as hrefOf, search } from "./url.js";
import * as store from "./store.js";

const read = () => parse(location.pathname, location.search);

/**
 * Goes to a path of this page.
 * @param {string} path
 * @param {{replace?: boolean}} [how]
 */
export function go(path, how = {}) {
  if (path === location.pathname + location.search) return;
  if (how.replace) history.replaceState(history.state, "", path);
  else history.pushState(null, "", path);
  const before = store.get().route;
  const route = read();
  store.set({ route });
  if (!how.replace && (route.view !== before.view || route.id !== before.id)) {
    scrollTo(0, 0);
    document.getElementById("main")?.focus({ preventScroll: true });
  }
}

/**
 * Changes parts of the query and keeps the rest; an empty value removes one.
 * @param {Record<string, string|number|boolean|null|undefined>} change
 * @param {{replace?: boolean}} [how]
 */
export const refine = (change, how = {}) => go(location.pathname + search({ ...store.get().route.query, ...change }), how);

/**
 * A path with what goes along from page to page.
 * @param {string} path
 * @param {Record<string, string|number|boolean|null|undefined>} [query]
 */
export const href = (path, query = {}) => hrefOf(path, query, store.get().route);

export function startRouter() {
  addEventListener("popstate", () => store.set({ route: read() }));
  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    if (!link || link.target || link.hasAttribute("download") || link.origin !== location.origin || link.getAttribute("href")?.startsWith("#")) return;
    if (parse(link.pathname, "").view === "missing") return;
    event.preventDefault();
    go(link.pathname + link.search);
  });
  store.set({ route: read() });
}
