// @ts-check
/** The limits of the user's plan, where a client told them: what comes first for who pays by the month. */
import { attr, el, keyed, remake } from "../dom.js";
import { duration, exact } from "../format.js";
import { when } from "../ticker.js";
import { meter } from "./meter.js";

/** @typedef {import("../types.js").PlanLimits} PlanLimits */
/** @typedef {{key: string, name: string, window: import("../types.js").PlanWindow, now: number}} Limit */

/** Percent from which a limit is shown as nearly used up; the status line has the same. */
const NEAR = 80;

export function planLimits() {
  const list = el("ul");
  const told = el("p", { class: "muted small" });
  const node = el("section", { class: "panel limits", "aria-label": "Limits of your plan", hidden: true }, el("h2", null, "Your plan"), list, told);
  return {
    node,
    /** @param {PlanLimits} limits @param {number} now */
    update(limits, now) {
      const known = /** @type {Limit[]} */ ([
        { key: "five_hour", name: "5-hour limit", window: limits.five_hour, now },
        { key: "seven_day", name: "7-day limit", window: limits.seven_day, now },
      ].filter(({ window }) => window !== null));
      node.hidden = known.length === 0;
      keyed(list, known, (limit) => limit.key, row);
      remake(told, limits.seen_at, () => (limits.seen_at === null ? [] : ["Told by a client ", when(limits.seen_at)]));
    },
  };
}

/** @param {Limit} first */
function row(first) {
  const bar = meter(first.name);
  const anew = el("span", { class: "muted small" });
  const node = el("li", null, el("div", { class: "limit-head" }, el("span", { class: "label" }, first.name), anew), bar.node);
  return {
    node,
    /** @param {Limit} limit */
    update({ window: { used_percentage: used, resets_at: resets }, now }) {
      const level = used >= 100 ? "exceeded" : used >= NEAR ? "warning" : "ok";
      bar.update(used, level, `${Number(used.toFixed(1))} % used${level === "exceeded" ? ", nothing left" : level === "warning" ? ", little left" : ""}`);
      anew.textContent = resets === null ? "" : resets <= now ? "has started anew since" : `starts anew in ${duration(resets - now)}`;
      attr(anew, "title", resets === null ? null : exact(resets));
    },
  };
}
