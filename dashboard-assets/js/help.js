// @ts-check
/** The keys. */
import { el } from "./dom.js";
import { openDialog } from "./frame/dialog.js";

const KEYS = /** @type {[string[], string][]} */ ([
  [["j", "k"], "Next and previous row"],
  [["Enter"], "Open the row"],
  [["/"], "Search"],
  [["Esc"], "Close, or leave the search"],
  [["p"], "Hold the page still, and go on"],
  [["g", "o"], "Go to Overview; g a Activity, g s Sessions, g c Costs, g l Local model, g r Routing, g u Subagents, g y System"],
  [["+", "−"], "Zoom the timeline; 0 shows all of it"],
  [["←", "→"], "Timeline: previous and next call"],
  [["Ctrl", "K"], "Search sessions, pages and projects"],
  [["?"], "These keys"],
]);

export function openKeys() {
  openDialog("Keys", el("dl", { class: "keys" }, ...KEYS.flatMap(([keys, text]) => [el("dt", null, ...keys.map((key) => el("kbd", null, key))), el("dd", null, text)])));
}
