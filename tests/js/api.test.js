// One question at a time, and who uses its answer finds none under way.
import assert from "node:assert/strict";
import { test } from "node:test";
import { latest } from "../../dashboard-assets/js/api.js";

test("a question is over before its answer, or its error, is used", async () => {
  const seen = [];
  const asks = latest((answer) => seen.push([answer, asks.busy()]), (error) => seen.push([error.message, asks.busy()]));
  const first = asks.run(async () => 1);
  assert.equal(asks.busy(), true);
  await first;
  await asks.run(async () => { throw new Error("no"); });
  assert.deepEqual(seen, [[1, false], ["no", false]]);
});

test("only the newest answer is used, and none after a stop", async () => {
  const seen = [];
  const asks = latest((answer) => seen.push(answer), () => seen.push("failed"));
  await Promise.all([asks.run(async () => 1), asks.run(async () => 2)]);
  const stopped = asks.run(async () => 3);
  asks.stop();
  await stopped;
  assert.deepEqual(seen, [2]);
  const broken = latest(() => { throw new Error("in use"); }, (error) => seen.push(error.message));
  await broken.run(async () => 4);
  assert.deepEqual(seen, [2, "in use"]);
});
