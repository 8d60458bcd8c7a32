// @ts-check
/** What handing work to the local model saved: four figures, each with its assumption, never added to one another. */
import { attr, el, keyed, remake, setText } from "../dom.js";
import { ranWords, reasonWords } from "../local.js";
import { countText, duration, grouped, joined, plural, ratio, usd, usdExact } from "../format.js";
import { href } from "../router.js";
import { clean } from "../text.js";
import { panel, sideways, table } from "./panel.js";

/** @typedef {import("../types.js").Savings} Savings */
/** @typedef {import("../types.js").SavingFigure} Figure */
/** @typedef {{key: "realised"|"downshift"|"could_have_saved"|"seed_estimate", name: string}} Name */

const NAMES = /** @type {Name[]} */ ([
  { key: "realised", name: "Realised saving" },
  { key: "downshift", name: "Saved by a cheaper Claude model" },
  { key: "could_have_saved", name: "Could have been saved" },
  { key: "seed_estimate", name: "Estimate at a flat price" },
]);

export function savings() {
  const tiles = el("div", { class: "tiles savings" });
  const note = el("p", { class: "muted small tiles-note" });
  const node = el("section", { "aria-label": "What was saved" }, tiles, note);
  const rests = panel("What the realised saving rests on");
  const assumptions = sideways("What the realised saving rests on");
  rests.node.append(assumptions);
  const why = panel("Why it was not the local model");
  const reasons = sideways("Why it was not the local model");
  why.node.append(reasons);
  const behind = el("div", { class: "halves" }, rests.node, why.node);
  return {
    node,
    behind,
    /** @param {Savings} answer @param {Record<string, string>} query of the page */
    update(answer, query) {
      keyed(tiles, NAMES.map((name) => ({ ...name, figure: answer[name.key], none: answer.total.local === 0 })), (item) => item.key, tile);
      const { total } = answer;
      remake(note, [total, answer.optimization_rate, query], () => [
        el("span", null, "Four ways to look at it, each with its own assumption; they are never added."),
        el("span", null, total.tasks === 0 ? "No task was handed over in these days." : wordsOf(answer, query)),
      ]);
      rests.node.hidden = answer.assumptions.length === 0;
      remake(assumptions, [answer.assumptions, answer.own_costs, query], () => [restsTable(answer, query), ownNote(answer)]);
      why.node.hidden = answer.fallback_reasons.length === 0;
      behind.hidden = rests.node.hidden && why.node.hidden;
      remake(reasons, [answer.fallback_reasons, query], () => [
        table([{ name: "Reason" }, { name: "Then" }, { name: "Tasks", num: true }], answer.fallback_reasons.map((one) => [
          reasonWords(one.reason ?? "not told"),
          el("span", { class: "nowrap" }, one.outcome === "fell_back" ? "Claude did it" : "nobody did"),
          el("a", { class: "link", title: "Show these tasks", href: href("/local", { ...query, reason: one.reason, outcome: one.outcome, ran: null }) }, countText(one.tasks)),
        ]), "Why it was not the local model"),
      ]);
    },
  };
}

/** What a link takes along: these days and this project. @param {Record<string, string>} query of the page */
const within = ({ period, since, until, project }) => ({ period: period ?? (since || until ? null : "30d"), since: since ?? null, until: until ?? null, project: project ?? null });

/** @param {Savings} answer @param {Record<string, string>} query of the page */
function wordsOf({ total, tasks_ran: all, optimization_rate: rate }, query) {
  const ran = rate === null ? `None of ${plural(total.tasks, "task")} was finished` : `${joined(ratio(rate / 100))} of the ${plural(all.local + all.claude, "task")} that ran did so here; of those handed over ${ranWords(total)}`;
  const tokens = `${countText(total.input_tokens)} tokens read and ${countText(total.output_tokens)} written`;
  const over = total.overhead_ms > 0 ? ` ${duration(total.overhead_ms * 1000)} of its time led to nothing and is counted as no saving.` : "";
  return el("span", { title: `${grouped(total.input_tokens)} tokens read, ${grouped(total.output_tokens)} written` }, `${ran}, `, el("a", { class: "link", href: href("/costs/requests", { agent: "delegation", ...within(query) }) }, tokens), `.${over}`);
}

/** @param {Savings} answer @param {Record<string, string>} query of the page */
const restsTable = ({ assumptions, own_costs: own }, query) =>
  table(
    [{ name: "Assumption" }, { name: "Tasks", num: true }, { name: "There", num: true }, { name: "Own cost", num: true }, { name: "Saved", num: true }],
    [
      ...assumptions.map((one) => [el("span", { class: "assumes" }, clean(one.text)), one.is_partial ? tasksLink(one.tasks, query, "length") : countText(one.tasks), money(one.displaced_cost_usd), money(one.own_cost_usd), money(one.saving_usd)]),
      ...own.filter((one) => one.led_to === "nothing").map((one) => [el("span", { class: "assumes" }, `Work that led to nothing: taken off no saving. Its own cost: ${priceOf(one.price)}`), countText(one.tasks), "", money(one.cost_usd), ""]),
    ],
    "What the realised saving rests on",
  );

/** @param {string} price */
const priceOf = (price) => clean(price).replace(/^local: /, "");

/** Which prices the own costs are by. @param {Savings} answer */
function ownNote({ own_costs: own }) {
  const prices = [...new Set(own.filter((one) => one.led_to !== "nothing").map((one) => priceOf(one.price)))];
  return prices.length === 0 ? null : el("p", { class: "muted small" }, `Saved is the price there, less its own cost: ${prices.join("; ")}.`);
}

/** @param {number} tasks @param {Record<string, string>} query of the page @param {string} reason */
const tasksLink = (tasks, query, reason) => el("a", { class: "link", title: "Show these tasks", href: href("/local", { ...query, reason, outcome: "completed", ran: null }) }, countText(tasks));

/** @param {number|null} value */
const money = (value) => (value === null ? "unknown" : el("span", { title: usdExact(value) }, usd(value)));

/** @param {Name & {figure: Figure, none: boolean}} first */
function tile({ name, key }) {
  const value = el("span", { class: "value" });
  const assumption = el("p", { class: "about" });
  const node = el("div", { class: `tile spend ${key === "realised" ? "saved" : ""}` }, el("span", { class: "label" }, name), value, assumption);
  return {
    node,
    /** @param {{figure: Figure, none: boolean}} item */
    update({ figure, none }) {
      const known = figure.usd !== null;
      attr(value, "class", known ? "value" : "value muted none-yet");
      setText(value, known ? usd(figure.usd) : figure.reason === "nothing_downshifted" || figure.reason === "too_few_outcomes" ? "Not yet" : none ? "Nothing yet" : "Unknown");
      attr(value, "title", known ? usdExact(figure.usd ?? 0) : null);
      attr(value, "data-exact", figure.usd ?? "unknown");
      setText(assumption, clean(figure.text));
    },
  };
}
