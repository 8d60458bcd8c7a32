// From the router's figures and tasks to what the page says of them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { between, counted, differs, inForce, nearest, nextStep, outcomeOf, percent, placeOf, routeVerdict, standing, tried } from "../../dashboard-assets/js/routing.js";

const estimate = { value: 0.83, low: 0.744, high: 0.91 };
const answer = (more = {}) => ({ local_model: "deepseek-r1", algorithm: "learned", decisions: 120, judged: 60, recommended_local: 30, recommended_claude: 90, min_confidence: 0.6, threshold: 0.8, message: null, precision: estimate, coverage: estimate, quality: estimate, fit: { model: "deepseek-r1" }, ...more });

test("a share says a tenth more where it counts, and nothing where it is not known", () => {
  assert.deepEqual([0, 0.004, 0.834, 0.9, 0.9849, 1, null, undefined, NaN].map(percent), ["0 %", "0 %", "83 %", "90 %", "98.5 %", "100 %", "–", "–", "–"]);
  assert.equal(between(estimate), "74 to 91 %");
  assert.equal(between(null), "");
});

test("the headline is a claim only with enough outcomes", () => {
  assert.equal(standing(answer()).kind, "figures");
  assert.deepEqual([standing(answer({ decisions: 0, message: "too few outcomes yet: 0 of 50" })).kind, standing(answer({ algorithm: "keyword" })).kind, standing(answer({ precision: null })).kind], ["none", "keyword", "nothing_local"]);
  const few = standing(answer({ message: "too few outcomes yet: 12 of 50", precision: null }));
  assert.deepEqual([few.kind, few.title], ["few", "Too few outcomes yet: 12 of 50"]);
  assert.deepEqual(counted("too few outcomes yet: 12 of 50"), { have: 12, need: 50, of: "judged tasks" });
  assert.equal(counted("too few outcomes yet: 4 of 5 that were as good")?.of, "judged tasks that were as good");
  assert.equal(counted("too few"), null);
  assert.equal(standing(answer({ message: "too few outcomes yet: 29 of 30" })).kind, "figures");
  assert.match(standing(answer({ precision: null, recommended_local: 0 })).text, /60 of 120 decisions are judged\. No task reached the threshold of 80 %/);
});

test("what is not calibrated for this model is said, with what to do", () => {
  assert.equal(nextStep(answer()), null);
  assert.deepEqual(nextStep(answer({ fit: { model: "other" } }))?.command, "orchd router refit");
  assert.match(nextStep(answer({ fit: null, message: "too few outcomes yet: 1 of 50" }))?.text ?? "", /^Not yet calibrated for deepseek-r1/);
  assert.match(nextStep(answer({ fit: null, message: "too few outcomes yet: 1 of 50" }))?.command ?? "", /^orchd feedback/);
  assert.equal(nextStep(answer({ fit: null, decisions: 0 })), null);
});

test("the word about the route is about the recommendation, whichever that was", () => {
  for (const [recommended_route, as_good, verdict] of [["local", true, "good"], ["local", false, "bad"], ["claude", true, "bad"], ["claude", false, "good"]]) assert.equal(routeVerdict({ recommended_route }, as_good), verdict);
});

test("where a task was to go, where it went and how it came out", () => {
  assert.deepEqual([differs({ recommended_route: "local", ran: "claude" }), differs({ recommended_route: null, ran: "local" }), differs({ recommended_route: "local", ran: null }), differs({ recommended_route: "claude", ran: "claude" })], [true, false, false, false]);
  assert.deepEqual([placeOf("local", "?").word, placeOf(null, "running").word, placeOf("constructor", "nobody").word], ["Local model", "running", "nobody"]);
  assert.deepEqual([[null, null], [null, "unknown"], [null, "failure"], [5, "success"], [5, "unknown"], [5, null]].map(([settled_at, label]) => outcomeOf({ settled_at, label }).word), ["running", "running", "failed", "succeeded", "not known", "not known"]);
});

test("a threshold that is tried stands beside the one in force", () => {
  assert.deepEqual([inForce(answer()), inForce(answer({ min_confidence: 0.9 }))], [0.8, 0.9]);
  const rows = [0, 0.5, 0.8, 1].map((threshold) => ({ threshold, local_share: 1 - threshold }));
  assert.deepEqual([nearest(rows, 0.79), nearest(rows, 0.1), nearest(rows, 5), nearest([], 0.5)], [2, 0, 3, 0]);
  assert.equal(tried(rows[1], rows[2], 0.8), "At 50 %, 50 % of the tasks would have been recommended for the local model; at 80 %, as now, 20 %.");
  assert.match(tried(rows[2], rows[2], 0.83), /^At 80 %, the step next to the 83 % in force, 20 %/);
  assert.equal(tried(rows[2], rows[2], 0.8), "At 80 %, as now, 20 % of the tasks would have been recommended for the local model.");
});
