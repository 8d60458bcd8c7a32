// @ts-check
/** Text that came from elsewhere, made safe to show: it must not reorder, hide or imitate what stands beside it. */

// Bidi marks, embeddings, overrides and isolates; zero-width space, word joiner, BOM; interlinear marks; tag characters.
const UNSEEN = "\\u061c\\u200b\\u200e\\u200f\\u202a-\\u202e\\u2060\\u2066-\\u2069\\ufeff\\ufff9-\\ufffb\\u{e0000}-\\u{e007f}";
const ONE_LINE = new RegExp(`[\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029]+`, "gu");
const HIDDEN = new RegExp(`[${UNSEEN}]`, "gu");
const IN_BODY = new RegExp(`[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f${UNSEEN}]`, "gu");

/**
 * Returns one line without control or invisible characters.
 * @param {unknown} text
 */
export function clean(text) {
  if (text === null || text === undefined) return "";
  return String(text).slice(0, 4000).replace(ONE_LINE, " ").replace(HIDDEN, "").trim();
}

/**
 * Returns a text of several lines in which control and invisible characters are spelled out, so that a reader sees them.
 * @param {unknown} text
 */
export function spell(text) {
  return String(text).replace(/\r\n/g, "\n").replace(IN_BODY, (found) => `\\u{${(found.codePointAt(0) ?? 0).toString(16)}}`);
}

/**
 * Returns the text cut to `length` characters, with an ellipsis.
 * @param {string} text
 * @param {number} length
 */
export function cut(text, length) {
  const points = Array.from(text.slice(0, length * 2 + 2));
  return points.length > length ? `${points.slice(0, length - 1).join("")}…` : text;
}
