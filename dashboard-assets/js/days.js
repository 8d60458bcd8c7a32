// @ts-check
/** Days, weeks and months by their names, as the daemon cuts them. Pure: a day is a text such as 2026-11-22. */

/** The ranges of days that have a name, and their words. */
export const PERIODS = /** @type {[string, string][]} */ ([["today", "Today"], ["7d", "7 d"], ["30d", "30 d"], ["90d", "90 d"], ["month", "Month"], ["year", "Year"], ["all", "All"]]);

const LONG = /** @type {Record<string, string>} */ ({ today: "Today", "7d": "Last 7 days", "30d": "Last 30 days", "90d": "Last 90 days", month: "This month", year: "This year", all: "All time" });
const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
/** Bars that a chart can show; the daemon sends about a hundred at most. */
const MOST = 400;

/** @typedef {{since: string|null, until: string|null}} Days */

/** @param {string} day */
const number = (day) => Math.round(Date.UTC(Number(day.slice(0, 4)), Number(day.slice(5, 7)) - 1, Number(day.slice(8, 10) || 1)) / 86_400_000);

/** @param {number} days since 1970 */
const name = (days) => new Date(days * 86_400_000).toISOString().slice(0, 10);

/** @param {string} day @param {number} by */
export const addDays = (day, by) => name(number(day) + by);

/**
 * The key of the stretch after this one.
 * @param {string} bucket day, week or month
 * @param {string} key
 */
function next(bucket, key) {
  if (bucket === "day") return addDays(key, 1);
  if (bucket === "week") return addDays(key, 7);
  const month = Number(key.slice(0, 4)) * 12 + Number(key.slice(5, 7));
  return `${String(Math.floor(month / 12)).padStart(4, "0")}-${String((month % 12) + 1).padStart(2, "0")}`;
}

/** @param {string} bucket @param {string} key */
const firstDay = (bucket, key) => (bucket === "month" ? `${key}-01` : key);

/**
 * The key of the stretch that a day lies in.
 * @param {string} bucket
 * @param {string} day
 */
export function keyOf(bucket, day) {
  if (bucket === "month") return day.slice(0, 7);
  // 1970-01-01 was a Thursday.
  return bucket === "week" ? addDays(day, -((number(day) + 3) % 7)) : day;
}

/**
 * First and last day of a stretch, within those that were asked for.
 * @param {string} bucket
 * @param {string} key
 * @param {Days} within
 */
export function daysOf(bucket, key, within) {
  const since = firstDay(bucket, key);
  const until = addDays(firstDay(bucket, next(bucket, key)), -1);
  return { since: within.since !== null && within.since > since ? within.since : since, until: within.until !== null && within.until < until ? within.until : until };
}

/**
 * The keys of all stretches from the first to the last, those without requests too: a time axis has no holes.
 * @param {string} bucket
 * @param {string[]} known the oldest first
 * @param {Days} within
 * @param {string} today
 */
export function allKeys(bucket, known, within, today) {
  if (known.length === 0) return [];
  const last = known[known.length - 1] ?? "";
  const first = within.since === null ? (known[0] ?? "") : keyOf(bucket, within.since);
  const end = keyOf(bucket, within.until !== null && within.until < today ? within.until : today);
  /** @type {string[]} */
  const keys = [];
  for (let key = first; key <= (end > last ? end : last) && keys.length < MOST; key = next(bucket, key)) keys.push(key);
  return known.every((key) => keys.includes(key)) ? keys : known;
}

/**
 * What a stretch is called, as a heading.
 * @param {string} bucket
 * @param {string} key
 */
export const bucketName = (bucket, key) => (bucket === "month" ? monthName(key) : bucket === "week" ? `Week of ${key}` : key);

/** @param {string} key a month or a day in it */
export const monthName = (key) => `${MONTHS[Number(key.slice(5, 7)) - 1] ?? key} ${key.slice(0, 4)}`;

/**
 * Days in words, for headings.
 * @param {Record<string, string>} query
 * @param {Days} days of the answer
 */
export function daysWord(query, { since, until }) {
  if (!query.since && !query.until && query.period && Object.hasOwn(LONG, query.period)) return /** @type {string} */ (LONG[query.period]);
  if (since === null && until === null) return "All time";
  if (since === until) return String(since);
  if (since === null) return `Up to ${until}`;
  return until === null ? `Since ${since}` : `${since} to ${until}`;
}
