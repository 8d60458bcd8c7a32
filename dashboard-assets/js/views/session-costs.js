// @ts-check
/** What a session cost: in all, by prompt, and by who asked for it. */
import { read, latest } from "../api.js";
import { requestsPath, whereOfRow } from "../costs.js";
import { costName } from "../derive.js";
import { throttled } from "../stream.js";
import { costTable } from "../parts/cost-table.js";

/** @typedef {import("../types.js").Costs} Costs */

/** @param {string} id @param {(prompts: Costs) => void} use */
export function sessionCosts(id, use) {
  const where = { session: id };
  const table = costTable((group) => `Cost by ${group}`, false);
  table.node.hidden = true;
  /** @type {Costs|null} */
  let agents = null;
  /** @type {Record<string, string>} */
  let query = {};
  const draw = () => {
    if (agents) table.update({ costs: agents, query, where, today: "", name: (key) => costName("agent", key, { sessions: new Map(), prompts: new Map(), projects: [] }), open: (key) => requestsPath(whereOfRow("agent", key, where) ?? where) });
  };
  const question = latest((/** @type {[Costs, Costs]} */ [prompts, by_agent]) => {
    agents = by_agent;
    draw();
    use(prompts);
  }, () => {
    // Times stand without costs; the next change asks again.
  });
  const by = (/** @type {string} */ group, /** @type {AbortSignal} */ signal) => /** @type {Promise<Costs>} */ (read("costs", { session: id, group, period: "all", limit: 1000 }, signal));
  const again = throttled(() => void question.run((signal) => Promise.all([by("prompt", signal), by("agent", signal)])), 700);
  return {
    node: table.node,
    ask: again.ask,
    /** @param {Record<string, string>} next */
    sort(next) {
      query = next;
      draw();
    },
    stop() {
      again.stop();
      question.stop();
    },
  };
}
