// @ts-check
/** What stands on the right when a call or a moment is chosen; payloads are fetched when asked for. */
import { el, foreign, remake } from "../dom.js";
import { icon } from "../icons.js";
import { read } from "../api.js";
import { clean } from "../text.js";
import { duration, exact } from "../format.js";
import { failure, loading, status } from "../parts/states.js";
import { payload, payloadTools } from "../parts/payload.js";
import { markWord } from "../timeline/kinds.js";
import { waitOf } from "../timeline/lanes.js";

/** @typedef {import("../types.js").Span} Span */
/** @typedef {import("../types.js").EventDetail} EventDetail */

/** @param {() => void} onclose */
export function detailPanel(onclose) {
  const node = el("aside", { class: "panel detail", "aria-label": "Chosen call", hidden: true });
  return {
    node,
    /** @param {import("../timeline/timeline.js").Chosen|null} chosen @param {import("../types.js").SessionDetail} detail */
    update(chosen, detail) {
      node.hidden = chosen === null;
      if (chosen === null) return;
      const agent = "span" in chosen ? detail.agent_runs.find((run) => run.agent_id === chosen.span.agent_id) : undefined;
      const prompt = detail.marks.find((mark) => mark.kind === "prompt" && mark.prompt_id !== null && mark.prompt_id === ("span" in chosen ? chosen.span.prompt_id : null));
      remake(node, chosen, () => {
        const title = "span" in chosen ? foreign(chosen.span.tool_name) : markWord(chosen.mark.kind);
        const close = el("button", { class: "btn plain icon-only", type: "button", "aria-label": "Close", onclick: onclose }, icon("cross"));
        const facts = "span" in chosen ? spanFacts(chosen.span, agent, prompt, detail.now_at) : [/** @type {[string, Node|string|null]} */ (["When", exact(chosen.mark.at)]), /** @type {[string, Node|string|null]} */ (["Text", chosen.mark.text ? foreign(chosen.mark.text) : null])];
        const ids = "span" in chosen ? /** @type {[string, string|null][]} */ ([["Asked for", chosen.span.start_event_id], ["Result", chosen.span.end_event_id]]) : /** @type {[string, string|null][]} */ ([["Payload", chosen.mark.event_id]]);
        return [
          el("header", null, el("h2", null, title), "span" in chosen && status(chosen.span.status), close),
          el("div", { class: "inside" },
            el("dl", { class: "facts" }, ...facts.filter(([, shown]) => shown !== null).flatMap(([name, shown]) => [el("dt", null, name), el("dd", null, shown)])),
            ...ids.filter(([, id]) => id !== null).map(([name, id]) => bodyOf(name, /** @type {string} */ (id)))),
        ];
      });
    },
  };
}

/**
 * @param {Span} span
 * @param {import("../types.js").AgentRun|undefined} agent
 * @param {import("../types.js").Mark|undefined} prompt
 * @param {number} now
 * @returns {[string, Node|string|null][]}
 */
function spanFacts(span, agent, prompt, now) {
  const wait = waitOf({ span, from: span.started_at, to: span.ended_at ?? now, row: 0 });
  return [
    ["About", span.summary ? foreign(span.summary) : null],
    ["Started", exact(span.started_at)],
    ["Took", span.ended_at === null ? "still running" : duration(span.ended_at - span.started_at)],
    ["Tool itself", span.duration_ms === null ? null : duration(span.duration_ms * 1000)],
    ["Waited for you", wait ? duration(wait[1] - wait[0]) : null],
    ["Agent", agent ? foreign(`${clean(agent.agent_type)}${agent.description ? `: ${clean(agent.description)}` : ""}`) : null],
    ["Prompt", prompt?.text ? foreign(prompt.text) : null],
    ["Call", foreign(span.tool_use_id, "mono")],
  ];
}

/** @param {string} name @param {string} id */
function bodyOf(name, id) {
  const place = el("div", { class: "bodies" }, el("h3", null, name), loading(2));
  const load = async () => {
    try {
      const detail = /** @type {EventDetail} */ (await read(`events/${encodeURIComponent(id)}`));
      const whole = detail.body;
      const part = whole?.form === "json" ? focus(whole.value) : null;
      place.replaceChildren(el("h3", null, name), payload(part === null ? whole : { form: "json", value: part }), payloadTools(detail));
    } catch (error) {
      place.replaceChildren(el("h3", null, name), failure(error, () => void load()));
    }
  };
  void load();
  return place;
}

/**
 * The part of a payload that people look for in a call: its input, or what came back.
 * @param {unknown} data
 */
function focus(data) {
  if (data === null || typeof data !== "object") return null;
  for (const name of ["error", "tool_response", "tool_input", "prompt"]) {
    const entry = Object.getOwnPropertyDescriptor(data, name)?.value;
    if (entry !== undefined && entry !== null && entry !== "") return { [name]: entry };
  }
  return null;
}
