// From the local model's state and history to what the page shows.
import assert from "node:assert/strict";
import { test } from "node:test";
import { available, axis, commandsIn, kindName, leftOut, ranWords, reasonWords, stateOf, stretches } from "../../dashboard-assets/js/local.js";

const HOUR = 3_600_000_000;

test("commands are taken out of an advice, and nothing else", () => {
  for (const [advice, commands] of [
    ["open LM Studio, Developer tab, Start server; or run: lms server start", ["lms server start"]],
    ["set `enabled = true` in [local] of config.toml, with a server in `endpoints`; then: orchd restart", ["orchd restart"]],
    ["download a model in LM Studio, Discover tab, or load one with: lms load; or switch on Just-in-Time loading (Developer tab, Server Settings)", ["lms load"]],
    ["wait until it is loaded", []],
  ]) assert.deepEqual(commandsIn(advice), commands);
});

test("every state has a word and a tone; a later daemon's is shown as it is", () => {
  assert.deepEqual([stateOf("ready").tone, stateOf("loading").tone, stateOf("down").tone, stateOf("off").tone], ["good", "soon", "bad", "none"]);
  assert.deepEqual([stateOf("asleep").word, stateOf("asleep").tone, stateOf("constructor").word], ["asleep", "none", "constructor"]);
  assert.deepEqual([kindName("lm_studio_v0"), kindName(null), kindName("new")], ["LM Studio", null, "new"]);
  assert.equal(reasonWords("toString"), "toString");
  assert.equal(reasonWords("a_later_reason"), "a later reason");
});

test("a history is stretches within the time, each up to the next", () => {
  const change = (since_at, state) => ({ since_at, state });
  const parts = stretches([change(90, "ready"), change(40, "down"), change(10, "ready")], 20, 100);
  assert.deepEqual(parts.map(({ state, from, to }) => [state, from, to]), [["ready", 20, 40], ["down", 40, 90], ["ready", 90, 100]]);
  assert.equal(available(parts), 30 / 80);
  assert.equal(available([]), null);
  assert.equal(available([{ state: "off", from: 0, to: 9 }]), null);
  assert.deepEqual(stretches([change(5, "down")], 20, 100).map(({ from, to }) => [from, to]), [[20, 100]]);
});

test("a time axis has no holes, and days of 23 and 25 hours are days", () => {
  assert.deepEqual(axis([0, 3 * HOUR], "hour"), [0, HOUR, 2 * HOUR, 3 * HOUR]);
  assert.deepEqual(axis([25 * HOUR, 0, 48 * HOUR, 25 * HOUR], "day"), [0, 25 * HOUR, 48 * HOUR]);
  assert.deepEqual(axis([0, 72 * HOUR], "day"), [0, 24 * HOUR, 48 * HOUR, 72 * HOUR]);
  assert.deepEqual(axis([0, 90 * 24 * HOUR], "month"), [0, 90 * 24 * HOUR]);
  assert.deepEqual(axis([0, 1e9 * HOUR], "hour"), [0, 1e9 * HOUR]);
  assert.deepEqual(axis([], "day"), []);
});

test("where tasks ran, in words", () => {
  assert.equal(ranWords({ local: 3, claude: 0, nobody: 1 }), "3 ran here, 1 nobody finished");
});

test("what an answer about speed leaves out is said", () => {
  assert.equal(leftOut({ newest_tasks: null, models_left_out: 0 }), "");
  assert.match(leftOut({ newest_tasks: 20_000, models_left_out: 1 }), /newest 20.000 tasks .* 1 model with fewer tasks is left out\.$/);
});
