// @ts-check
/** Numbers and times as people read them. Pure: `now` is a parameter and nothing touches the page. */

export const MINUTE = 60_000_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** What is shown where there is no figure. */
export const NONE = "–";

/**
 * A number of three significant digits with its unit apart, for "1.24" "M".
 * @param {number|null|undefined} value
 * @returns {{value: string, unit: string}}
 */
export function count(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return { value: NONE, unit: "" };
  const size = Math.abs(value);
  for (const [limit, unit] of /** @type {[number, string][]} */ ([[1e9, "B"], [1e6, "M"], [1e5, "K"]])) {
    if (size >= limit) return { value: digits(value / (limit === 1e5 ? 1e3 : limit)), unit };
  }
  return { value: Number.isInteger(value) ? grouped(value) : digits(value), unit: "" };
}

/** @param {number} value */
function digits(value) {
  const size = Math.abs(value);
  const places = size >= 100 ? 0 : size >= 10 ? 1 : 2;
  return String(Number(value.toFixed(places)));
}

/**
 * Every digit, grouped by thin spaces that do not break.
 * @param {number} value
 */
export function grouped(value) {
  const [whole = "", part] = String(Math.abs(value)).split(".");
  const spaced = whole.length > 4 ? whole.replace(/\B(?=(\d{3})+$)/g, "\u202f") : whole;
  return (value < 0 ? "−" : "") + spaced + (part ? `.${part}` : "");
}

/** @param {number|null|undefined} value */
export const countText = (value) => joined(count(value));

/** @param {{value: string, unit: string}} parts */
export const joined = (parts) => (parts.unit ? `${parts.value} ${parts.unit}` : parts.value);

/**
 * @param {number|null|undefined} value 0 to 1
 * @returns {{value: string, unit: string}}
 */
export function ratio(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return { value: NONE, unit: "" };
  const percent = value * 100;
  if (percent > 0 && percent < 0.1) return { value: "< 0.1", unit: "%" };
  return { value: percent >= 10 ? percent.toFixed(0) : String(Number(percent.toFixed(1))), unit: "%" };
}

/**
 * @param {number|null|undefined} us microseconds
 * @returns {{value: string, unit: string}}
 */
export function latency(us) {
  if (us === null || us === undefined || !Number.isFinite(us)) return { value: NONE, unit: "" };
  if (us < 1000) return { value: us.toFixed(0), unit: "µs" };
  if (us < 999_500) return { value: digits(us / 1000), unit: "ms" };
  if (us < MINUTE) return { value: digits(us / 1e6), unit: "s" };
  if (us < HOUR) return { value: digits(us / MINUTE), unit: "m" };
  return us < DAY ? { value: digits(us / HOUR), unit: "h" } : { value: digits(us / DAY), unit: "d" };
}

/**
 * @param {number|null|undefined} value bytes
 * @returns {{value: string, unit: string}}
 */
export function bytes(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return { value: NONE, unit: "" };
  const units = ["B", "KB", "MB", "GB", "TB", "PB"];
  let at = 0;
  let size = value;
  while (size >= 999.5 && at < units.length - 1) {
    size /= 1000;
    at += 1;
  }
  return { value: at === 0 ? String(size) : digits(size), unit: units[at] ?? "" };
}

/**
 * Dollars as people read them: "$0.0042", "$0.42", "$12.34", "$1,234", "$1.24 M".
 * @param {number|null|undefined} value
 */
export function usd(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return NONE;
  const size = Math.abs(value);
  const sign = value < 0 ? "−" : "";
  if (size > 0 && size < 0.00005) return `${sign}< $0.0001`;
  if (size > 0 && size < 0.0995) return `${sign}$${size < 0.00995 ? size.toFixed(4) : size.toFixed(3).replace(/0$/, "")}`;
  if (size < 999.995) return `${sign}$${size.toFixed(2)}`;
  return size < 999_999.5 ? `${sign}$${commas(size.toFixed(0))}` : `${sign}$${digits(size / 1e6)} M`;
}

/**
 * Dollars where cents would promise too much: "$49", "$4.20".
 * @param {number|null|undefined} value
 */
export const usdRough = (value) => (typeof value === "number" && value >= 9.995 && value < 999.5 ? `$${value.toFixed(0)}` : usd(value));

