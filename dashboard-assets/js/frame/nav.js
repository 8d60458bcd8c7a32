// @ts-check
/** The pages, on the left or below. */
import { el, attr, setText } from "../dom.js";
import { icon } from "../icons.js";
import { href } from "../router.js";
import * as store from "../store.js";
import { openPalette } from "../palette.js";
import { openKeys } from "../help.js";

const PAGES = /** @type {[string, string, string, import("../icons.js").IconName][]} */ ([
  ["overview", "/", "Overview", "overview"],
  ["activity", "/activity", "Activity", "activity"],
  ["sessions", "/sessions", "Sessions", "sessions"],
  ["costs", "/costs", "Costs", "costs"],
  ["local", "/local", "Local model", "local"],
  ["system", "/system", "System", "system"],
]);

/** Pages that lie below another one. */
const WITHIN = /** @type {Record<string, string>} */ ({ session: "sessions", requests: "costs" });

/** @param {HTMLElement} root */
export function nav(root) {
  const badge = el("span", { class: "badge", hidden: true });
  const links = PAGES.map(([view, path, word, name]) => ({ view, path, node: el("a", { href: path, title: word }, icon(name), shortened(word), view === "overview" && badge) }));
  root.append(
    el("a", { class: "brand", href: "/", "aria-label": "AI Orchestration Analytics, overview" }, icon("brand"), "Orchestration"),
    el("ul", { class: "pages" }, ...links.map((link) => el("li", null, link.node))),
    el("div", { class: "foot" }, button("Go to", "Ctrl K", openPalette), button("Keys", "?", openKeys)),
  );
  store.subscribe(({ route, waiting }) => {
    const current = WITHIN[route.view] ?? route.view;
    for (const link of links) {
      attr(link.node, "aria-current", link.view === current ? "page" : null);
      attr(link.node, "href", href(link.path));
    }
    setText(badge, String(waiting));
    badge.hidden = waiting === 0;
    attr(badge, "aria-label", `${waiting} need you`);
    attr(badge, "role", "img");
  });
}

/** On a narrow screen the first word has to do. @param {string} word */
function shortened(word) {
  const [first = "", ...more] = word.split(" ");
  return more.length > 0 ? el("span", null, first, el("span", { class: "wide-only" }, ` ${more.join(" ")}`)) : word;
}

/** @param {string} word @param {string} key @param {() => void} run */
const button = (word, key, run) => el("button", { type: "button", onclick: run }, word, el("kbd", null, key));
