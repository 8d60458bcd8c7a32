// @ts-check
/** The first run, and the page without a token: what to do next. */
import { el } from "../dom.js";
import { command } from "./states.js";

/** Shown while no event was ever stored. */
export const welcome = () =>
  el(
    "section",
    { class: "welcome", "aria-labelledby": "welcome" },
    el("h2", { id: "welcome" }, "Ready for the first session"),
    el("p", { class: "muted" }, "The daemon runs and has not stored an event yet. Everything stays on this machine."),
    el(
      "ol",
      null,
      step("Add the hooks to Claude Code", "Done already if you came here by orchd up.", "orch-hook install"),
      step("Start a Claude Code session", "In any project; or send one more prompt in a session that is open. One that stays unseen was started with hooks off: start it again.", "claude"),
      step("Watch it appear here", "Each prompt, tool call and agent shows within a quarter of a second. Nothing after a minute? This says why:", "orchd doctor"),
    ),
    el("p", { class: "muted" }, "Only looking around? ", command("orchd demo"), " opens a copy with recorded sessions."),
    el("p", { class: "listening" }, el("span", { class: "dot" }), "Listening. This page changes by itself."),
  );

/** @param {string} title @param {string} text @param {string} run */
const step = (title, text, run) => el("li", null, el("strong", null, title), el("span", { class: "muted" }, text), el("div", null, el("span", { class: "command-line" }, command(run))));

/** Shown when the daemon does not know this browser. */
export const unauthorized = () =>
  el(
    "section",
    { class: "welcome", role: "alert" },
    el("h2", null, "This browser is not logged in"),
    el("p", { class: "muted" }, "The daemon shows your sessions only to browsers it has let in. This opens a page that is:"),
    el("p", null, command("orchd dashboard")),
    el("p", { class: "muted" }, "It is asked for once per browser, and again after the token was changed."),
  );
