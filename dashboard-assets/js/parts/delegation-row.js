// @ts-check
/** One task that was handed to the local model: a line, and its task and answer opened in place. */
import { attr, el, foreign, remake, setForeign, setText } from "../dom.js";
import { icon } from "../icons.js";
import { reasonWords, stateOf } from "../local.js";
import { clean, spell } from "../text.js";
import { countText, duration, exact, grouped, joined, latency, usd, usdExact } from "../format.js";
import { when } from "../ticker.js";
import { href } from "../router.js";
import { sessionPath } from "../url.js";

/** @typedef {import("../types.js").Delegation} Delegation */

/** Where a task ran: word, icon and role. @type {Record<string, [string, import("../icons.js").IconName]>} */
const PLACES = { local: ["Local model", "local"], claude: ["Claude instead", "swap"], cancelled: ["Cancelled", "gone"], failed: ["Nobody", "cross"] };

/** @param {Delegation} row */
const placeOf = ({ ran, outcome }) => ran ?? (outcome === "cancelled" ? "cancelled" : "failed");

/**
 * @param {Delegation} first
 * @param {(row: Delegation) => void} ontoggle
 */
export function delegationRow(first, ontoggle) {
  let shown = first;
  const place = el("span");
  const task = foreign("", "cut");
  const tokens = el("span", { class: "num muted small tokens" });
  const saving = el("span", { class: "num saving" });
  const took = el("span", { class: "took" });
  const inside = el("div", { class: "inside", hidden: true });
  const button = el("button", { type: "button", "aria-expanded": "false", "data-stop": true, onclick: () => ontoggle(shown) }, el("span", { class: "when" }, when(first.decided_at)), place, el("span", { class: "summary" }, task), tokens, saving, took);
  const node = el("li", { class: "event task", "data-task": first.task_id }, button, inside);
  let open = false;
  const fill = () => {
    if (open) remake(inside, shown, () => detail(shown));
  };
  return {
    node,
    /** @param {Delegation} row */
    update(row) {
      shown = row;
      const where = placeOf(row);
      const [word, name] = PLACES[where] ?? ["?", "ask"];
      attr(place, "class", `what where-it-ran ${where === "local" || where === "claude" ? where : "nobody"}`);
      remake(place, where, () => [icon(name), word]);
      setForeign(task, row.task_preview ?? (where === "local" ? "text not kept" : reasonWords(row.fallback_reason ?? row.reason ?? "")));
      setText(tokens, row.output_tokens === null ? "" : `${countText((row.input_tokens ?? 0) + row.output_tokens)} tokens`);
      attr(tokens, "title", row.output_tokens === null ? null : `${grouped(row.input_tokens ?? 0)} read, ${grouped(row.output_tokens)} written`);
      setText(saving, row.saving_usd !== null ? usd(row.saving_usd) : where === "local" ? "unknown" : "–");
      attr(saving, "class", `num saving ${row.saving_usd !== null && row.saving_usd > 0 ? "good-figure" : "muted"}`);
      attr(saving, "title", row.saving_usd === null ? null : `${usdExact(row.saving_usd)} saved`);
      setText(took, duration(row.duration_ms * 1000));
      fill();
    },
    isOpen: () => open,
    /** @param {boolean} wanted */
    open(wanted) {
      open = wanted;
      node.classList.toggle("open", open);
      button.setAttribute("aria-expanded", String(open));
      inside.hidden = !open;
      fill();
    },
  };
}

/** Who counted the tokens. @type {Record<string, string>} */
const COUNTED = { server: "counted by the server", counted: "counted by us as they came", estimated: "estimated by the length of the text" };

/** @param {Delegation} row */
function detail(row) {
  const per = row.tokens_per_second;
  const rows = /** @type {[string, Node|string|null][]} */ ([
    ["When", exact(row.decided_at)],
    ["Came by", row.policy === "mcp" ? "Claude, with the tool delegate_task" : "orchd delegate"],
    ["Ended", row.outcome === "completed" ? `with an answer of the local model${row.reason === "length" ? ", which ends at its token limit" : ""}` : row.outcome === "fell_back" ? `Claude did it: ${reasonWords(row.fallback_reason ?? "")}` : `${row.outcome}${row.reason ? `: ${reasonWords(row.reason)}` : ""}`],
    ["Local model then", row.local_model_state === null ? null : stateOf(row.local_model_state).word.toLowerCase()],
    ["Model", row.model === null ? null : foreign(row.model)],
    ["Server", row.endpoint === null ? null : foreign(row.endpoint)],
    ["Tokens", row.output_tokens === null ? null : `${grouped(row.input_tokens ?? 0)} read, ${grouped(row.output_tokens)} written${row.reasoning_tokens ? `, of them ${grouped(row.reasoning_tokens)} of reasoning` : ""}; ${COUNTED[row.tokens_source ?? ""] ?? "counted"}`],
    ["Speed", per === null && row.first_token_ms === null ? null : [per === null ? "" : `${countText(per)} tokens/s`, row.first_token_ms === null ? "" : `first token after ${joined(latency(row.first_token_ms * 1000))}`].filter(Boolean).join(", ")],
    ["Its own cost", row.cost_usd === null ? null : `${usdExact(row.cost_usd)}${row.cost_price ? ` (${clean(row.cost_price).replace(/^local: /, "")})` : ""}`],
    ["Saved", row.ran !== "local" ? null : `${row.saving_usd === null ? "not known" : usdExact(row.saving_usd)}. ${clean(row.assumption)}`],
    ["There", row.displaced_cost_usd === null ? null : `${usdExact(row.displaced_cost_usd)} would have been its price`],
    ["Overhead", row.ran === "local" || row.local_ms === 0 ? null : `${duration(row.local_ms * 1000)} of the local model's time, counted as no saving`],
    ["Session", row.session_id === null ? null : el("a", { class: "link", href: href(sessionPath(row.session_id)) }, foreign(row.session_id))],
    ["Project", row.project_dir === null ? null : foreign(row.project_dir)],
    ["Task", foreign(row.task_id, "mono")],
  ]);
  return [
    el("dl", { class: "facts" }, ...rows.filter(([, text]) => text !== null).flatMap(([name, text]) => [el("dt", null, name), el("dd", null, text)])),
    part("What was asked", row.task_preview),
    part("Answer", row.answer_preview),
  ];
}

/** @param {string} title @param {string|null} text */
const part = (title, text) => (text === null || text === "" ? null : el("div", null, el("h3", null, title), el("p", { class: "text answer", dir: "auto", tabindex: "0", role: "group", "aria-label": title }, spell(text))));
