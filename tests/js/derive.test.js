// From rows to what views show.
import assert from "node:assert/strict";
import { test } from "node:test";
import { agentTree, balanced, coarser, compare, eventWord, failureRate, merge, sessionName, totals } from "../../dashboard-assets/js/derive.js";
import { findings, history } from "../../dashboard-assets/js/views/health.js";
import { sparkPath } from "../../dashboard-assets/js/charts/spark.js";

const run = (agent_id, parent_agent_id, started_at) => ({ agent_id, parent_agent_id, started_at });
const shape = (runs) => agentTree(runs).map(({ run: one, depth }) => `${depth}${one.agent_id}`).join(" ");

test("the agent tree puts parents before children and loses nobody", () => {
  assert.equal(shape([run("c", "a", 3), run("b", null, 2), run("a", null, 1), run("d", "c", 4)]), "0a 1c 2d 0b");
  assert.equal(shape([run("x", "gone", 1)]), "0x");
  assert.equal(shape([run("x", "x", 1)]), "0x");
  assert.equal(shape([run("p", "q", 1), run("q", "p", 2)]), "0p 1q");
  assert.equal(shape([]), "");
});

test("names of sessions: label, then title, then the id", () => {
  assert.equal(sessionName({ label: "Mine", title: "T", session_id: "s" }), "Mine");
  assert.equal(sessionName({ label: " \u202e", title: "T", session_id: "s" }), "T");
  assert.equal(sessionName({ label: null, title: null, session_id: "0123456789abcdef" }), "Session 01234567…");
});

const tile = (over) => ({ key: "tool_calls", label: "", value: 100, unit: "count", usual: { median: 100, low: 50, high: 200, weeks: 4 }, spark: [], href: "/", ...over });

test("tiles say how they compare", () => {
  assert.equal(compare(tile({})).direction, "same");
  assert.equal(compare(tile({ value: 150 })).text, "+50 % vs usual 100");
  assert.equal(compare(tile({ value: 80 })).text, "−20 % vs usual 100");
  assert.equal(compare(tile({ value: 5000 })).text, "50× vs usual 100");
  assert.equal(compare(tile({ unit: "usd", value: 12.5, usual: { median: 10, low: 1, high: 20, weeks: 4 } })).text, "+25 % vs usual $10");
  assert.equal(compare(tile({ usual: null })).text, "no usual day yet");
  assert.equal(compare(tile({ value: null })).text, "nothing measured yet");
  assert.equal(compare(tile({ value: 4, usual: { median: 0, low: 0, high: 0, weeks: 2 } })).text, "+4 vs usual 0");
});

test("only what is worse than ever seen is bad", () => {
  const rate = (value) => compare(tile({ key: "failure_rate", unit: "ratio", value, usual: { median: 0.03, low: 0.01, high: 0.06, weeks: 4 } }));
  assert.equal(rate(0.08).tone, "bad");
  assert.equal(rate(0.08).text, "+5 pt vs usual 3 %");
  assert.equal(rate(0.05).tone, "");
  assert.equal(compare(tile({ value: 900 })).tone, "");
});

test("newer rows come in front, each once", () => {
  const rows = (...seqs) => seqs.map((seq) => ({ seq }));
  assert.deepEqual(merge(rows(3, 2, 1), rows(5, 4, 3)).map((row) => row.seq), [5, 4, 3, 2, 1]);
  assert.deepEqual(merge(rows(3, 2, 1), rows(4), 2).map((row) => row.seq), [4, 3]);
});

const bucket = (at, events) => ({ at, events, prompts: 1, tool_calls: events, tool_failures: 0, agents: 0, sessions: 0 });

test("coarser bars hold the same sums", () => {
  const fine = Array.from({ length: 100 }, (_, at) => bucket(at, at));
  for (const most of [1, 7, 96, 100, 500]) {
    const bars = coarser(fine, most);
    assert.ok(bars.length <= most);
    assert.deepEqual(totals(bars), totals(fine));
  }
  assert.deepEqual(coarser([], 10), []);
});

