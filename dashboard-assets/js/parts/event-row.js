// @ts-check
/** One event: a line, and its detail opened in place. */
import { el, foreign } from "../dom.js";
import { icon, eventIcon } from "../icons.js";
import { read } from "../api.js";
import { clean } from "../text.js";
import { eventWord } from "../derive.js";
import { duration, exact, grouped } from "../format.js";
import { when } from "../ticker.js";
import { href } from "../router.js";
import { sessionPath } from "../url.js";
import { payload, payloadTools } from "./payload.js";
import { failure, loading } from "./states.js";

/** @typedef {import("../types.js").EventRow} EventRow */
/** @typedef {import("../types.js").EventDetail} EventDetail */

/**
 * @param {EventRow} event
 * @param {(event: EventRow) => void} ontoggle
 */
export function eventRow(event, ontoggle) {
  const inside = el("div", { class: "inside", hidden: true });
  const button = el(
    "button",
    { type: "button", "aria-expanded": "false", "data-stop": true, onclick: () => ontoggle(event) },
    el("span", { class: "when" }, when(event.occurred_at)),
    el("span", { class: "what" }, icon(eventIcon(event.hook_event_name)), foreign(eventWord(event.hook_event_name), "cut")),
    foreign(event.tool_name ?? "", "tool"),
    el("span", { class: "summary" }, event.agent_type || event.agent_id ? foreign(event.agent_type ?? "agent", "agent cut") : null, foreign(event.summary === event.agent_type ? "" : event.summary, "cut"), ...event.flags.filter((flag) => flag !== "spooled").map((flag) => el("span", { class: "chip" }, clean(flag)))),
    el("span", { class: "where cut" }, foreign(event.project), " · ", foreign(event.session_name ?? clean(event.session_id).slice(0, 8))),
    el("span", { class: "took" }, event.duration_ms === null ? "" : duration(event.duration_ms * 1000)),
  );
  const node = el("li", { class: `event ${event.failed ? "failed" : ""}`, "data-event": event.event_id }, button, inside);
  let open = false;
  return {
    node,
    event,
    update: () => {},
    isOpen: () => open,
    /** @param {boolean} wanted */
    open(wanted) {
      if (open === wanted) return;
      open = wanted;
      node.classList.toggle("open", open);
      button.setAttribute("aria-expanded", String(open));
      inside.hidden = !open;
      if (open && !inside.firstChild) void fill(inside, event);
    },
  };
}

/** @param {HTMLElement} inside @param {EventRow} event */
async function fill(inside, event) {
  inside.replaceChildren(loading(3));
  try {
    const detail = /** @type {EventDetail} */ (await read(`events/${encodeURIComponent(event.event_id)}`));
    inside.replaceChildren(eventDetail(detail));
  } catch (error) {
    inside.replaceChildren(failure(error, () => void fill(inside, event)));
  }
}

/** @param {EventDetail} detail */
export function eventDetail(detail) {
  const { event } = detail;
  const rows = /** @type {[string, Node|string|null][]} */ ([
    ["When", exact(event.occurred_at)],
    ["Stored", `${duration(Math.max(0, detail.received_at - event.occurred_at))} later, as number ${grouped(event.seq)}`],
    ["Session", el("a", { class: "link", href: href(sessionPath(event.session_id)) }, foreign(event.session_name ?? event.session_id))],
    ["Only this session", el("a", { class: "link", href: href("/activity", { session: event.session_id }) }, "in the stream")],
    ["Tool", event.tool_name ? el("a", { class: "link", href: href("/activity", { tool: event.tool_name }) }, foreign(event.tool_name)) : null],
    ["Agent", event.agent_id ? el("a", { class: "link", href: href("/activity", { agent: event.agent_id }) }, foreign(event.agent_type ?? event.agent_id)) : null],
    ["Call", event.tool_use_id ? foreign(event.tool_use_id, "mono") : null],
    ["Marks", event.flags.length ? event.flags.map(clean).join(", ") : null],
  ]);
  return el(
    "div",
    { class: "bodies" },
    el("dl", { class: "facts" }, ...rows.filter(([, shown]) => shown !== null).flatMap(([name, shown]) => [el("dt", null, name), el("dd", null, shown)])),
    payload(detail.body),
    payloadTools(detail),
  );
}
