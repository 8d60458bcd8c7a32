// Money, shares, and the way from a number to its requests.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as costs from "../../dashboard-assets/js/costs.js";
import * as days from "../../dashboard-assets/js/days.js";
import { costName } from "../../dashboard-assets/js/derive.js";
import { figure, usd, usdExact, usdRough } from "../../dashboard-assets/js/format.js";
import { cacheWords } from "../../dashboard-assets/js/parts/cost-table.js";
import { priceName } from "../../dashboard-assets/js/parts/request-row.js";
import { withCosts } from "../../dashboard-assets/js/views/session-prompts.js";

const table = (name, call, cases) => test(name, () => { for (const [input, expected] of cases) assert.deepEqual(call(input), expected, JSON.stringify(input)); });
const sums = (over = {}) => ({ requests: 2, input_tokens: 10, output_tokens: 5, cache_creation_input_tokens: 20, cache_read_input_tokens: 70, cost_usd: 0.5, unknown_cost_requests: 0, ...over });

table("dollars", usd, [
  [0, "$0.00"], [0.00001, "< $0.0001"], [0.00007, "$0.0001"], [0.0042, "$0.0042"], [0.00994, "$0.0099"], [0.005, "$0.0050"], [0.00996, "$0.01"], [0.042, "$0.042"], [0.05, "$0.05"], [0.0994, "$0.099"], [0.0996, "$0.10"], [0.42, "$0.42"], [12.34, "$12.34"],
  [999.994, "$999.99"], [999.996, "$1,000"], [1234.5, "$1,235"], [123_456, "$123,456"], [999_999.4, "$999,999"], [1_240_000, "$1.24 M"], [-3, "−$3.00"], [null, "–"], [undefined, "–"], [NaN, "–"], [Infinity, "–"],
]);
table("dollars to the last digit", usdExact, [[0, "$0.00"], [12.3, "$12.30"], [0.000747, "$0.000747"], [1234.567890123, "$1,234.567890123"], [-0.5, "−$0.50"]]);
table("rough dollars", usdRough, [[48.9, "$49"], [9.99, "$9.99"], [4.2, "$4.20"], [999.4, "$999"], [1500, "$1,500"], [null, "–"]]);

test("a tile in dollars", () => {
  assert.deepEqual(figure(12.34, "usd"), { value: "$12.34", unit: "" });
  assert.deepEqual(figure(null, "usd"), { value: "–", unit: "" });
});

test("an unknown cost is never nothing", () => {
  assert.deepEqual(costs.costWords(sums({ cost_usd: null, unknown_cost_requests: 2 })).value, "unknown");
  assert.equal(costs.costWords(sums({ unknown_cost_requests: 2 })).more, "+ 2 unknown");
  assert.match(costs.costWords(sums({ unknown_cost_requests: 1 })).title, /1 request without a known price is not in it/);
  assert.equal(costs.costWords(sums()).more, "");
  assert.equal(costs.costWords(sums({ requests: 0, cost_usd: 0 })).value, "$0.00");
});

test("shares are of what is known", () => {
  assert.equal(costs.shareOf(sums(), sums({ cost_usd: 2 })), 0.25);
  assert.equal(costs.shareOf(sums({ cost_usd: null }), sums()), null);
  assert.equal(costs.shareOf(sums(), sums({ cost_usd: null })), null);
  assert.equal(costs.shareOf(sums({ cost_usd: 0 }), sums({ cost_usd: 0 })), null);
});

test("how well the cache works", () => {
  assert.deepEqual(costs.cacheUse(sums()), { share: 0.7, reads_per_write: 3.5 });
  assert.deepEqual(costs.cacheUse(sums({ input_tokens: 0, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 })), { share: null, reads_per_write: null });
  assert.match(cacheWords(sums()), /^70 % of .* was read 3.5 times\.$/);
  assert.equal(cacheWords(sums({ input_tokens: 0, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 })), "");
  assert.match(cacheWords(sums({ cache_creation_input_tokens: 0 })), /read again\.$/);
  assert.equal(costs.allTokens(sums()), 105);
});

test("a number's address has exactly its filters", () => {
  const where = costs.whereOf({ since: "2026-11-01", until: null }, { project: "/home/dev/a b", model: "m", sort: "requests", cursor: "1" });
  assert.equal(costs.requestsPath(where), "/costs/requests?model=m&project=%2Fhome%2Fdev%2Fa+b&since=2026-11-01");
  assert.equal(costs.requestsPath(costs.whereOfRow("agent", "main", where)), "/costs/requests?agent=main&model=m&project=%2Fhome%2Fdev%2Fa+b&since=2026-11-01");
  assert.equal(costs.whereOfRow("prompt", "", where).prompt, "none");
  assert.equal(costs.whereOfRow("model", "", where), null);
  assert.equal(costs.requestsPath({}), "/costs/requests");
});

