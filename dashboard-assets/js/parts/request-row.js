// @ts-check
/** One request of the ledger. */
import { attr, el, foreign, remake, setForeign, setText } from "../dom.js";
import { KINDS } from "../costs.js";
import { clock, countText, exact, grouped, usd, usdExact } from "../format.js";
import { clean } from "../text.js";
import { sessionPage } from "./cost-names.js";

/** @typedef {import("../types.js").RequestRow} RequestRow */
/** @typedef {{row: RequestRow, name: string, seen: boolean}} Item */

/** What is special about a request, in words. */
export const MARKS = /** @type {Record<string, string>} */ ({
  cut: "the stream broke off before its last figures: tokens and cost are a lower bound",
  uncounted: "nobody counted its tokens; its cost is that of its time",
  fast: "fast mode, at its own price",
  batch: "sent in a batch, at its lower price",
  us: "served in the US on demand, at the price for that",
});

/**
 * The price row, without the model where that is the same.
 * @param {Pick<RequestRow, "price"|"model">} row
 */
export const priceName = ({ price, model }) => (price === null ? "no price" : price.endsWith(` ${model}`) ? price.slice(0, -model.length - 1) : price);

/** @param {Item} first */
export function requestRow({ row: first }) {
  const name = foreign("");
  const session = el("a", { class: "name", "data-stop": true }, name);
  const tokens = KINDS.map(([, word]) => el("td", { class: "num", "data-name": word }));
  const cost = el("td", { class: "num strong", "data-name": "Cost" });
  const agent = foreign("");
  const model = foreign("");
  const price = foreign("");
  const marks = el("td");
  const node = el("tr", { class: "row" },
    el("td", { class: "small muted nowrap", title: exact(first.requested_at) }, clock(first.requested_at, Date.now() * 1000)),
    el("td", { class: "cell" }, session), el("td", { class: "cell small" }, agent), el("td", { class: "cell small muted" }, model),
    ...tokens, cost, el("td", { class: "cell small muted none" }, price), marks);
  return {
    node,
    /** @param {Item} item */
    update({ row, name: text, seen }) {
      setForeign(name, text);
      attr(session, "href", sessionPage(row.session_id, seen));
      setForeign(agent, row.agent_type ?? (row.agent_id ? "unknown agent" : "main thread"));
      setForeign(model, row.model);
      KINDS.forEach(([what], at) => {
        const value = row[/** @type {"input_tokens"} */ (what)];
        const cell = tokens[at];
        if (!cell) return;
        setText(cell, countText(value));
        attr(cell, "title", what === "cache_creation_input_tokens" && row.cache_creation_1h_input_tokens ? `${grouped(value)}, of them ${grouped(row.cache_creation_1h_input_tokens)} for an hour` : grouped(value));
      });
      const least = row.marks.includes("cut") && row.cost_usd !== null;
      setText(cost, row.cost_usd === null ? "unknown" : `${least ? "≥ " : ""}${usd(row.cost_usd)}`);
      attr(cost, "title", `${row.cost_usd === null ? (row.price === null ? "No price is known for this model" : `A part of what it used has no price in ${clean(row.price)}`) : `${usdExact(row.cost_usd)} by ${clean(row.price)}`}; told by ${clean(row.source)}${row.web_searches ? `; ${grouped(row.web_searches)} web searches in it` : ""}`);
      setForeign(price, priceName(row));
      attr(price, "title", row.price === null ? "The model is in no price list" : clean(row.price));
      remake(marks, row.marks, () => row.marks.map((mark) => el("span", { class: "chip", title: Object.hasOwn(MARKS, mark) ? MARKS[mark] : null }, clean(mark))));
    },
  };
}
