// @ts-check
/** Can the local model work now, how fast is it, what did it save; and when it is down, how to switch it on. */
import { el, keyed, remake } from "../dom.js";
import { read, latest } from "../api.js";
import { refine } from "../router.js";
import { throttled } from "../stream.js";
import { daysWord } from "../days.js";
import { grouped, plural } from "../format.js";
import { chips } from "../parts/filters.js";
import { csvButton, panel } from "../parts/panel.js";
import { command, empty, failure, loading } from "../parts/states.js";
import { localState } from "../parts/local-state.js";
import { localHistory } from "../parts/local-history.js";
import { localSpeed } from "../parts/local-speed.js";
import { savings } from "../parts/savings.js";
import { delegationRow } from "../parts/delegation-row.js";

/** @typedef {import("../types.js").LocalModelView} LocalModelView */
/** @typedef {import("../types.js").Delegation} Delegation */
/** @typedef {import("../types.js").DelegationList} DelegationList */
/** @typedef {import("../types.js").Savings} Savings */
/** @typedef {import("../types.js").LocalSpeed} LocalSpeed */

const USUAL = "30d";
const ASKED = ["period", "since", "until", "project", "ran", "outcome", "reason", "session"];
/** What narrows the list alone. */
const OF_LIST = ["ran", "outcome", "reason", "session"];
const PAGE = 20;
const PLACES = /** @type {[string, string][]} */ ([["", "All"], ["local", "Local model"], ["claude", "Claude instead"], ["nobody", "Nobody"]]);

/**
 * @param {HTMLElement} root
 * @param {import("../types.js").Route} first
 * @returns {import("../types.js").View}
 */
