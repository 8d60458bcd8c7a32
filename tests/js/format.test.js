// Numbers and times as people read them.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as format from "../../dashboard-assets/js/format.js";

const { DAY, HOUR, MINUTE } = format;
const table = (name, call, cases) => test(name, () => { for (const [input, expected] of cases) assert.equal(call(...[input].flat()), expected, JSON.stringify(input)); });

table("counts", format.countText, [[0, "0"], [7, "7"], [1243, "1243"], [12345, "12\u202f345"], [99_999, "99\u202f999"], [100_000, "100 K"], [184_190, "184 K"], [1_240_000, "1.24 M"], [2.5e9, "2.5 B"], [-1_240_000, "-1.24 M"], [0.5, "0.5"], [null, "–"], [NaN, "–"], [Infinity, "–"]]);
table("ratios", (value) => format.joined(format.ratio(value)), [[0, "0 %"], [0.083, "8.3 %"], [0.5, "50 %"], [1, "100 %"], [0.0004, "< 0.1 %"], [null, "–"]]);
table("latencies", (value) => format.joined(format.latency(value)), [[0, "0 µs"], [720, "720 µs"], [1840, "1.84 ms"], [12_000, "12 ms"], [999_400, "999 ms"], [999_600, "1 s"], [4_200_000, "4.2 s"], [90e6, "1.5 m"], [1.8e12, "20.8 d"], [null, "–"]]);
table("bytes", (value) => format.joined(format.bytes(value)), [[0, "0 B"], [999, "999 B"], [1000, "1 KB"], [999_999, "1 MB"], [412_345_678, "412 MB"], [231e9, "231 GB"], [null, "–"]]);
table("lengths of time", format.duration, [[0, "< 1 ms"], [320_000, "320 ms"], [999_400, "999 ms"], [4_200_000, "4.2 s"], [9_960_000, "10 s"], [59_600_000, "1 m"], [192e6, "3 m 12 s"], [2 * HOUR + 5 * MINUTE, "2 h 5 m"], [3 * DAY + 4 * HOUR, "3 d 4 h"], [-5, "< 1 ms"], [null, "–"]]);
table("running times do not jump between forms", format.running, [[-1, "0 s"], [900_000, "0 s"], [9_999_999, "9 s"], [10_000_000, "10 s"], [61e6, "1 m 1 s"]]);
const NOW = Date.UTC(2026, 10, 22, 12) * 1000;
table("relative times", (past) => format.ago(NOW - past, NOW), [[0, "now"], [1_000_000, "now"], [12e6, "12 s ago"], [3 * MINUTE, "3 m ago"], [5 * HOUR, "5 h ago"], [2 * DAY, "2 d ago"]]);

test("a relative time older than a week is a date, one ahead of the clock says its time", () => {
  assert.match(format.ago(NOW - 8 * DAY, NOW), /^2026-11-1\d$/);
  assert.match(format.ago(NOW + HOUR, NOW), /^\d\d:\d\d:\d\d$/);
});

test("exact times carry milliseconds and the zone", () => assert.match(format.exact(NOW + 5000), /^2026-11-2\d \d\d:00:00\.005 [+−]\d\d:\d\d$/));

test("grouping keeps every digit", () => {
  for (const value of [0, 999, 1000, 12_345, 123_456_789, -98_765]) assert.equal(Number(format.grouped(value).replaceAll("\u202f", "").replace("−", "-")), value);
});

test("figures of tiles follow their unit", () => {
  assert.deepEqual(format.figure(1.84, "ms"), { value: "1.84", unit: "ms" });
  assert.deepEqual(format.figure(0.0034, "ratio"), { value: "0.3", unit: "%" });
  assert.deepEqual(format.figure(null, "ms"), { value: "–", unit: "" });
});
