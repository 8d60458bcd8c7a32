// @ts-check
/** The pages, on the left or below. */
import { el, attr, setText } from "../dom.js";
import { icon } from "../icons.js";
import { href } from "../router.js";
import * as store from "../store.js";
import { openPalette } from "../palette.js";
import { openKeys } from "../help.js";
import { openDialog } from "./dialog.js";

const PAGES = /** @type {[string, string, string, import("../icons.js").IconName][]} */ ([
  ["overview", "/", "Overview", "overview"],
  ["activity", "/activity", "Activity", "activity"],
  ["sessions", "/sessions", "Sessions", "sessions"],
  ["costs", "/costs", "Costs", "costs"],
  ["local", "/local", "Local model", "local"],
  ["routing", "/routing", "Routing", "routing"],
  ["subagents", "/subagents", "Subagents", "agent"],
  ["system", "/system", "System", "system"],
]);

/** Pages that a narrow screen has room for; the others stand behind "More" there. */
const FIRST = 4;

/** Pages that lie below another one. */
const WITHIN = /** @type {Record<string, string>} */ ({ session: "sessions", requests: "costs" });

/** @param {HTMLElement} root */
export function nav(root) {
  const badge = el("span", { class: "badge", hidden: true });
  const links = PAGES.map(([view, path, word, name]) => ({ view, path, node: el("a", { href: path, title: word }, icon(name), word, view === "overview" && badge) }));
  const more = el("button", { type: "button", "aria-haspopup": "dialog", onclick: openRest }, icon("more"), "More");
  root.append(
    el("a", { class: "brand", href: "/", "aria-label": "AI Orchestration Analytics, overview" }, icon("brand"), "Orchestration"),
    el("ul", { class: "pages" }, ...links.map((link, at) => el("li", { class: at >= FIRST && "rest" }, link.node)), el("li", { class: "more" }, more)),
    el("div", { class: "foot" }, button("Go to", "Ctrl K", openPalette), button("Keys", "?", openKeys)),
  );
  store.subscribe(({ route, waiting }) => {
    const current = WITHIN[route.view] ?? route.view;
    for (const link of links) {
      attr(link.node, "aria-current", link.view === current ? "page" : null);
      attr(link.node, "href", href(link.path));
    }
    attr(more, "class", PAGES.slice(FIRST).some(([view]) => view === current) && "current");
    setText(badge, String(waiting));
    badge.hidden = waiting === 0;
    attr(badge, "aria-label", `${waiting} need you`);
    attr(badge, "role", "img");
  });
}

/** The pages that a narrow screen has no room for. */
function openRest() {
  const dialog = openDialog("More pages", el("ul", { class: "more-pages" }, ...PAGES.slice(FIRST).map(([view, path, word, name]) => el("li", null, el("a", { href: href(path), "aria-current": store.get().route.view === view && "page", onclick: () => dialog.close() }, icon(name), word)))));
}

/** @param {string} word @param {string} key @param {() => void} run */
const button = (word, key, run) => el("button", { type: "button", onclick: run }, word, el("kbd", null, key));
