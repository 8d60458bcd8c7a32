// Addresses: each view can be restored from its own.
import assert from "node:assert/strict";
import { test } from "node:test";
import { bounds, href, own, parse, search, sessionPath } from "../../dashboard-assets/js/url.js";

test("paths name views", () => {
  const cases = [["/", "overview", null], ["/activity", "activity", null], ["/activity/", "activity", null], ["/sessions", "sessions", null], ["/sessions/a%2Fb", "session", "a/b"], ["/sessions/%E0%A4%A", "session", "%E0%A4%A"], ["/system", "system", null], ["/costs", "costs", null], ["/costs/requests", "requests", null], ["/routing", "routing", null], ["/subagents/", "subagents", null], ["/costs/x", "missing", null], ["/nothing", "missing", null], ["/constructor", "missing", null], ["/__proto__", "missing", null]];
  for (const [path, view, id] of cases) assert.deepEqual([parse(path, "").view, parse(path, "").id], [view, id], path);
});

test("a query round trips, in a steady order, without empty values", () => {
  const text = search({ q: "a b&c", failed: true, cursor: null, tool: "", state: undefined, before: 5 });
  assert.equal(text, "?before=5&failed=true&q=a+b%26c");
  assert.deepEqual({ ...parse("/activity", text).query }, { before: "5", failed: "true", q: "a b&c" });
  assert.equal(search({}), "");
});

test("names of a query never reach the prototype", () => {
  const { query } = parse("/", "?__proto__=x&constructor=y");
  assert.equal(Object.getPrototypeOf(query), null);
  assert.equal({}.x, undefined);
  assert.equal(query.constructor, "y");
});

test("the project goes along, other filters do not", () => {
  const from = parse("/activity", "?project=/home/me&q=x");
  assert.equal(href("/sessions", {}, from), "/sessions?project=%2Fhome%2Fme");
  assert.equal(href("/sessions", { project: null }, from), "/sessions");
  assert.equal(sessionPath("a/../b?c"), "/sessions/a%2F..%2Fb%3Fc");
});

test("only paths of this page are followed", () => {
  for (const good of ["/", "/sessions/x?y=1"]) assert.equal(own(good), good);
  for (const bad of ["//evil", "/\\evil", "javascript:alert(1)", "https:x", "", null, undefined, "/a\nb", "x"]) assert.equal(own(bad), null, String(bad));
});

test("ranges", () => {
  assert.deepEqual(bounds({ range: "1h" }, 7_200e6), { from: 3_600e6, to: null });
  assert.deepEqual(bounds({}, 5), { from: null, to: null });
  assert.deepEqual(bounds({ range: "constructor" }, 5), { from: null, to: null });
  assert.deepEqual(bounds({ from: "10", to: "x", range: "1h" }, 5), { from: 10, to: null });
});
