// @ts-check
/** One session in the list. */
import { el, foreign, setForeign, setText, attr, remake } from "../dom.js";
import { sessionName, failureRate } from "../derive.js";
import { countText, grouped, joined, ratio } from "../format.js";
import { sessionPath } from "../url.js";
import { href } from "../router.js";
import { clean } from "../text.js";
import { when, setWhen } from "../ticker.js";
import { pinButton } from "./session-edit.js";
import { status } from "./states.js";

/** @typedef {import("../types.js").SessionRow} SessionRow */

/**
 * @param {SessionRow} first
 * @param {(row: SessionRow) => void} done
 * @param {(error: unknown) => void} failed
 */
export function sessionRow(first, done, failed) {
  let current = first;
  const pin = pinButton(() => current, done, failed);
  const name = foreign("");
  const asks = el("div", { class: "small muted cut", dir: "auto" });
  const state = el("td");
  const project = foreign("");
  const model = foreign("");
  const [prompts, calls, agents] = [number("Prompts"), number("Calls"), number("Agents")];
  const bad = el("td", { class: "num", "data-name": "Failed" });
  const started = when(first.started_at);
  const last = when(first.last_event_at);
  const link = el("a", { class: "name", href: href(sessionPath(first.session_id)), "data-stop": true }, name);
  const node = el(
    "tr",
    { class: "row" },
    el("td", { class: "pin-cell" }, pin.node),
    el("td", { class: "wide cell" }, link, asks),
    state,
    el("td", { class: "cell" }, project),
    el("td", { class: "cell small muted" }, model),
    prompts, calls, bad, agents,
    el("td", { class: "num none" }, started),
    el("td", { class: "num" }, last),
  );
  return {
    node,
    /** @param {SessionRow} row */
    update(row) {
      current = row;
      pin.update(row);
      setForeign(name, sessionName(row));
      const about = row.state === "waiting" ? clean(row.waiting_for) : row.label ? clean(row.title) : "";
      setText(asks, about);
      asks.hidden = about === "";
      remake(state, row.state, () => [status(row.state)]);
      setForeign(project, row.project);
      attr(project, "title", row.project_dir);
      setForeign(model, row.model ?? "–");
      put(prompts, row.prompts);
      put(calls, row.tool_calls);
      put(agents, row.agents);
      put(bad, row.tool_failures);
      // Some calls always fail; red is for when it is many.
      attr(bad, "class", row.tool_failures >= 3 && (failureRate(row) ?? 0) >= 0.1 ? "num bad" : "num muted");
      attr(bad, "title", row.tool_failures ? `${joined(ratio(failureRate(row)))} of ${grouped(row.tool_calls)} calls` : null);
      setWhen(started, row.started_at);
      setWhen(last, row.last_event_at);
    },
  };
}

/** @param {string} name */
const number = (name) => el("td", { class: "num", "data-name": name });

/** @param {HTMLElement} cell @param {number} value */
const put = (cell, value) => setText(cell, countText(value));
