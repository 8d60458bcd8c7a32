// @ts-check
/** Addresses of the page: path and query to a route and back. Pure. */

/** @typedef {import("./types.js").Route} Route */

const NAMED = /** @type {Record<string, string>} */ ({ "/": "overview", "/activity": "activity", "/costs": "costs", "/costs/requests": "requests", "/local": "local", "/routing": "routing", "/subagents": "subagents", "/sessions": "sessions", "/system": "system" });

/** What goes along from page to page. */
const CARRIED = ["project"];

/**
 * @param {string} path
 * @param {string} search
 * @returns {Route}
 */
export function parse(path, search) {
  /** @type {Record<string, string>} */
  const query = Object.create(null);
  for (const [name, value] of new URLSearchParams(search)) if (value !== "") query[name] = value;
  const plain = path.length > 1 ? path.replace(/\/+$/, "") || "/" : path;
  const session = /^\/sessions\/([^/]+)$/.exec(plain);
  if (session) return { view: "session", id: decoded(session[1] ?? ""), query };
  return { view: Object.hasOwn(NAMED, plain) ? /** @type {string} */ (NAMED[plain]) : "missing", id: null, query };
}

/** @param {string} part */
function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/**
 * A query in a steady order without empty values, with its question mark.
 * @param {Record<string, string|number|boolean|null|undefined>} query
 */
export function search(query) {
  const params = new URLSearchParams();
  for (const name of Object.keys(query).sort()) {
    const value = query[name];
    if (value !== null && value !== undefined && value !== "" && value !== false) params.set(name, String(value));
  }
  const text = params.toString();
  return text ? `?${text}` : "";
}

/**
 * The path of a view; the project filter goes along.
 * @param {string} path
 * @param {Record<string, string|number|boolean|null|undefined>} [query]
 * @param {Route|null} [from]
 */
export function href(path, query = {}, from = null) {
  const carried = Object.fromEntries(CARRIED.map((name) => [name, from?.query[name]]));
  return path + search({ ...carried, ...query });
}

/** @param {string} id */
export const sessionPath = (id) => `/sessions/${encodeURIComponent(id)}`;

/**
 * A link that the daemon sent, if it is a path of this page; else null.
 * @param {string|null|undefined} link
 */
export const own = (link) => (typeof link === "string" && /^\/(?![/\\])[^\\\u0000-\u0020]*$/.test(link) ? link : null);

const SPANS = /** @type {Record<string, number>} */ ({ "15m": 900, "1h": 3600, "24h": 86_400, "7d": 604_800, "30d": 2_592_000 });
export const RANGES = Object.keys(SPANS);

/**
 * The range of a route as bounds in microseconds; `null` bounds are open.
 * @param {Route["query"]} query
 * @param {number} now
 */
export function bounds(query, now) {
  const from = whole(query.from);
  const to = whole(query.to);
  if (from !== null || to !== null) return { from, to };
  const span = Object.hasOwn(SPANS, query.range ?? "") ? SPANS[query.range ?? ""] : undefined;
  return { from: span === undefined ? null : now - span * 1_000_000, to: null };
}

/** @param {string|undefined} text */
const whole = (text) => (text !== undefined && /^\d{1,16}$/.test(text) ? Number(text) : null);
