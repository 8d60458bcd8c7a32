// @ts-check
/** Who this session is: name, state, and the figures that sum it up. */
import { el, foreign, setForeign, remake, announce, setText } from "../dom.js";
import { sessionName } from "../derive.js";
import { countText, duration, exact } from "../format.js";
import { clean } from "../text.js";
import { href } from "../router.js";
import { when } from "../ticker.js";
import { labelEditor, pinButton } from "../parts/session-edit.js";
import { sumLink } from "../parts/sum-link.js";
import { openCall } from "../parts/live-session.js";
import { status } from "../parts/states.js";

/** @typedef {import("../types.js").SessionRow} SessionRow */

/** @param {string} id @param {(row: SessionRow) => void} onedit */
export function sessionHead(id, onedit) {
  /** @type {SessionRow|null} */
  let current = null;
  const now = () => /** @type {SessionRow} */ (current);
  const name = foreign("");
  const state = el("span");
  const facts = el("p", { class: "facts-line" });
  const numbers = el("span", { class: "facts-line" });
  const cost = sumLink("cost_usd");
  const spent = el("span", { hidden: true, title: "API-equivalent cost: what the requests would cost at list prices" }, "Cost ", el("b", null, cost.node));
  const asks = el("p", { class: "asks", dir: "auto" });
  const tools = el("div", { class: "bar" });
  const open = el("ul", { class: "running", "aria-label": "Calls that run now" });
  const node = el("section", { class: "panel session-head", "aria-label": "Session" });
  /** @type {ReturnType<typeof labelEditor>|null} */
  let label = null;
  /** @type {ReturnType<typeof pinButton>|null} */
  let pin = null;

  return {
    node,
    /** @param {import("../types.js").Costs} costs of the session */
    cost({ total }) {
      spent.hidden = total.requests === 0;
      cost.update(total, { session: id });
    },
    /** @param {import("../types.js").SessionDetail} detail */
    update({ session, spans }) {
      current = session;
      if (!label || !pin) {
        label = labelEditor(now, onedit);
        pin = pinButton(now, onedit, (error) => announce(String(error)));
        tools.append(pin.node, label.node);
        node.append(el("div", { class: "title" }, el("h2", null, name), state, tools), asks, facts, el("p", { class: "facts-line" }, numbers, spent), open);
      }
      setForeign(name, sessionName(session));
      label.update();
      pin.update(session);
      remake(state, [session.state, session.end_reason], () => [status(session.state, session.state === "ended" && session.end_reason ? `ended: ${clean(session.end_reason)}` : session.state)]);
      setText(asks, session.state === "waiting" ? clean(session.waiting_for) || "Waits for you in its terminal" : "");
      asks.hidden = session.state !== "waiting";
      remake(facts, [session.project_dir, session.model, session.permission_mode, session.entrypoint, session.title, session.label, session.session_id], () => [
        el("a", { class: "link", href: href("/sessions", { project: session.project_dir }), title: clean(session.project_dir) }, foreign(session.project)),
        session.model && foreign(session.model),
        session.permission_mode && el("span", null, `${clean(session.permission_mode)} mode`),
        session.entrypoint && foreign(session.entrypoint),
        session.label && session.title && foreign(session.title),
        el("span", { class: "mono", title: "Claude Code's id" }, foreign(session.session_id)),
        el("a", { class: "link", href: href("/activity", { session: session.session_id }) }, "its events"),
      ]);
      const now_open = spans.filter((span) => span.status === "open").slice(-3).reverse();
      open.hidden = now_open.length === 0;
      remake(open, now_open, () => now_open.map((span) => openCall(span)));
      remake(numbers, session, () => [
        el("span", { title: exact(session.started_at) }, "Started ", when(session.started_at)),
        el("span", null, "Lasted ", el("b", null, duration((session.ended_at ?? session.last_event_at) - session.started_at))),
        number(session.prompts, "prompts"),
        number(session.tool_calls, "calls"),
        session.tool_failures ? el("span", { class: "bad" }, el("b", { class: "bad" }, countText(session.tool_failures)), " failed") : null,
        number(session.agents, "agents"),
        session.compactions ? number(session.compactions, "compactions") : null,
        number(session.events, "events"),
      ]);
    },
  };
}

/** @param {number} value @param {string} word */
const number = (value, word) => el("span", null, el("b", null, countText(value)), ` ${value === 1 ? word.slice(0, -1) : word}`);
