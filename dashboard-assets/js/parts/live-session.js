// @ts-check
/** A session that runs now: what it does, what it asks, its open calls and agents. */
import { el, foreign, setForeign, setText, attr, remake } from "../dom.js";
import { sessionName } from "../derive.js";
import { plural } from "../format.js";
import { clean } from "../text.js";
import { sessionPath } from "../url.js";
import { href } from "../router.js";
import { when, setWhen } from "../ticker.js";
import { status } from "./states.js";
import { showAgents } from "./agents.js";

/** @typedef {import("../types.js").LiveSession} LiveSession */

/** @param {LiveSession} first */
export function liveSession(first) {
  const state = el("span");
  const name = foreign("");
  const link = el("a", { class: "name", href: href(sessionPath(first.session_id)), "data-stop": true }, name);
  const since = when(first.state_since_at, "running");
  const facts = el("p", { class: "facts" });
  const asks = el("p", { class: "asks" });
  const calls = el("ul", { class: "running", "aria-label": "Calls that run now" });
  const agents = el("ul", { class: "tree", "aria-label": "Agents" });
  const node = el("li", { class: "live-session" }, el("div", { class: "head" }, state, link, el("span", { class: "since" }, "for ", since)), facts, asks, calls, agents);

  return {
    node,
    /** @param {LiveSession} session */
    update(session) {
      remake(state, session.state, () => [status(session.state)]);
      setForeign(name, sessionName(session));
      setWhen(since, session.state_since_at);
      remake(facts, [session.project, session.model, session.permission_mode, session.prompts, session.tool_calls, session.tool_failures, session.agents], () => factsOf(session));
      setText(asks, session.state === "waiting" ? clean(session.waiting_for) || "Waits for you in its terminal" : "");
      asks.hidden = session.state !== "waiting";
      attr(asks, "dir", "auto");
      calls.hidden = session.open_calls.length === 0;
      remake(calls, session.open_calls, () => session.open_calls.slice(0, 6).map(openCall).concat(rest(session.open_calls.length - 6)));
      showAgents(agents, session.agent_runs);
    },
  };
}

/** @param {LiveSession} session */
const factsOf = (session) => [
  foreign(session.project),
  session.model ? foreign(session.model) : null,
  session.permission_mode && session.permission_mode !== "default" ? el("span", null, clean(session.permission_mode), " mode") : null,
  el("span", null, plural(session.prompts, "prompt")),
  el("span", null, plural(session.tool_calls, "call")),
  session.tool_failures ? el("span", { class: "bad" }, `${plural(session.tool_failures, "failed", "failed")}`) : null,
];

/** @param {import("../types.js").OpenCall} call */
export const openCall = (call) =>
  el("li", null, foreign(call.tool_name, "tool"), foreign(call.summary ?? "", "cut mono"), call.agent_id ? el("span", { class: "chip" }, "agent") : null, el("span", { class: "for" }, when(call.started_at, "running")));

/** @param {number} more */
const rest = (more) => (more > 0 ? [el("li", { class: "muted" }, `and ${more} more`)] : []);
