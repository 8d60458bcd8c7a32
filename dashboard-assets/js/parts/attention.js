// @ts-check
/** What needs the user, most urgent first; the first thing on the first page. */
import { el, foreign, setForeign, keyed, attr, remake, announce } from "../dom.js";
import { icon } from "../icons.js";
import { own, sessionPath } from "../url.js";
import { when } from "../ticker.js";
import { marked } from "./states.js";
import { clean } from "../text.js";

/** @typedef {import("../types.js").Attention} Attention */

/** @type {Record<string, import("../icons.js").IconName>} */
const ICONS = { waiting: "wait", failing: "cross", lost: "gone", paused: "wait", spool: "warn", dropped: "warn" };

export function attention() {
  const list = el("ul", { class: "attention" });
  const calm = el("p", { class: "attention calm" }, icon("check"), "Nothing waits for you and nothing is broken.");
  const node = el("section", { "aria-label": "Needs you" }, list, calm);
  let told = "";
  return {
    node,
    /** @param {Attention[]} items */
    update(items) {
      list.hidden = items.length === 0;
      calm.hidden = items.length > 0;
      keyed(list, items, (item) => `${item.kind} ${item.session_id ?? ""} ${item.href ?? ""}`, row);
      const waiting = items.filter((item) => item.kind === "waiting");
      const words = waiting.map((item) => clean(item.text)).join(". ");
      if (words && words !== told) announce(words);
      told = words;
    },
  };
}

/** @param {Attention} first */
function row(first) {
  const link = own(first.href) ?? (first.session_id ? sessionPath(first.session_id) : null);
  const text = foreign("", "text");
  const action = el("p", { class: "action" });
  const since = el("span", { class: "muted small" });
  const inside = [el("span", { class: "mark" }, icon(ICONS[first.kind] ?? "warn")), el("div", null, text, action), since, link ? icon("right") : null];
  const item = link ? el("a", { class: "item", href: link, "data-stop": true }, ...inside) : el("div", { class: "item" }, ...inside);
  const node = el("li", { class: /^[a-z]+$/.test(first.kind) ? first.kind : null }, item);
  return {
    node,
    /** @param {Attention} next */
    update(next) {
      setForeign(text, next.text);
      attr(text, "title", null);
      remake(action, next.action, () => marked(clean(next.action)));
      action.hidden = !next.action;
      remake(since, next.since_at, () => (next.since_at === null ? [] : [when(next.since_at, "running")]));
    },
  };
}