/**
 * Every digit that the daemon knows: nano-dollars.
 * @param {number} value
 */
export function usdExact(value) {
  const [whole = "", part = ""] = Math.abs(value).toFixed(9).split(".");
  return `${value < 0 ? "−" : ""}$${commas(whole)}.${part.replace(/0{1,7}$/, "")}`;
}

/** @param {string} whole */
const commas = (whole) => whole.replace(/\B(?=(\d{3})+$)/g, ",");

/**
 * The figure of a tile by its unit.
 * @param {number|null} value
 * @param {string} unit
 */
export function figure(value, unit) {
  if (unit === "ratio") return ratio(value);
  if (unit === "ms") return latency(value === null ? null : value * 1000);
  if (unit === "usd") return { value: usd(value), unit: "" };
  return count(value);
}

/**
 * A length of time: "320 ms", "4.2 s", "3 m 12 s", "2 h 5 m", "3 d 4 h".
 * @param {number|null|undefined} us microseconds
 */
export function duration(us) {
  if (us === null || us === undefined || !Number.isFinite(us)) return NONE;
  const ms = Math.max(0, us / 1000);
  if (ms < 1) return "< 1 ms";
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const s = ms / 1000;
  if (s < 9.95) return `${s.toFixed(1)} s`;
  if (s < 59.5) return `${Math.round(s)} s`;
  const whole = Math.round(s);
  if (whole < 3600) return pair(Math.floor(whole / 60), "m", whole % 60, "s");
  if (whole < 86_400) return pair(Math.floor(whole / 3600), "h", Math.floor((whole % 3600) / 60), "m");
  return pair(Math.floor(whole / 86_400), "d", Math.floor((whole % 86_400) / 3600), "h");
}

/** @param {number} a @param {string} x @param {number} b @param {string} y */
const pair = (a, x, b, y) => (b ? `${a} ${x} ${b} ${y}` : `${a} ${x}`);

/**
 * How long something goes on, in whole seconds, for texts that are drawn again each second.
 * @param {number} us
 */
export const running = (us) => (us < 10_000_000 ? `${Math.max(0, Math.floor(us / 1e6))} s` : duration(us));

/**
 * "now", "12 s ago", "3 m ago", "5 h ago", "2 d ago", then the date.
 * @param {number} at
 * @param {number} now
 */
export function ago(at, now) {
  const past = now - at;
  if (past < 2_000_000) return past < -5_000_000 ? clock(at, now) : "now";
  if (past < MINUTE) return `${Math.floor(past / 1e6)} s ago`;
  if (past < HOUR) return `${Math.floor(past / MINUTE)} m ago`;
  if (past < DAY) return `${Math.floor(past / HOUR)} h ago`;
  if (past < 7 * DAY) return `${Math.floor(past / DAY)} d ago`;
  return date(at);
}

/** @param {number} value */
const two = (value) => String(value).padStart(2, "0");

/** @param {number} at */
export function date(at) {
  const day = new Date(at / 1000);
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
}

/** @param {number} at @param {boolean} [seconds] */
export function time(at, seconds = false) {
  const day = new Date(at / 1000);
  return `${two(day.getHours())}:${two(day.getMinutes())}${seconds ? `:${two(day.getSeconds())}` : ""}`;
}

/**
 * The clock time, with the date where it is not today.
 * @param {number} at
 * @param {number} now
 */
export const clock = (at, now) => (date(at) === date(now) ? time(at, true) : `${date(at)} ${time(at)}`);

/**
 * The whole moment, for titles and copies.
 * @param {number} at
 */
export function exact(at) {
  const day = new Date(at / 1000);
  const away = -day.getTimezoneOffset();
  const zone = `${away < 0 ? "−" : "+"}${two(Math.floor(Math.abs(away) / 60))}:${two(Math.abs(away) % 60)}`;
  return `${date(at)} ${time(at, true)}.${String(day.getMilliseconds()).padStart(3, "0")} ${zone}`;
}

/**
 * "1 event", "12 events".
 * @param {number} value
 * @param {string} one
 * @param {string} [many]
 */
export const plural = (value, one, many = `${one}s`) => `${countText(value)} ${value === 1 ? one : many}`;
