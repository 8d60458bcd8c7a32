// @ts-check
/** The rows of the ledger behind a number: their sum on top, equal to the number, then each of them, the newest first. */
import { el, keyed, remake } from "../dom.js";
import { icon } from "../icons.js";
import { read, latest } from "../api.js";
import { href, refine } from "../router.js";
import { throttled } from "../stream.js";
import { KINDS, NARROWS, NO_PROMPT, whereOf } from "../costs.js";
import { daysWord } from "../days.js";
import { costName } from "../derive.js";
import { plural } from "../format.js";
import * as store from "../store.js";
import { chips } from "../parts/filters.js";
import { csvButton, panel } from "../parts/panel.js";
import { empty, failure, loading } from "../parts/states.js";
import { requestRow, MARKS } from "../parts/request-row.js";
import { sumLinks } from "../parts/sum-link.js";
import { costNames } from "../parts/cost-names.js";

/** @typedef {import("../types.js").RequestRow} RequestRow */
/** @typedef {import("../types.js").RequestList} RequestList */

const ASKED = [...NARROWS, "period"];
const PAGE = 50;

/**
 * @param {HTMLElement} root
 * @param {import("../types.js").Route} first
 * @returns {import("../types.js").View}
 */
export function requests(root, first) {
  let route = first;
  /** @type {RequestRow[]} */
  let rows = [];
  /** @type {RequestList|null} */
  let newest = null;
  /** @type {string|null} */
  let next = null;
  /** @type {RequestList|null} */
  let held = null;
  const names = costNames(() => { if (newest) show(); });
  const linked = chips({ model: "Model", agent: "Agent", session: "Session", prompt: "Prompt" });
  const back = el("a", { class: "btn plain" }, icon("left"), "Costs");
  const about = el("span");
  const [cost, ...rest] = [sumLinks(["cost_usd"]), sumLinks(["requests", ...KINDS.map(([what]) => what)])];
  const [count = "", ...kinds] = rest[0]?.nodes ?? [];
  const sum = el("section", { class: "panel sum-head", "aria-label": "Sum" },
    el("p", { class: "headline" }, el("b", null, ...(cost?.nodes ?? [])), about),
    el("dl", { class: "pairs" }, pair("Requests", count), ...kinds.map((node, at) => pair(KINDS[at]?.[1] ?? "", node, KINDS[at]?.[2]))));
  const top = panel("Requests, the newest first", csvButton("requests", () => csvOf(rows)));
  const body = el("tbody");
  const table = el("table", { class: "table cards requests-table" }, el("caption", { class: "sr" }, "Requests, the newest first"),
    el("thead", null, el("tr", null, ...[["Time"], ["Session"], ["Agent"], ["Model"], ...KINDS.map(([, name]) => [name, "num"]), ["Cost", "num"], ["Price"], ["Marks"]].map(([name, kind]) => el("th", { scope: "col", class: kind }, name ?? "")))), body);
  const pill = el("button", { class: "btn main-action", type: "button", onclick: () => { if (held) take(held); scrollTo(0, 0); } });
  const fresh = el("div", { class: "new-rows", hidden: true }, pill);
  const note = el("div");
  const marks = el("dl", { class: "marks-key small" });
  const foot = el("div", { class: "pager" });
  top.node.append(fresh, table, note, foot, marks);
  root.append(el("div", { class: "stack" }, el("div", { class: "bar" }, back, linked.node), sum, top.node));

  const reading = () => scrollY > 60 || rows.length > PAGE || body.contains(document.activeElement);

  function show() {
    const known = names.known().sessions;
    const name = (/** @type {string} */ id) => costName("session", id, { ...names.known(), projects: store.get().projects });
    keyed(body, rows.map((row) => ({ row, name: name(row.session_id), seen: known.has(row.session_id) })), (item) => item.row.request_seq, requestRow);
    const total = newest?.total;
    if (newest && total) {
      const where = { ...whereOf({ since: route.query.since ?? null, until: route.query.until ?? null }, route.query), prompt: route.query.prompt };
      for (const part of [cost, rest[0]]) part?.update(total, where);
      remake(about, [route.query.since, route.query.until, route.query.period], () => [`API-equivalent cost, ${lower(daysWord({ period: "all", ...route.query }, { since: route.query.since ?? null, until: route.query.until ?? null }))}`]);
    }
    const none = rows.length === 0;
    table.hidden = none;
    sum.hidden = none;
    remake(note, none, () => (none ? [empty("No request matches", "Take a filter away or choose other days. Costs come from transcripts and telemetry; orchd import reads what was done before.", el("button", { class: "btn", type: "button", onclick: () => refine(Object.fromEntries([...ASKED, "project"].map((one) => [one, null]))) }, "Clear all filters"))] : []));
    const all = total?.requests ?? rows.length;
    foot.hidden = none;
    remake(foot, [rows.length, all, next, more.busy()], () => [
      next === null ? el("span", null, `${plural(rows.length, "request")}; that is all of them`) : el("button", { class: "btn", type: "button", disabled: more.busy(), onclick: older }, "Older requests"),
      next !== null && el("span", null, `${plural(rows.length, "request")} of ${plural(all, "request").split(" ")[0]}`),
    ]);
    const used = Object.entries(MARKS).filter(([mark]) => rows.some((row) => row.marks.includes(mark)));
    marks.hidden = used.length === 0 && rows.every((row) => row.cost_usd !== null);
    remake(marks, [used, rows.some((row) => row.cost_usd === null)], () => [
      ...used.flatMap(([mark, text]) => [el("dt", null, el("span", { class: "chip" }, mark)), el("dd", null, text)]),
      ...(rows.some((row) => row.cost_usd === null) ? [el("dt", null, "unknown"), el("dd", null, "no price list has this model, so its cost is not known and in no sum")] : []),
    ]);
  }

  /** @param {RequestList} list */
  function take(list) {
    held = null;
    fresh.hidden = true;
    newest = list;
    rows = list.items;
    next = list.next_cursor;
    show();
  }

  let anew = true;
  const question = latest((/** @type {RequestList} */ answer) => {
    names.ask(true, route.query.session);
    const known = new Set(rows.map((row) => row.request_seq));
    const added = answer.items.filter((row) => !known.has(row.request_seq)).length;
    if (anew || !newest || !reading()) take(answer);
    else if (added > 0 && rows.length > 0) {
      held = answer;
      fresh.hidden = false;
      remake(pill, added, () => [icon("up"), `${added >= PAGE ? `${PAGE}+` : added} new`]);
    } else {
      // The same rows: the newest page is brought up to date where it stands.
      const now = new Map(answer.items.map((row) => [row.request_seq, row]));
      newest = answer;
      rows = rows.map((row) => now.get(row.request_seq) ?? row);
      show();
    }
    anew = false;
  }, (error) => {
    if (newest && !anew) return;
    for (const part of [table, sum, foot, marks]) part.hidden = true;
    remake(note, [String(error)], () => [failure(error, load)]);
  });
  const more = latest((/** @type {RequestList} */ answer) => {
    const known = new Set(rows.map((row) => row.request_seq));
    rows = [...rows, ...answer.items.filter((row) => !known.has(row.request_seq))];
    next = answer.next_cursor;
    queueMicrotask(show);
  }, (error) => remake(foot, String(error), () => [failure(error, older)]));

  const narrowed = () => Object.fromEntries(ASKED.map((one) => [one, route.query[one]]));
  function load() {
    void question.run((signal) => read("requests", { ...narrowed(), limit: PAGE }, signal));
  }
  function older() {
    void more.run((signal) => read("requests", { ...narrowed(), limit: 200, cursor: next }, signal));
  }
  const controls = () => {
    linked.update(route.query.prompt === NO_PROMPT ? { ...route.query, prompt: "none" } : route.query);
    const { model, agent, session, since, until, period } = route.query;
    back.href = href("/costs", { model, agent, session, since, until, period: since || until ? null : (period ?? "all"), group: session ? "prompt" : null });
  };
  const again = throttled(load, 700);
  for (const part of [table, sum, foot, marks]) part.hidden = true;
  remake(note, "loading", () => [loading(8)]);
  controls();
  load();

  return {
    title: "Requests behind a cost",
    project: true,
    range: "days",
    period: "all",
    update(after) {
      const before = route;
      route = after;
      controls();
      if (!ASKED.some((one) => before.query[one] !== after.query[one])) return;
      anew = true;
      more.stop();
      load();
    },
    changed: again.ask,
    destroy() {
      again.stop();
      question.stop();
      more.stop();
      names.stop();
    },
  };
}

/** @param {string} text */
const lower = (text) => text.charAt(0).toLowerCase() + text.slice(1);

/** @param {string} name @param {Node|string} value @param {string} [title] */
const pair = (name, value, title) => el("div", null, el("dt", { title }, name), el("dd", null, value));

/** @param {RequestRow[]} rows */
const csvOf = (rows) => ({
  head: ["requested_at", "session_id", "prompt_id", "agent", "agent_id", "project_dir", "model", ...KINDS.map(([what]) => what), "cache_creation_1h_input_tokens", "web_searches", "cost_usd", "price", "marks", "source", "message_id", "request_id"],
  rows: rows.map((row) => [new Date(row.requested_at / 1000).toISOString(), row.session_id, row.prompt_id, row.agent_type ?? (row.agent_id ? "unknown agent" : "main"), row.agent_id, row.project_dir, row.model, row.input_tokens, row.output_tokens, row.cache_creation_input_tokens, row.cache_read_input_tokens, row.cache_creation_1h_input_tokens, row.web_searches, row.cost_usd, row.price, row.marks.join(" "), row.source, row.message_id, row.request_id]),
});
