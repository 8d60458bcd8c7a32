// @ts-check
/** Naming and pinning a session. */
import { el, attr, remake } from "../dom.js";
import { icon } from "../icons.js";
import { editSession } from "../api.js";
import { clean } from "../text.js";

/** @typedef {import("../types.js").SessionRow} SessionRow */

const LONGEST = 120;

/**
 * @param {() => SessionRow} current
 * @param {(row: SessionRow) => void} done
 * @param {(error: unknown) => void} failed
 */
export function pinButton(current, done, failed) {
  const button = el("button", { class: "btn plain icon-only pin", type: "button", "aria-pressed": "false" }, icon("pin"));
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      done(await editSession(current().session_id, { pinned: !current().pinned }));
    } catch (error) {
      failed(error);
    } finally {
      button.disabled = false;
      button.focus();
    }
  });
  return {
    node: button,
    /** @param {SessionRow} row */
    update(row) {
      attr(button, "aria-pressed", String(row.pinned));
      attr(button, "aria-label", row.pinned ? "Unpin" : "Pin");
      attr(button, "title", row.pinned ? "Pinned: kept on top" : "Keep on top");
    },
  };
}

/**
 * A button that turns into a field for the label.
 * @param {() => SessionRow} current
 * @param {(row: SessionRow) => void} done
 */
export function labelEditor(current, done) {
  const node = el("div", { class: "label-edit" });
  const closed = () => remake(node, ["closed", Boolean(current().label)], () => [el("button", { class: "btn plain", type: "button", onclick: open }, icon("edit"), current().label ? "Rename" : "Name it")]);
  const close = () => {
    closed();
    node.querySelector("button")?.focus();
  };

  function open() {
    const input = el("input", { class: "field", type: "text", maxlength: LONGEST, value: clean(current().label), placeholder: "A name of your own; empty removes it", "aria-label": "Name of the session" });
    const wrong = el("span", { class: "bad small", role: "alert" });
    const save = async (/** @type {Event} */ event) => {
      event.preventDefault();
      try {
        done(await editSession(current().session_id, { label: input.value.trim() || null }));
        close();
      } catch (error) {
        wrong.textContent = error instanceof Error ? error.message : "The name was not saved";
      }
    };
    const form = el("form", { class: "label-form", onsubmit: save }, input, el("button", { class: "btn main-action" }, "Save"), el("button", { class: "btn", type: "button", onclick: close }, "Cancel"), wrong);
    form.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      event.stopPropagation();
      close();
    });
    remake(node, "open", () => [form]);
    input.focus();
    input.select();
  }
  closed();
  return { node, update: () => { if (!node.querySelector("form")) closed(); } };
}
