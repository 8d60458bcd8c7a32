// @ts-check
/** The legend: only the kinds that occur. */
import { el, remake } from "../dom.js";
import { KIND_WORDS, toolKind } from "./kinds.js";

export function timelineKey() {
  const node = el("p", { class: "timeline-key" });
  return {
    node,
    /** @param {import("../types.js").SessionDetail} detail */
    update({ spans, marks }) {
      const kinds = new Set(spans.map((span) => toolKind(span.tool_name)));
      const failed = spans.some((span) => span.status === "failed");
      const waits = spans.some((span) => span.permission_asked_at !== null);
      remake(node, [[...kinds].sort(), failed, waits, marks.length > 0], () => [
        ...KIND_WORDS.filter(([kind]) => kinds.has(kind)).map(([kind, word]) => el("span", { class: `k-${kind}` }, el("i"), word)),
        failed && el("span", { class: "k-failed" }, el("i"), "Failed"),
        waits && el("span", { class: "k-wait" }, el("i"), "Waited for you"),
        marks.length > 0 && el("span", { class: "k-turn" }, el("i"), "Turn at work"),
        marks.length > 0 && el("span", null, "▼ prompt"),
      ]);
    },
  };
}
