// @ts-check
/** How the local model was: a strip over time, and the changes as a list. */
import { attr, el, foreign, remake, setText } from "../dom.js";
import { available, kindName, stateOf, stretches } from "../local.js";
import { countText, duration, exact, joined, ratio } from "../format.js";
import { clean } from "../text.js";
import { asTable, csvButton, panel, table } from "./panel.js";
import { localStatus } from "./local-state.js";

/** @typedef {import("../types.js").LocalModelView} LocalModelView */
/** @typedef {import("../types.js").LocalModelChange} Change */

const DAY = 24 * 3_600_000_000;

export function localHistory() {
  /** @type {LocalModelView|null} */
  let last = null;
  const strip = el("div", { class: "strip", role: "img" });
  const ends = el("p", { class: "strip-ends muted small" });
  const legend = el("p", { class: "legend" });
  const words = el("p", { class: "headline" });
  const shape = el("div", null, strip, ends, legend);
  const behind = el("div", { class: "behind" });
  const top = panel("State, last 24 hours", csvButton("local-model-states", () => csvOf(last?.history ?? [])), asTable(shape, behind, () => fill()));
  top.node.append(el("div", { class: "inside" }, words, shape, behind));
  const fill = () => {
    if (last && !behind.hidden) remake(behind, last.history, () => [changes(/** @type {LocalModelView} */ (last).history)]);
  };
  return {
    node: top.node,
    /** @param {LocalModelView} view */
    update(view) {
      last = view;
      const [from, to] = [view.now_at - DAY, view.now_at];
      const parts = stretches(view.history, from, to);
      const share = available(parts);
      top.node.hidden = view.history.length === 0;
      // A minute is a quarter of a pixel.
      remake(words, [share === null ? null : Math.round(share * 1000), parts.length], () => [el("b", null, share === null ? "Not known" : joined(ratio(share))), el("span", { class: "muted" }, share === null ? "nobody looked in this time" : "of this time work could go there")]);
      remake(strip, [view.history[0]?.since_at, parts.length, Math.floor(to / 60_000_000)], () => parts.map((part) => {
        const node = el("i", { class: `tone-${stateOf(part.state).tone}`, title: `${stateOf(part.state).word}${part.change.model ? `: ${clean(part.change.model)}` : ""}, ${exact(part.from).slice(0, 16)}, for ${duration(part.to - part.from)}` });
        node.style.left = `${(((part.from - from) / DAY) * 100).toFixed(3)}%`;
        node.style.width = `${(((part.to - part.from) / DAY) * 100).toFixed(3)}%`;
        return node;
      }));
      attr(strip, "aria-label", `${share === null ? "No state is known" : `Available ${joined(ratio(share))} of the last 24 hours`}, ${countText(parts.length)} stretches. The same as a table: use View as table.`);
      remake(ends, "ends", () => [el("span", null, "24 hours ago"), el("span", null, "now")]);
      const tones = [["good", "could work"], ["soon", "loading or busy"], ["bad", "could not"]].filter(([tone]) => parts.some((part) => stateOf(part.state).tone === tone));
      remake(legend, tones, () => tones.map(([tone, text]) => el("span", null, el("i", { class: `tone-${tone}` }), text ?? "")));
      setText(top.heading, "State, last 24 hours");
      fill();
    },
  };
}

/** @param {Change[]} history */
const changes = (history) =>
  table(
    [{ name: "Since" }, { name: "State" }, { name: "Model" }, { name: "Server" }, { name: "Found" }],
    history.map((one) => [exact(one.since_at).slice(0, 19), localStatus(one.state), one.model === null ? "–" : foreign(one.model), foreign(`${kindName(one.kind) ?? ""} ${one.url}`.trim()), one.reason === null ? "–" : foreign(one.reason)]),
    "Changes of the local model’s state, the newest first",
  );

/** @param {Change[]} history */
const csvOf = (history) => ({ head: ["since", "state", "model", "kind", "url", "context_tokens", "quantization", "reason"], rows: history.map((one) => [new Date(one.since_at / 1000).toISOString(), one.state, one.model, one.kind, one.url, one.context_tokens, one.quantization, one.reason]) });
