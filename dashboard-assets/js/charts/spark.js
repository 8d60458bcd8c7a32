// @ts-check
/** A line of small values: shape only, the figures stand beside it. */
import { el } from "../dom.js";

const SPACE = "http://www.w3.org/2000/svg";

/**
 * The path of a spark line in a box of 100 by 28; gaps where a value is missing. Pure.
 * @param {(number|null)[]} values
 * @returns {{line: string, area: string}}
 */
export function sparkPath(values) {
  const known = values.filter((value) => value !== null && Number.isFinite(value));
  if (known.length === 0 || values.length < 2) return { line: "", area: "" };
  const top = Math.max(.../** @type {number[]} */ (known), 0) || 1;
  let line = "";
  let area = "";
  let from = -1;
  values.forEach((value, at) => {
    if (value === null || !Number.isFinite(value)) {
      from = -1;
      return;
    }
    const x = round((at / (values.length - 1)) * 100);
    const y = round(26 - (value / top) * 24);
    const lone = from < 0 && (values[at + 1] === null || values[at + 1] === undefined);
    line += from < 0 ? `M${lone ? round(Math.max(0, x - 2)) : x} ${y}${lone ? "h2" : ""}` : `L${x} ${y}`;
    if (from < 0) {
      area += `M${x} 28L${x} ${y}`;
      from = x;
    } else area += `L${x} ${y}`;
    const next = values[at + 1];
    if (next === null || next === undefined) area += `L${x} 28Z`;
  });
  return { line, area };
}

/** @param {number} value */
const round = (value) => Math.round(value * 100) / 100;

/** @returns {{node: HTMLElement, update: (values: (number|null)[], label: string) => void}} */
export function spark() {
  const svg = document.createElementNS(SPACE, "svg");
  svg.setAttribute("viewBox", "0 0 100 28");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("class", "spark");
  svg.setAttribute("aria-hidden", "true");
  const area = svg.appendChild(document.createElementNS(SPACE, "path"));
  area.setAttribute("class", "area");
  const line = svg.appendChild(document.createElementNS(SPACE, "path"));
  const words = el("span", { class: "sr" });
  const node = el("div", { class: "spark-box" }, svg, words);
  return {
    node,
    update(values, label) {
      const path = sparkPath(values);
      area.setAttribute("d", path.area);
      line.setAttribute("d", path.line);
      words.textContent = path.line ? label : "";
    },
  };
}
