// @ts-check
/** Times that go on by themselves: "12 s ago" becomes "13 s ago" without asking the daemon. */
import { el, setText, attr } from "./dom.js";
import { ago, exact, running } from "./format.js";

const now = () => Date.now() * 1000;

/** @param {HTMLElement} node */
function tick(node) {
  const at = Number(node.dataset.at);
  setText(node, node.dataset.as === "running" ? running(now() - at) : ago(at, now()));
}

/**
 * "3 m ago", with the exact time on hover.
 * @param {number} at
 * @param {"ago"|"running"} [as]
 */
export function when(at, as = "ago") {
  const node = el("time", { "data-as": as });
  setWhen(node, at);
  return node;
}

/**
 * @param {HTMLElement} node
 * @param {number} at
 */
export function setWhen(node, at) {
  if (node.dataset.at !== String(at)) {
    node.dataset.at = String(at);
    attr(node, "datetime", new Date(at / 1000).toISOString());
    attr(node, "title", exact(at));
  }
  tick(node);
}

export function startTicker() {
  let turn = 0;
  setInterval(() => {
    if (document.hidden) return;
    turn += 1;
    // Lengths of time go on each second; "3 m ago" needs it less often.
    const which = turn % 5 === 0 ? "time[data-at]" : 'time[data-as="running"]';
    for (const node of document.querySelectorAll(which)) tick(/** @type {HTMLElement} */ (node));
  }, 1000);
}
