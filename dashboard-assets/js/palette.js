// @ts-check
/** Ctrl-k: pages, projects, actions and sessions in one list. */
import { el, foreign, keyed, attr } from "./dom.js";
import { icon } from "./icons.js";
import { read, latest } from "./api.js";
import { clean } from "./text.js";
import { sessionName } from "./derive.js";
import { sessionPath } from "./url.js";
import { go, href, refine } from "./router.js";
import { togglePause } from "./frame/top.js";
import * as store from "./store.js";

/** @typedef {{key: string, icon: import("./icons.js").IconName, text: string, hint: string, run: () => void}} Choice */

/** @returns {Choice[]} */
const fixed = () => [
  { key: "o", icon: "overview", text: "Overview", hint: "page", run: () => go(href("/")) },
  { key: "a", icon: "activity", text: "Activity", hint: "page", run: () => go(href("/activity")) },
  { key: "f", icon: "cross", text: "Failed calls", hint: "Activity", run: () => go(href("/activity", { failed: "true" })) },
  { key: "s", icon: "sessions", text: "Sessions", hint: "page", run: () => go(href("/sessions")) },
  { key: "w", icon: "wait", text: "Sessions that wait for me", hint: "Sessions", run: () => go(href("/sessions", { state: "waiting" })) },
  { key: "c", icon: "costs", text: "Costs", hint: "page", run: () => go(href("/costs")) },
  { key: "r", icon: "costs", text: "Requests, the newest first", hint: "Costs", run: () => go(href("/costs/requests")) },
  { key: "l", icon: "local", text: "Local model", hint: "page", run: () => go(href("/local")) },
  { key: "d", icon: "routing", text: "Routing", hint: "page", run: () => go(href("/routing")) },
  { key: "u", icon: "agent", text: "Subagents", hint: "page", run: () => go(href("/subagents")) },
  { key: "y", icon: "system", text: "System", hint: "page", run: () => go(href("/system")) },
  { key: "p", icon: "wait", text: store.get().paused ? "Go on showing what comes in" : "Hold the page still", hint: "action", run: togglePause },
  { key: "all", icon: "fold", text: "All projects", hint: "filter", run: () => refine({ project: null, cursor: null }) },
  ...store.get().projects.slice(0, 50).map((item) => ({ key: `project ${item.project_dir}`, icon: /** @type {const} */ ("fold"), text: `Only ${clean(item.project)}`, hint: "project", run: () => refine({ project: item.project_dir, cursor: null }) })),
];

export function openPalette() {
  document.querySelector("dialog[open]")?.remove();
  const input = el("input", { type: "text", placeholder: "Go to a session, page or project", role: "combobox", "aria-label": "Go to", "aria-expanded": "true", "aria-controls": "choices", autocomplete: "off", spellcheck: "false" });
  const list = el("ul", { id: "choices", role: "listbox", "aria-label": "Results" });
  const dialog = el("dialog", { class: "palette", "aria-label": "Search and go", onclose: () => { dialog.remove(); found.stop(); } }, input, list);
  const base = fixed();
  /** @type {Choice[]} */
  let sessions = [];
  /** @type {Choice[]} */
  let shown = [];
  let at = 0;

  const choose = (/** @type {Choice|undefined} */ choice) => {
    dialog.close();
    choice?.run();
  };
  const draw = () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = base.filter((choice) => words.every((word) => choice.text.toLowerCase().includes(word)));
    shown = [...(words.length ? wanted : wanted.slice(0, 13)), ...sessions].slice(0, 40);
    at = Math.max(0, Math.min(at, shown.length - 1));
    keyed(list, shown, (choice) => choice.key, (choice) => {
      const node = el("li", { role: "option", id: `choice-${choice.key}`, onclick: () => choose(choice) }, icon(choice.icon), foreign(choice.text, "cut"), el("span", { class: "hint" }, choice.hint));
      return { node, update: () => attr(node, "aria-selected", String(shown[at]?.key === choice.key)) };
    });
    const current = list.children[at];
    attr(input, "aria-activedescendant", current?.id ?? null);
    current?.scrollIntoView({ block: "nearest" });
  };
  const found = latest((/** @type {import("./types.js").SessionList} */ answer) => {
    sessions = answer.items.map((row) => ({ key: row.session_id, icon: /** @type {const} */ ("sessions"), text: sessionName(row), hint: clean(row.project), run: () => go(href(sessionPath(row.session_id))) }));
    draw();
  }, () => {});
  const look = () => void found.run((signal) => read("sessions", { q: input.value.trim(), limit: 12 }, signal));

  input.addEventListener("input", () => { at = 0; draw(); look(); });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      at += event.key === "ArrowDown" ? 1 : -1;
      draw();
    } else if (event.key === "Enter") {
      event.preventDefault();
      choose(shown[at]);
    }
  });
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  document.body.append(dialog);
  dialog.showModal();
  draw();
  look();
}
