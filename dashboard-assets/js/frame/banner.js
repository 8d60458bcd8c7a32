// @ts-check
/** Says that the page is older than it looks: the daemon is gone. */
import { el, remake } from "../dom.js";
import { time } from "../format.js";
import { retry } from "../stream.js";
import { command } from "../parts/states.js";
import * as store from "../store.js";

/** @param {HTMLElement} root */
export function banner(root) {
  store.subscribe(({ connection, since }) => {
    remake(root, connection === "down" ? ["down", since] : "none", () =>
      connection === "down"
        ? [
            el(
              "div",
              { class: "banner", role: "status" },
              el("strong", null, "The daemon does not answer."),
              el("span", null, since === null ? "What you see is old. Hooks keep events in the spool meanwhile." : `What you see is from before ${time(since, true)}. Hooks keep events in the spool meanwhile.`),
              command("orchd start"),
              el("button", { class: "btn tiny push", type: "button", onclick: retry }, "Try now"),
            ),
          ]
        : []);
  });
}
