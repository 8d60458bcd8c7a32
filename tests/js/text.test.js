// Foreign text, made safe to show and to open in a spreadsheet.
import assert from "node:assert/strict";
import { test } from "node:test";
import { clean, cut, spell } from "../../dashboard-assets/js/text.js";
import { cell, csv } from "../../dashboard-assets/js/csv.js";

test("one line without control, bidi and invisible characters", () => {
  const cases = [["a\u202egnp.exe", "agnp.exe"], ["red \u001b[31m", "red  [31m"], ["a\nb\tc", "a b c"], ["\ufeff\u200bx\u2066y\u2069", "xy"], [null, ""], [undefined, ""], [12, "12"], ["  ", ""], ["tag\u{e0041}", "tag"], ["👩‍👩‍👧 ok", "👩‍👩‍👧 ok"], ["\u2028x", "x"]];
  for (const [input, expected] of cases) assert.equal(clean(input), expected, JSON.stringify(input));
});

test("bodies spell out what cannot be seen", () => {
  assert.equal(spell("a\u202eb\u0007\tc\r\nd"), "a\\u{202e}b\\u{7}\tc\nd");
  assert.equal(spell("\u{e0041}"), "\\u{e0041}");
});

test("cutting keeps characters whole", () => {
  assert.equal(cut("abcdef", 4), "abc…");
  assert.equal(cut("abcd", 4), "abcd");
  assert.equal(cut("👍👍👍", 2), "👍…");
});

test("no cell becomes a formula", () => {
  for (const start of ["=", "+", "-", "@", "\t=", " =", "\r=", "|", "%", "\u200b=", "\uff1d", "\ufeff+"]) assert.match(cell(`${start}cmd()`), /^"?'/, JSON.stringify(start));
  assert.equal(cell(-5), "-5");
  assert.equal(cell(null), "");
  assert.equal(cell(false), "false");
  assert.equal(cell("plain"), "plain");
  assert.equal(cell('say "hi", you'), '"say ""hi"", you"');
});

test("rows round trip through quotes and line ends", () => assert.equal(csv(["a", "b"], [["x\ny", 1]]), 'a,b\r\n"x\ny",1\r\n'));