export function local(root, first) {
  let route = first;
  /** @type {LocalModelView|null} */
  let now = null;
  /** @type {DelegationList|null} */
  let list = null;
  /** @type {import("../types.js").DelegationSums|null} */
  let all = null;
  /** @type {Delegation[]} */
  let rows = [];
  /** @type {ReturnType<typeof delegationRow>|null} */
  let opened = null;

  const state = localState();
  const history = localHistory();
  const saved = savings();
  const speed = localSpeed();
  const tasks = panel("Tasks handed over", csvButton("delegations", () => csvOf(rows)));
  const places = el("div", { class: "seg", role: "group", "aria-label": "Where they ran" });
  tasks.header.append(places);
  const linked = chips({ outcome: "Ended", reason: "Reason", session: "Session" });
  const lines = el("ul", { class: "stream", "aria-label": "Tasks handed over, the newest first" });
  const note = el("div");
  const foot = el("div", { class: "pager" });
  tasks.node.append(linked.node, lines, note, foot);
  const page = el("div", { class: "stack" }, state.node, saved.node, speed.node, tasks.node, saved.behind, history.node, state.models, state.servers);
  const waiting = el("div", { class: "panel" }, loading(6));
  root.append(waiting);

  /** @type {Map<string, ReturnType<typeof delegationRow>>} */
  const made = new Map();
  /** @param {Delegation} row */
  function toggle(row) {
    const next = made.get(row.task_id);
    if (!next) return;
    if (opened !== next) opened?.open(false);
    next.open(!next.isOpen());
    opened = next.isOpen() ? next : null;
  }

  function draw() {
    if (!now) return;
    state.update(now);
    history.update(now);
    const { ran = "" } = route.query;
    linked.update(route.query);
    remake(places, ran, () => PLACES.map(([value, word]) => el("button", { type: "button", "aria-pressed": String(value === ran), onclick: () => refine({ ran: value }) }, word)));
    if (list) {
      keyed(lines, rows, (row) => row.task_id, (row) => {
        const line = delegationRow(row, toggle);
        made.set(row.task_id, line);
        return line;
      });
      const shown = new Set(rows.map((row) => row.task_id));
      for (const [id, line] of made) {
        if (shown.has(id)) continue;
        made.delete(id);
        if (opened === line) opened = null;
      }
      const narrowed = [...OF_LIST, "project"].some((name) => Boolean(route.query[name]));
      remake(note, [rows.length === 0, narrowed, now.now.available], () => (rows.length === 0 ? [nothing(narrowed, now?.now.available ?? false)] : []));
      foot.hidden = rows.length === 0;
      remake(foot, [rows.length, list.next_cursor, all?.tasks, more.busy()], () => [
        list?.next_cursor ? el("button", { class: "btn", type: "button", disabled: more.busy(), onclick: older }, "Older tasks") : null,
        el("span", null, `${plural(rows.length, "task")}${list?.next_cursor ? ` of ${grouped(all?.tasks ?? rows.length)}` : `, ${daysWord({ period: USUAL, ...route.query }, { since: route.query.since ?? null, until: route.query.until ?? null }).toLowerCase()}`}`),
      ]);
    }
    if (!page.isConnected) root.replaceChildren(page);
  }

  const fail = (/** @type {unknown} */ error) => {
    if (page.isConnected) return;
    remake(waiting, String(error), () => [failure(error, load)]);
    if (!waiting.isConnected) root.replaceChildren(waiting);
  };
  const asks = {
    state: latest((/** @type {LocalModelView} */ answer) => { now = answer; draw(); }, fail),
    savings: latest((/** @type {Savings} */ answer) => saved.update(answer, route.query), fail),
    speed: latest((/** @type {LocalSpeed} */ answer) => speed.update(answer), fail),
    tasks: latest((/** @type {DelegationList} */ answer) => {
      const known = new Map(answer.items.map((row) => [row.task_id, row]));
      // Pages that were fetched beyond the first stay where they are.
      const beyond = rows.length > PAGE && answer.items.length > 0 ? rows.filter((row) => !known.has(row.task_id) && row.decided_at < (answer.items[answer.items.length - 1]?.decided_at ?? 0)) : [];
      all = answer.total;
      list = beyond.length > 0 && list ? { ...answer, next_cursor: list.next_cursor } : answer;
      rows = [...answer.items, ...beyond];
      draw();
    }, fail),
  };
  const more = latest((/** @type {DelegationList} */ answer) => {
    list = answer;
    const shown = new Set(rows.map((row) => row.task_id));
    rows = [...rows, ...answer.items.filter((row) => !shown.has(row.task_id))];
    draw();
  }, () => draw());

  const query = () => {
    const asked = /** @type {Record<string, string|undefined>} */ (Object.fromEntries(ASKED.map((one) => [one, route.query[one]])));
    return /** @type {Record<string, string|undefined>} */ ({ ...asked, period: asked.period ?? (asked.since || asked.until ? undefined : USUAL) });
  };
  function older() {
    void more.run((signal) => read("delegations", { ...query(), limit: PAGE, cursor: list?.next_cursor }, signal));
    draw();
  }
  function load() {
    const asked = query();
    const of = { period: asked.period, since: asked.since, until: asked.until, project: asked.project };
    void asks.state.run((signal) => read("local-model", {}, signal));
    void asks.savings.run((signal) => read("savings", of, signal));
    void asks.speed.run((signal) => read("local-model/speed", of, signal));
    void asks.tasks.run((signal) => read("delegations", { ...asked, limit: PAGE }, signal));
  }
  const again = throttled(load, 1000);
  load();

  return {
    title: "Local model",
    project: true,
    range: "days",
    period: USUAL,
    update(next) {
      const before = route;
      route = next;
      if (ASKED.some((one) => before.query[one] !== next.query[one])) {
        rows = [];
        more.stop();
        load();
      } else draw();
    },
    changed: again.ask,
    escape() {
      if (!opened) return false;
      opened.open(false);
      opened = null;
      return true;
    },
    destroy() {
      again.stop();
      more.stop();
      for (const ask of Object.values(asks)) ask.stop();
      speed.destroy();
    },
  };
}

/** @param {boolean} narrowed @param {boolean} available */
const nothing = (narrowed, available) =>
  narrowed
    ? empty("No task matches", "Take a filter away or choose other days.", el("button", { class: "btn", type: "button", onclick: () => refine({ ...Object.fromEntries([...OF_LIST, "project", "since", "until"].map((name) => [name, null])), period: "all" }) }, "Clear all filters"))
    : empty("Nothing was handed over in these days", available ? "Hand a task to the local model, and it shows here with its tokens, its speed and what it saved:" : "Once the local model runs, hand it a task, and it shows here with its tokens, its speed and what it saved:", el("p", null, command("orchd delegate \"explain this file\" --file README.md")));

/** @param {Delegation[]} rows */
const csvOf = (rows) => ({
  head: ["at", "task_id", "policy", "ran", "outcome", "reason", "model", "input_tokens", "output_tokens", "reasoning_tokens", "first_token_ms", "tokens_per_second", "local_ms", "duration_ms", "cost_usd", "displaced_model", "displaced_cost_usd", "saving_usd", "task", "answer"],
  rows: rows.map((row) => [new Date(row.decided_at / 1000).toISOString(), row.task_id, row.policy, row.ran, row.outcome, row.fallback_reason ?? row.reason, row.model, row.input_tokens, row.output_tokens, row.reasoning_tokens, row.first_token_ms, row.tokens_per_second, row.local_ms, row.duration_ms, row.cost_usd, row.displaced_model, row.displaced_cost_usd, row.saving_usd, row.task_preview, row.answer_preview]),
});
