// The timeline's axis and lanes.
import assert from "node:assert/strict";
import { test } from "node:test";
import { buildAxis, clampView, ticks, toAxis, toTime, union, zoom } from "../../dashboard-assets/js/timeline/axis.js";
import { buildModel, pack, turnsOf, waitOf } from "../../dashboard-assets/js/timeline/lanes.js";
import { toolKind } from "../../dashboard-assets/js/timeline/kinds.js";
import { promptRows } from "../../dashboard-assets/js/views/session-prompts.js";
import { lines } from "../../dashboard-assets/js/views/session-list.js";

const S = 1_000_000;
const near = (a, b, by, what) => assert.ok(Math.abs(a - b) <= by, `${what}: ${a} and ${b}`);

/** A small generator of numbers, the same in each run. */
function numbers(seed) {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

test("overlapping times are joined", () => {
  assert.deepEqual(union([[5, 6], [1, 3], [2, 4], [4, 5]]), [[1, 6]]);
  assert.deepEqual(union([[1, 2], [4, 5]]), [[1, 2], [4, 5]]);
  assert.deepEqual(union([]), []);
});

test("long idle gaps are folded, short ones are not", () => {
  const axis = buildAxis([[0, 600 * S], [630 * S, 700 * S], [9000 * S, 9600 * S]], 0, 9600 * S);
  assert.equal(axis.segments.filter((part) => part.folded).length, 1);
  assert.ok(axis.length < 1500 * S);
  const plain = buildAxis([[0, 600 * S], [660 * S, 1200 * S]], 0, 1200 * S);
  assert.equal(plain.length, 1200 * S);
});

test("time to axis and back, in order and without holes, for many sessions", () => {
  for (let seed = 1; seed <= 200; seed += 1) {
    const random = numbers(seed);
    const busy = Array.from({ length: 1 + Math.floor(random() * 12) }, () => { const from = random() * 40_000 * S; return [from, from + random() * 900 * S]; });
    const from = Math.min(...busy.map(([a]) => a)) - random() * 5000 * S;
    const to = Math.max(...busy.map(([, b]) => b)) + random() * 5000 * S;
    const axis = buildAxis(busy, from, to);
    assert.equal(axis.segments[0].from, from);
    assert.equal(axis.segments.at(-1).to, to);
    axis.segments.forEach((part, at) => {
      const next = axis.segments[at + 1];
      if (next) {
        assert.equal(part.to, next.from);
        near(part.at + part.width, next.at, 1, "axis");
      }
      if (!part.folded) near(part.width, part.to - part.from, 1, "scale");
      else for (const [a, b] of busy) assert.ok(b <= part.from + 1 || a >= part.to - 1, "no work inside a fold");
    });
    let last = -1;
    for (let step = 0; step <= 50; step += 1) {
      const time = from + ((to - from) * step) / 50;
      const at = toAxis(axis, time);
      assert.ok(at >= last && at <= axis.length + 1);
      last = at;
      near(toTime(axis, at), time, (to - from) * 1e-6 + 2, "round trip");
    }
  }
});

test("an axis of one moment still has a length", () => assert.ok(buildAxis([[5, 5]], 5, 5).length > 0));

test("zooming keeps the point under the pointer and stays inside", () => {
  const axis = buildAxis([[0, 100 * S]], 0, 100 * S);
  const view = zoom(axis, { from: 0, to: 100 * S }, 25 * S, 0.5);
  assert.deepEqual(view, { from: 12.5 * S, to: 62.5 * S });
  assert.deepEqual(zoom(axis, view, 30 * S, 100), { from: 0, to: 100 * S });
  assert.ok(zoom(axis, { from: 0, to: 2000 }, 0, 0.0001).to >= 999);
  assert.deepEqual(clampView(axis, { from: -50 * S, to: 0 }), { from: 0, to: 50 * S });
});

test("ticks stand at round times, apart from each other and outside folds", () => {
  const axis = buildAxis([[0, 1800 * S], [90_000 * S, 91_800 * S]], 0, 91_800 * S);
  const found = ticks(axis, { from: 0, to: axis.length }, 1000, 80, 0);
  assert.ok(found.length >= 4 && found.length <= 13);
  found.forEach((tick, at) => {
    assert.equal(tick.time % tick.step, 0);
    assert.ok(tick.time <= 1900 * S || tick.time >= 89_900 * S);
    if (at > 0) assert.ok(tick.at - found[at - 1].at >= (axis.length / 1000) * 78);
  });
});

const span = (over) => ({ tool_use_id: "t", tool_name: "Bash", agent_id: null, prompt_id: null, summary: null, started_at: 0, ended_at: 10, duration_ms: null, permission_asked_at: null, status: "ok", start_event_id: null, end_event_id: null, ...over });
const mark = (kind, at) => ({ kind, at, text: null, prompt_id: null, event_id: `${kind}${at}` });

test("parallel calls take rows of their own and none covers another", () => {
  const rows = pack([[0, 10], [5, 20], [10, 30], [6, 7]].map(([from, to]) => ({ span: span({}), from, to, row: 0 })));
  assert.deepEqual(rows.map(({ from, row }) => [from, row]), [[0, 0], [5, 1], [6, 2], [10, 0]]);
});

test("turns run from a prompt to its stop; one without a stop ends with its last call", () => {
  const marks = [mark("prompt", 0), mark("stop", 50), mark("prompt", 100), mark("task_notification", 120), mark("prompt", 200)];
  const spans = [span({ started_at: 105, ended_at: 130 }), span({ started_at: 210, ended_at: 220 })];
  assert.deepEqual(turnsOf(marks, spans, 900, false), [[0, 50], [100, 130], [200, 220]]);
  assert.deepEqual(turnsOf(marks, spans, 900, true).at(-1), [200, 900]);
  assert.deepEqual(turnsOf([], [], 9, false), []);
});

test("a wait lasts until the call went on", () => {
  const placed = (over) => ({ span: span({ permission_asked_at: 10, ...over }), from: 0, to: 100_000, row: 0 });
  assert.equal(waitOf({ span: span({}), from: 0, to: 1, row: 0 }), null);
  assert.deepEqual(waitOf(placed({ duration_ms: 40 })), [10, 60_000]);
  assert.deepEqual(waitOf(placed({ status: "denied", duration_ms: 40 })), [10, 100_000]);
  assert.deepEqual(waitOf(placed({ status: "open" })), [10, 100_000]);
  assert.deepEqual(waitOf(placed({ duration_ms: 500 })), [10, 10]);
});

const detail = (over) => ({ schema: 1, now_at: 1000, session: { started_at: 0, last_event_at: 900, ended_at: null, state: "idle" }, agent_runs: [], spans: [], marks: [], spans_left_out: 0, ...over });

test("each agent has a lane, nested below its parent; calls of unknown agents are not lost", () => {
  const runs = [{ agent_id: "b", parent_agent_id: "a", started_at: 2, ended_at: 5, agent_type: "B", status: "completed" }, { agent_id: "a", parent_agent_id: null, started_at: 1, ended_at: null, agent_type: "A", status: "running" }];
  const model = buildModel(detail({ agent_runs: runs, spans: [span({ agent_id: "zzz", tool_use_id: "z" }), span({ agent_id: "b" })] }));
  assert.deepEqual(model.lanes.map((lane) => [lane.key, lane.depth, lane.calls.length]), [["", 0, 0], ["a", 1, 0], ["b", 2, 1], ["zzz", 1, 1]]);
  assert.equal(model.lanes.reduce((sum, lane) => sum + lane.height, 0), model.height);
});

test("a session without anything still has an axis", () => {
  const model = buildModel(detail({}));
  assert.ok(buildAxis(model.busy, model.from, model.to).length > 0);
});

test("the list has the timeline's facts in order of time", () => {
  const all = lines(detail({ spans: [span({ started_at: 20, tool_name: "Edit" })], marks: [mark("prompt", 5), mark("stop_failure", 30)] }));
  assert.deepEqual(all.map((line) => [line.at, line.what, line.state]), [[5, "Prompt", ""], [20, "Edit", "ok"], [30, "Turn failed", "failed"]]);
});

test("kinds of tools", () => {
  for (const [tool, kind] of [["Bash", "command"], ["mcp__x__y", "mcp"], ["Agent", "agent"], ["constructor", "other"], ["__proto__", "other"]]) assert.equal(toolKind(tool), kind);
});

test("prompts carry their own time, calls and failures", () => {
  const marks = [{ ...mark("prompt", 0), prompt_id: "a" }, mark("stop", 50), { ...mark("prompt", 100), prompt_id: "b" }, mark("stop", 400)];
  const spans = [span({ prompt_id: "a", started_at: 5, ended_at: 9 }), span({ prompt_id: "b", started_at: 110, status: "failed" }), span({ prompt_id: "b", started_at: 120, permission_asked_at: 121 })];
  assert.deepEqual(promptRows(detail({ marks, spans })).map((row) => [row.length, row.calls, row.failed, row.waited]), [[50, 1, 0, 0], [300, 2, 1, 1]]);
});
