// @ts-check
/** Rows as CSV that a spreadsheet opens as text, never as a formula. Pure. */

/**
 * @param {unknown} value
 * @returns {string}
 */
export function cell(value) {
  if (value === null || value === undefined) return "";
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  let text = String(value);
  // A leading =, +, -, @, tab or return starts a formula in spreadsheets, also behind blanks and as full-width forms.
  if (/^[\s\u0000-\u001f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]*[=+\-@|%\uff1d\uff0b\uff0d\uff20]/u.test(text) || /^[\t\r\n]/.test(text)) text = `'${text}`;
  return /[",\r\n;\t']/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * @param {string[]} head
 * @param {unknown[][]} rows
 */
export const csv = (head, rows) => `${[head, ...rows].map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`;
