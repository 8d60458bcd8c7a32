// @ts-check
/** The bar on top: title, project, time range, live or paused. */
import { el, attr, remake, setText } from "../dom.js";
import { clean, cut } from "../text.js";
import { countText } from "../format.js";
import { refine } from "../router.js";
import { RANGES } from "../url.js";
import { PERIODS } from "../days.js";
import { openDays, openRange } from "./range.js";
import * as store from "../store.js";

const WORDS = /** @type {Record<string, string>} */ ({ "15m": "15 m", "1h": "1 h", "24h": "24 h", "7d": "7 d", "30d": "30 d" });

/** @param {HTMLElement} root */
export function top(root) {
  const heading = el("h1", null, "Overview");
  const project = el("select", { class: "field", "aria-label": "Project", onchange: () => refine({ project: project.value, cursor: null }) });
  const range = el("div", { class: "seg", role: "group", "aria-label": "Time range" });
  const live = el("button", { class: "btn live", type: "button", onclick: togglePause });
  root.append(heading, el("div", { class: "scope" }, project, range), live);

  /** @type {import("../types.js").View["range"]} */
  let kind;
  /** @type {string|undefined} */
  let usual;
  const showRange = () => {
    const { query } = store.get().route;
    range.hidden = !kind;
    const { chosen, choices } = kind === "days" ? days(query, usual) : times(query, kind);
    remake(range, [kind, choices, chosen], () =>
      choices.map(({ name, word, run }) => el("button", { type: "button", "aria-pressed": String(name === chosen), onclick: run }, word)));
    // On a narrow screen the choices scroll; the chosen one is in sight.
    const on = range.querySelector('[aria-pressed="true"]');
    if (on instanceof HTMLElement && range.scrollWidth > range.clientWidth) range.scrollLeft = on.offsetLeft - range.offsetLeft - 24;
  };

  store.subscribe((state) => {
    const { route, projects, paused, missed, connection } = state;
    const chosen = route.query.project ?? "";
    const known = projects.some((item) => item.project_dir === chosen);
    remake(project, [projects, chosen], () => [
      el("option", { value: "" }, "All projects"),
      ...projects.map((item) => el("option", { value: item.project_dir, title: clean(item.project_dir) }, cut(clean(item.project), 40))),
      chosen && !known && el("option", { value: chosen }, cut(clean(chosen), 40)),
    ]);
    if (project.value !== chosen) project.value = chosen;
    showRange();
    const word = connection === "down" ? "Offline" : paused ? (missed ? `Paused · ${countText(missed)} new` : "Paused") : connection === "live" ? "Live" : "Connecting";
    attr(live, "class", `btn live ${connection === "down" ? "down" : paused ? "paused" : ""}`);
    attr(live, "aria-pressed", String(paused));
    attr(live, "title", paused ? "Go on showing what comes in (p)" : "Hold the page still (p)");
    remake(live, word, () => [el("span", { class: "dot" }), word]);
    root.hidden = connection === "unauthorized";
  });

  return {
    /** @param {import("../types.js").View|null} view */
    title(view) {
      const title = view?.title ?? "Not logged in";
      setText(heading, title);
      attr(heading, "title", title);
      const { waiting } = store.get();
      document.title = `${waiting ? `(${waiting}) ` : ""}${cut(title, 60)} · Orchestration`;
      kind = view?.range;
      usual = view?.period;
      project.hidden = !view?.project;
      showRange();
    },
  };
}

/** @typedef {{chosen: string, choices: {name: string, word: string, run: () => void}[]}} Choices */

/** @param {Record<string, string>} query @param {"any"|"day"|"days"|undefined} kind @returns {Choices} */
const times = (query, kind) => ({
  chosen: query.from || query.to ? "custom" : (query.range ?? (kind === "day" ? "24h" : "")),
  choices: [
    ...[...(kind === "any" ? [""] : []), ...RANGES].map((name) => ({ name, word: WORDS[name] ?? "All", run: () => refine({ range: name, from: null, to: null }) })),
    { name: "custom", word: "Custom", run: openRange },
  ],
});

/** @param {Record<string, string>} query @param {string|undefined} usual @returns {Choices} */
const days = (query, usual) => ({
  chosen: query.since || query.until ? "custom" : (query.period ?? usual ?? ""),
  choices: [
    ...PERIODS.map(([name, word]) => ({ name, word, run: () => refine({ period: name, since: null, until: null, cursor: null }) })),
    { name: "custom", word: "Custom", run: openDays },
  ],
});

export function togglePause() {
  const { paused } = store.get();
  store.set({ paused: !paused, missed: 0 });
}