test("rows sort by any column, those without a value last", () => {
  const rows = [sums({ key: "a" }), sums({ key: "b", cost_usd: null }), sums({ key: "c", cost_usd: 3, requests: 1 })];
  const keys = (...how) => costs.sorted(rows, ...how).map((row) => row.key).join("");
  assert.equal(keys(undefined, undefined), "cab");
  assert.equal(keys("cost_usd", "asc"), "acb");
  assert.equal(keys("requests", "asc"), "cab");
  assert.equal(keys("name", "desc"), "cba");
  assert.equal(keys("constructor", "desc"), "cab");
});

test("at most eight series, the last of many is all others", () => {
  const of = (count, other = null, group = "model") => costs.seriesKeys({ group, other, rows: Array.from({ length: count }, (_, at) => ({ key: `k${at}` })) });
  assert.equal(of(3).length, 3);
  assert.equal(of(8).at(-1), "k7");
  assert.deepEqual([of(9).length, of(9).at(-1)], [8, null]);
  assert.equal(of(8, sums()).at(-1), null);
  assert.deepEqual(of(3, null, "session"), []);
});

test("stretches of days", () => {
  assert.deepEqual(days.daysOf("day", "2026-11-22", { since: null, until: null }), { since: "2026-11-22", until: "2026-11-22" });
  assert.deepEqual(days.daysOf("week", "2026-11-16", { since: "2026-11-18", until: null }), { since: "2026-11-18", until: "2026-11-22" });
  assert.deepEqual(days.daysOf("month", "2026-02", { since: null, until: "2026-02-10" }), { since: "2026-02-01", until: "2026-02-10" });
  assert.deepEqual(days.daysOf("month", "2026-12", { since: null, until: null }), { since: "2026-12-01", until: "2026-12-31" });
  assert.equal(days.keyOf("week", "2026-11-23"), "2026-11-23");
  assert.equal(days.keyOf("week", "2026-11-22"), "2026-11-16");
});

test("a time axis has no holes", () => {
  assert.deepEqual(days.allKeys("day", ["2026-11-20", "2026-11-22"], { since: "2026-11-19", until: null }, "2026-11-23"), ["2026-11-19", "2026-11-20", "2026-11-21", "2026-11-22", "2026-11-23"]);
  assert.deepEqual(days.allKeys("week", ["2026-11-02"], { since: null, until: null }, "2026-11-17"), ["2026-11-02", "2026-11-09", "2026-11-16"]);
  assert.deepEqual(days.allKeys("month", ["2025-11"], { since: null, until: "2026-02-03" }, "2026-11-23"), ["2025-11", "2025-12", "2026-01", "2026-02"]);
  assert.deepEqual(days.allKeys("day", ["2026-11-25"], { since: null, until: null }, "2026-11-23"), ["2026-11-25"]);
  assert.deepEqual(days.allKeys("day", [], { since: null, until: null }, "2026-11-23"), []);
});

test("days in words", () => {
  const open = { since: null, until: null };
  assert.equal(days.daysWord({ period: "90d" }, { since: "2026-01-01", until: null }), "Last 90 days");
  assert.equal(days.daysWord({}, open), "All time");
  assert.equal(days.daysWord({ since: "2026-01-01", period: "7d" }, { since: "2026-01-01", until: null }), "Since 2026-01-01");
  assert.equal(days.daysWord({}, { since: "2026-01-01", until: "2026-01-01" }), "2026-01-01");
  assert.equal(days.monthName("2026-02"), "February 2026");
});

test("names of rows", () => {
  const names = { sessions: new Map([["s", "Mine"]]), prompts: new Map([["p", "Do it"]]), projects: [{ project: "shop", project_dir: "/home/dev/shop" }] };
  for (const [group, key, expected] of [["project", "/home/dev/shop", "shop"], ["project", "/other/blog/", "blog"], ["project", "", "(no project)"], ["agent", "main", "main thread"], ["session", "s", "Mine"], ["session", "0123456789ab", "Session 01234567…"], ["prompt", "p", "Do it"], ["prompt", "", "Without a prompt"], ["prompt", "none", "Without a prompt"], ["model", "m\u202e", "m"], ["model", "", "(no model)"]]) assert.equal(costName(group, key, names), expected, `${group} ${key}`);
  assert.equal(priceName({ price: "litellm 1 m-1", model: "m-1" }), "litellm 1");
  assert.equal(priceName({ price: "own m-2", model: "m-1" }), "own m-2");
  assert.equal(priceName({ price: null, model: "m" }), "no price");
});

test("each cost of a session stands once beside its prompts", () => {
  const rows = [{ key: "e1", prompt_id: "p1" }, { key: "e2", prompt_id: null }, { key: "e3", prompt_id: "p1" }];
  const lines = withCosts(rows, [sums({ key: "p1" }), sums({ key: "" }), sums({ key: "p9" })]);
  assert.deepEqual(lines.map(({ key, cost }) => [key, cost?.key ?? null]), [["e1", "p1"], ["e2", null], ["e3", null], ["cost ", ""], ["cost p9", "p9"]]);
});
