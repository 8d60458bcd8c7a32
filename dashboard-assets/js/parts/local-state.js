// @ts-check
/** Can the local model work now; if it cannot, how to switch it on. Then its models and servers. */
import { attr, el, foreign, remake, setText } from "../dom.js";
import { icon } from "../icons.js";
import { commandsIn, kindName, stateOf } from "../local.js";
import { bytes, countText, duration, exact, grouped, joined, latency, plural } from "../format.js";
import { clean } from "../text.js";
import { when } from "../ticker.js";
import { panel, sideways, table } from "./panel.js";
import { command } from "./states.js";

/** @typedef {import("../types.js").LocalModelView} LocalModelView */
/** @typedef {import("../types.js").LocalModelHealth} Health */

export function localState() {
  const word = el("strong");
  const sign = el("span", { class: "sign" });
  const about = el("p", { class: "local-about" });
  const advice = el("div", { class: "local-advice" });
  const facts = el("dl", { class: "pairs" });
  const now = el("section", { class: "panel local-now", "aria-label": "State of the local model" }, el("div", { class: "local-head" }, sign, el("div", null, word, about)), advice, facts);
  const models = panel("Models on this server");
  const list = sideways("Models on this server");
  models.node.append(list);
  const servers = panel("Servers, in order of preference");
  const each = sideways("Servers, in order of preference");
  servers.node.append(each);
  return {
    node: now,
    models: models.node,
    servers: servers.node,
    /** @param {LocalModelView} view */
    update(view) {
      const { now: health } = view;
      const shown = stateOf(health.state);
      attr(now, "class", `panel local-now tone-${shown.tone}`);
      remake(sign, shown.icon, () => [icon(shown.icon)]);
      setText(word, health.model && shown.tone === "good" ? `${clean(health.model)}: ${shown.word.toLowerCase()}` : shown.word);
      setText(about, sentence(health));
      advice.hidden = health.advice === null;
      remake(advice, health.advice, () => adviceOf(health.advice ?? ""));
      facts.hidden = health.state === "off";
      remake(facts, [health, view.probes], () => factsOf(view));
      models.node.hidden = view.models.length === 0;
      remake(list, [view.models, health.model], () => [modelTable(view)]);
      servers.node.hidden = view.endpoints.length < 2;
      remake(each, view.endpoints, () => [serverTable(view.endpoints)]);
    },
  };
}

/** @param {Health} health */
function sentence({ message, state }) {
  if (state === "ready") return "Work can go there now, and is answered at once.";
  return state === "off" ? "Nobody looks for a local model, as the settings say." : `${clean(message)}.`;
}

/** @param {string} advice */
function adviceOf(advice) {
  const text = clean(advice);
  const commands = commandsIn(text);
  return [el("p", null, el("strong", null, "What to do: "), text), commands.length > 0 && el("p", { class: "bar" }, ...commands.map(command))];
}

/** @param {LocalModelView} view */
function factsOf({ now: health, probes }) {
  const answered = probes.find((item) => item.metric === "local_probe");
  const failed = probes.find((item) => item.metric === "local_probe_failed");
  const rows = /** @type {[string, Node|string, string?][]} */ ([
    ["Server", health.url === null ? "none" : foreign(health.url)],
    ["Kind", kindName(health.kind) ?? "not known yet"],
    ["Context", health.context_tokens === null ? "–" : `${countText(health.context_tokens)} tokens`, health.context_tokens === null ? "" : `${grouped(health.context_tokens)} tokens: what task, files and answer may have together`],
    ["Quantisation", health.quantization === null ? "–" : foreign(health.quantization)],
    ...(health.expected_wait_s === null ? [] : [["Wait for its first answer", `≈ ${duration(health.expected_wait_s * 1e6)}`, "What loading it takes, roughly"]]),
    ["Since", health.since_at === null ? "–" : when(health.since_at)],
    ["Looked at", health.checked_at === null ? "not yet" : when(health.checked_at)],
    ["Looks in 24 h", `${countText(answered?.samples ?? 0)} answered${failed?.samples ? `, ${countText(failed.samples)} not` : ""}`, answered?.p50_us ? `Half of the answers came within ${joined(latency(answered.p50_us))}` : ""],
  ]);
  return rows.map(([name, shown, title]) => el("div", null, el("dt", null, name), el("dd", { title: title || null }, shown)));
}

const LOADED = /** @type {Record<string, string>} */ ({ yes: "in memory", loading: "loading", no: "on the disk", unknown: "the server does not tell" });

/** @param {LocalModelView} view */
const modelTable = ({ models, now }) =>
  table(
    [{ name: "Model" }, { name: "State" }, { name: "Context", num: true }, { name: "Quantisation" }, { name: "Size", num: true }],
    models.map((model) => [
      el("span", null, foreign(model.id), model.id === now.model && el("span", { class: "chip" }, "used")),
      el("span", { class: "nowrap" }, LOADED[model.loaded] ?? model.loaded),
      el("span", { title: [model.context_tokens, model.max_context_tokens].map((value) => (value === null ? "?" : grouped(value))).join(" of at most ") + " tokens" }, countText(model.context_tokens ?? model.max_context_tokens)),
      model.quantization === null ? "–" : foreign(model.quantization),
      joined(bytes(model.size_bytes)),
    ]),
    plural(models.length, "model"),
  );

/** @param {Health[]} servers */
const serverTable = (servers) =>
  table(
    [{ name: "Server" }, { name: "State" }, { name: "Model" }, { name: "Since" }],
    servers.map((one) => [
      foreign(one.url ?? ""),
      localStatus(one.state),
      one.model === null ? "–" : foreign(one.model),
      one.since_at === null ? "–" : el("span", { title: exact(one.since_at) }, when(one.since_at)),
    ]),
    "Servers of the settings",
  );

/** A state by shape, word and colour. @param {string} state */
export function localStatus(state) {
  const { word, tone, icon: name } = stateOf(state);
  return el("span", { class: `status tone-${tone}` }, icon(name), word);
}