test("books, rates and words", () => {
  assert.ok(balanced({ received: 10, stored: 6, duplicate: 2, rejected: 1, dropped: 1 }));
  assert.ok(!balanced({ received: 10, stored: 6, duplicate: 2, rejected: 1, dropped: 0 }));
  assert.equal(failureRate({ tool_calls: 0, tool_failures: 0 }), null);
  assert.equal(eventWord("PostToolUseFailure"), "Tool failed");
  assert.equal(eventWord("constructor"), "constructor");
  assert.equal(eventWord("\u202e"), "(no name)");
});

test("spark lines keep their gaps", () => {
  assert.equal(sparkPath([1]).line, "");
  assert.equal(sparkPath([null, null]).line, "");
  assert.equal(sparkPath([0, 2, 1]).line, "M0 26L50 2L100 14");
  assert.equal(sparkPath([1, null, 1, 1]).line.match(/M/g)?.length, 2);
  assert.doesNotMatch(sparkPath([0, 0, 0]).line, /NaN/);
});

const imported = (over = {}) => ({ state: "done", percent: 100, bytes: 0, bytes_done: 0, files: 0, files_done: 0, requests: 0, unread: 0, skipped_lines: 0, skipped_in: [], error: null, started_at: 1, ended_at: 2, roots: ["/home/dev/.claude"], following: "watching", reason: null, ...over });
const view = (over = {}) => ({ paused: false, counters: { received: 1, stored: 1, duplicate: 0, rejected: 0, dropped: 0 }, spool: { pending: 0, size_bytes: 0 }, database: { size_bytes: 1e6, growth_bytes_per_day: 5e6, disk_free_bytes: 200e9 }, process: { queue_depth: 0 }, import: imported(), latencies: [], ...over });
const levels = (over) => Object.fromEntries(findings(view(over)).map((item) => [item.name, item.level]));

test("health says what is wrong", () => {
  assert.deepEqual(new Set(Object.values(levels())), new Set(["good"]));
  assert.equal(levels({ paused: true }).Recording, "warn");
  assert.equal(levels({ counters: { received: 2, stored: 1, duplicate: 0, rejected: 0, dropped: 0 } }).Books, "fail");
  assert.equal(levels({ spool: { pending: 3, size_bytes: 9 } }).Spool, "warn");
  assert.equal(levels({ database: { size_bytes: 1, growth_bytes_per_day: null, disk_free_bytes: 1e6 } }).Disk, "fail");
  assert.equal(levels({ latencies: [{ metric: "hook_latency", p50_us: 1, p95_us: 90_000 }] }).Hook, "warn");
});

test("what became of the history is one sentence", () => {
  const cases = [
    [{}, "good", "Transcripts are read as they are written."],
    [{ state: "running", percent: 40, bytes: 1.2e9, requests: 12_345 }, "good", "Reading 1.2 GB of transcripts in the background: 40 %, 12\u202f345 requests so far."],
    [{ state: "failed", error: "disk full" }, "warn", "Reading transcripts failed: disk full. Run `orchd import`."],
    [{ following: "polling", reason: "no watches left" }, "warn", "Transcripts are polled, so costs come seconds late: no watches left."],
    [{ following: "off" }, "good", "Transcripts are not followed, as `ledger.transcripts` says."],
    [{ roots: [] }, "good", "No transcripts yet."],
    [{ skipped_lines: 2 }, "warn", "2 lines of transcripts could not be read and count in no cost. `orchd import` names their files."],
    [{ skipped_lines: 1, state: "running", bytes: 1e9, percent: 7, requests: 5 }, "good", "Reading 1 GB of transcripts in the background: 7 %, 5 requests so far."],
    [{ unread: 1 }, "warn", "Transcripts are read as they are written, but for 1 file. `orchd import` names them."],
  ];
  for (const [over, level, text] of cases) assert.deepEqual(history(imported(over)), { level, name: "History", text });
});
