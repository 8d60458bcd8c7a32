// @ts-check
/** Who calls whom: agents one after the other, or at the same time. */
import { el, foreign, keyed, remake, setText } from "../dom.js";
import { chainKey, chainWords, linkOf } from "../subagents.js";
import { countText, plural, usd } from "../format.js";
import { panel } from "./panel.js";

/** @typedef {import("../types.js").AgentChain} AgentChain */

const FEW = 8;

export function agentChains() {
  let most = FEW;
  /** @type {AgentChain[]} */
  let last = [];
  const top = panel("Chains: who calls whom");
  const list = el("ul", { class: "chains" });
  const more = el("div", { class: "pager" });
  top.node.append(list, more);
  /** @param {AgentChain[]} chains */
  function update(chains) {
    last = [...chains].sort((a, b) => b.runs - a.runs);
    top.node.hidden = last.length === 0;
    const max = last[0]?.runs ?? 1;
    keyed(list, last.slice(0, most).map((chain) => ({ chain, max })), (item) => chainKey(item.chain), chainRow);
    more.hidden = last.length <= most;
    remake(more, [last.length, most], () => [el("button", { class: "btn", type: "button", onclick: () => { most += FEW; update(last); } }, "Show more"), `${countText(most)} of ${plural(last.length, "chain")}`]);
  }
  return { node: top.node, update };
}

/** @param {{chain: AgentChain, max: number}} first */
function chainRow({ chain: first }) {
  const steps = el("span", { class: "steps", "aria-hidden": "true" }, ...first.agents.flatMap((agent, at) => [at > 0 ? el("span", { class: "muted small" }, linkOf(first)) : null, foreign(agent, "chip")]).filter((part) => part !== null), first.parallel && el("span", { class: "muted small" }, "at the same time"));
  const bar = el("i");
  const runs = el("span", { class: "num" });
  const facts = el("span", { class: "muted small facts" });
  return {
    node: el("li", null, steps, el("span", { class: "sr" }, chainWords(first)), el("span", { class: "chain-bar", "aria-hidden": "true" }, bar), runs, facts),
    /** @param {{chain: AgentChain, max: number}} item */
    update({ chain, max }) {
      bar.style.width = `${((chain.runs / Math.max(1, max)) * 100).toFixed(1)}%`;
      setText(runs, plural(chain.runs, "time"));
      setText(facts, `${countText(chain.success)} of ${countText(chain.runs)} succeeded, ${chain.cost_usd === null ? "cost unknown" : usd(chain.cost_usd)}`);
    },
  };
}
