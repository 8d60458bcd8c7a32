// @ts-check
/** Tasks, the newest first, a page after the other; what comes in while one reads waits. */
import { el, keyed, remake } from "../dom.js";
import { icon } from "../icons.js";
import { read, latest } from "../api.js";
import { countText, plural } from "../format.js";
import { csvButton, panel } from "./panel.js";
import { failure, loading } from "./states.js";
import { taskRow } from "./task-row.js";

/** @typedef {import("../types.js").TaskRow} TaskRow */
/** @typedef {import("../types.js").TaskList} TaskList */

/**
 * @param {{title: string, about: "result"|"route", page: number, query: () => Record<string, string|number|boolean|undefined>, nothing: () => Node, onchange: (row: TaskRow) => void, onload?: () => void}} how
 */
export function taskList({ title, about, page, query, nothing, onchange, onload }) {
  /** @type {TaskRow[]} */
  let rows = [];
  /** @type {string|null} */
  let next = null;
  /** @type {TaskList|null} */
  let held = null;
  /** @type {ReturnType<typeof taskRow>|null} */
  let opened = null;
  let anew = true;
  const top = panel(title, csvButton(about === "route" ? "disagreements" : "decisions", () => csvOf(rows)));
  const pill = el("button", { class: "btn main-action", type: "button", onclick: () => { if (held) take(held); } });
  const fresh = el("div", { class: "new-rows", hidden: true }, pill);
  const list = el("ul", { class: "stream", "aria-label": `${title}, the newest first` });
  const note = el("div");
  const foot = el("div", { class: "pager", hidden: true });
  const cells = el("div", { class: "cells" }, ...["When", "To · as good with", "Task, and why", "Ran", "Cost", "Came out"].map((word, at) => el("span", { class: ["", "", "", "ran", "cost", "outcome"][at] }, word)));
  const heads = el("div", { class: `decision heads about-${about}`, "aria-hidden": "true", hidden: true }, cells, about === "result" && el("span", { class: "feedback" }, "Your word"));
  top.node.append(fresh, heads, list, note, foot);
  remake(note, "loading", () => [loading(4)]);

  /** @type {Map<string, ReturnType<typeof taskRow>>} */
  const made = new Map();
  /** @param {TaskRow} row */
  function toggle(row) {
    const wanted = made.get(row.task_id);
    if (!wanted) return;
    if (opened !== wanted) opened?.open(false);
    wanted.open(!wanted.isOpen());
    opened = wanted.isOpen() ? wanted : null;
  }
  /** A task that changed stands where it stood. @param {TaskRow} row */
  function put(row) {
    if (!rows.some((one) => one.task_id === row.task_id)) return;
    rows = rows.map((one) => (one.task_id === row.task_id ? row : one));
    show();
  }

  function show() {
    keyed(list, rows, (row) => row.task_id, (row) => {
      const line = taskRow(row, { about, ontoggle: toggle, onchange });
      made.set(row.task_id, line);
      return line;
    });
    const shown = new Set(rows.map((row) => row.task_id));
    for (const [id, line] of made) {
      if (shown.has(id)) continue;
      made.delete(id);
      if (opened === line) opened = null;
    }
    remake(note, [rows.length === 0, query()], () => (rows.length === 0 ? [nothing()] : []));
    heads.hidden = rows.length === 0;
    onload?.();
    foot.hidden = rows.length === 0 || (next === null && rows.length <= page / 2);
    remake(foot, [rows.length, next, more.busy()], () => [
      next === null ? null : el("button", { class: "btn", type: "button", disabled: more.busy(), onclick: older }, "Older tasks"),
      el("span", null, next === null ? `${plural(rows.length, "task")}; that is all of them` : `${plural(rows.length, "task")} shown`),
    ]);
  }
  /** @param {TaskList} answer */
  function take(answer) {
    held = null;
    fresh.hidden = true;
    rows = answer.rows;
    next = answer.next_cursor;
    show();
  }

  const reading = () => rows.length > page || opened !== null || list.contains(document.activeElement) || list.getBoundingClientRect().top < 0;
  const question = latest((/** @type {TaskList} */ answer) => {
    const known = new Set(rows.map((row) => row.task_id));
    const added = answer.rows.filter((row) => !known.has(row.task_id)).length;
    if (anew || !reading()) take(answer);
    else {
      const now = new Map(answer.rows.map((row) => [row.task_id, row]));
      rows = rows.map((row) => now.get(row.task_id) ?? row);
      show();
      held = added > 0 ? answer : null;
      fresh.hidden = added === 0;
      remake(pill, added, () => [icon("up"), `${added >= page ? `${countText(page)}+` : countText(added)} new`]);
    }
    anew = false;
  }, (error) => {
    if (!anew) return;
    foot.hidden = true;
    remake(note, [String(error)], () => [failure(error, load)]);
  });
  const more = latest((/** @type {TaskList} */ answer) => {
    const known = new Set(rows.map((row) => row.task_id));
    rows = [...rows, ...answer.rows.filter((row) => !known.has(row.task_id))];
    next = answer.next_cursor;
    show();
  }, () => show());
  function load() {
    void question.run((signal) => read("tasks", { ...query(), limit: page }, signal));
  }
  function older() {
    void more.run((signal) => read("tasks", { ...query(), limit: page * 2, cursor: next }, signal));
    show();
  }
  return {
    ...top,
    put,
    load,
    count: () => rows.length,
    /** Other tasks are asked for. */
    restart() {
      anew = true;
      more.stop();
      load();
    },
    escape() {
      if (!opened) return false;
      opened.open(false);
      opened = null;
      return true;
    },
    stop() {
      question.stop();
      more.stop();
    },
  };
}

const COLUMNS = /** @type {(keyof TaskRow)[]} */ (["task_id", "kind", "session_id", "project_dir", "policy", "recommended_route", "confidence", "as_good", "router_version", "change_size", "task_type", "suggested_agent", "used_agent", "local_model_state", "local_model", "ran", "model", "cost_usd", "saving_usd", "outcome", "label", "quality_score", "feedback", "judged_as_good", "judged_by", "duration_ms", "task_preview"]);

/** @param {TaskRow[]} rows */
const csvOf = (rows) => ({ head: ["decided_at", ...COLUMNS, "reasons"], rows: rows.map((row) => [new Date(row.decided_at / 1000).toISOString(), ...COLUMNS.map((name) => row[name]), row.reasons.join("; ")]) });
