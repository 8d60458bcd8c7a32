// @ts-check
/** What today, this week and this month cost so far, each with its budget, and where the month is going. */
import { attr, el, keyed, remake, setText } from "../dom.js";
import { monthName } from "../days.js";
import { joined, plural, ratio, usd, usdExact, usdRough } from "../format.js";
import { meter } from "./meter.js";
import { sumLink } from "./sum-link.js";

/** @typedef {import("../types.js").Spending} Spending */
/** @typedef {import("../types.js").PeriodSpending} PeriodSpending */
/** @typedef {{of: PeriodSpending, project: string|undefined}} Item */

const NAMES = /** @type {Record<string, string>} */ ({ day: "Today", week: "This week", month: "This month so far" });

export function spendingTiles() {
  const periods = el("div", { class: "tiles spending" });
  const ahead = forecastTile();
  const note = el("p", { class: "muted small tiles-note" });
  const node = el("section", { "aria-label": "Spending" }, periods, note);
  return {
    node,
    /** @param {Spending} spending @param {string|undefined} project */
    update(spending, project) {
      keyed(periods, spending.periods.map((of) => ({ of, project })), (item) => item.of.period, periodTile);
      if (periods.lastElementChild !== ahead.node) periods.append(ahead.node);
      ahead.update(spending, project);
      remake(note, [spending.periods.map(({ budget }) => budget !== null), Boolean(project)], () => noteOf(spending, project));
    },
  };
}

/** @param {Spending} spending @param {string|undefined} project */
function noteOf({ periods }, project) {
  const set = periods.filter(({ budget }) => budget !== null).length;
  const where = [el("code", null, "[budget]"), " in config.toml; ", el("code", null, "orchd paths"), " says where that is."];
  return [
    el("span", null, "API-equivalent cost: what the requests would cost at list prices. A subscription’s invoice is another."),
    el("span", null, ...(project ? ["Budgets are meant for all projects together and stand beside no single one."] : set === 0 ? ["No budget is set: ", ...where] : ["Budgets warn, nothing is stopped; set them under ", ...where])),
  ];
}

/** @param {Item} first */
function periodTile(first) {
  const cost = sumLink("cost_usd");
  const tokens = sumLink("tokens", true);
  const requests = sumLink("requests", true);
  const words = el("span");
  const name = NAMES[first.of.period] ?? first.of.period;
  const budget = meter(`Budget: ${name}`);
  const node = el("div", { class: "tile spend" }, el("span", { class: "label" }, name), el("span", { class: "value" }, cost.node), el("p", { class: "about" }, tokens.node, " tokens · ", requests.node, " ", words), budget.node);
  return {
    node,
    /** @param {Item} item */
    update({ of: { since, until, sums, budget: used }, project }) {
      const where = { since, until, project };
      for (const link of [cost, tokens, requests]) link.update(sums, where);
      setText(words, sums.requests === 1 ? "request" : "requests");
      budget.node.hidden = used === null;
      if (used === null) return;
      const share = `${joined(ratio(used.ratio))} of ${usd(used.limit_usd)}`;
      budget.update(used.ratio * 100, used.state, used.state === "ok" ? share : `${used.state}: ${share}`, `${usdExact(sums.cost_usd ?? 0)} of ${usdExact(used.limit_usd)}${sums.unknown_cost_requests ? "; requests of unknown cost are not in it" : ""}`);
    },
  };
}

function forecastTile() {
  const label = el("span", { class: "label" });
  const value = el("span", { class: "value" });
  const about = el("p", { class: "about" });
  const warns = el("p", { class: "meter-words" });
  const how = el("div");
  const method = el("details", { class: "how" }, el("summary", null, "How it is made"), how);
  const node = el("div", { class: "tile spend forecast" }, label, value, about, warns, method);
  return {
    node,
    /** @param {Spending} spending @param {string|undefined} project */
    update({ forecast, periods }, project) {
      const month = periods.find(({ period }) => period === "month");
      const { usd: likely, low_usd: low, high_usd: high, days, needed_days: needed } = forecast;
      setText(label, `Forecast for ${month ? monthName(month.since) : "the month"}`);
      const known = likely !== null && low !== null && high !== null;
      attr(value, "class", known ? "value" : "value muted none-yet");
      const [from, to] = [usdRough(low), usdRough(high)];
      setText(value, known ? (from === to ? from : `${from} – ${to}`) : "Not yet");
      attr(value, "title", known ? `${usdExact(low)} to ${usdExact(high)}` : null);
      setText(about, known ? `likely ${usdRough(likely)}${forecast.unknown_cost_requests > 0 ? `; ${plural(forecast.unknown_cost_requests, "request")} of unknown cost not in it` : ""}` : days < needed ? `needs ${needed} whole days, has ${days}` : "no cost of this month is known");
      attr(about, "title", known ? usdExact(likely) : null);
      const limit = month?.budget?.limit_usd;
      const over = known && limit !== undefined && month?.budget?.state !== "exceeded" && high > limit;
      setText(warns, over ? `${low > limit ? "will pass" : likely > limit ? "likely to pass" : "may pass"} the month’s ${usd(limit)}` : "");
      warns.hidden = !over;
      remake(how, [forecast.method, days], () => [el("p", null, forecast.method), el("p", null, `Drawn from ${days} whole days.`)]);
    },
  };
}
