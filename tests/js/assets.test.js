// The page's files as files: complete, small, local, and within its own rules.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ASSETS, closure, files, imports, text } from "./modules.js";

const own = files().filter((path) => /^(js|css)\//.test(path) || path === "index.html");

test("every import exists", () => {
  for (const path of own.filter((one) => one.endsWith(".js"))) for (const to of imports(path)) assert.ok(existsSync(join(ASSETS, to)), `${path} imports ${to}`);
});

test("no module is left that nothing imports", () => {
  const used = new Set(closure("js/main.js"));
  const typed = (path) => path === "js/types.js";
  assert.deepEqual(own.filter((path) => path.endsWith(".js") && !used.has(path) && !typed(path)), []);
});

test("the page preloads exactly the modules it starts with", () => {
  const listed = [...text("index.html").matchAll(/<link rel="modulepreload" href="\/assets\/([^"]+)">/g)].map(([, path]) => path);
  assert.deepEqual(listed.sort(), closure("js/main.js").slice(1).sort());
});

test("every style sheet is linked once", () => {
  const listed = [...text("index.html").matchAll(/<link rel="stylesheet" href="\/assets\/([^"]+)">/g)].map(([, path]) => path);
  assert.deepEqual(listed.toSorted(), own.filter((path) => path.endsWith(".css")));
});

test("nothing names another host, writes markup from text, or brings its own inline script or style", () => {
  for (const path of own) {
    const source = text(path).replaceAll("http://www.w3.org/2000/svg", "");
    assert.doesNotMatch(source, /https?:\/\/|["'(]\/\/[a-z]/i, path);
    assert.doesNotMatch(source, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|DOMParser|createContextualFragment/, path);
    if (path.endsWith(".html")) assert.doesNotMatch(source, /<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)/i, path);
  }
});

test("colours are named once: in tokens.css", () => {
  for (const path of own.filter((one) => one.endsWith(".css") && one !== "css/tokens.css")) assert.doesNotMatch(text(path).replaceAll(/rgb\((0 0 0|10 14 20) [^)]*\)/g, ""), /#[0-9a-f]{3,8}\b|rgb\(|hsl\(/i, path);
});

test("files are small", () => {
  const sizes = own.map((path) => ({ path, lines: text(path).split("\n").length }));
  for (const { path, lines } of sizes) assert.ok(lines <= 400, `${path} has ${lines} lines`);
  const middle = (list) => list.map(({ lines }) => lines).sort((a, b) => a - b)[Math.floor(list.length / 2)];
  assert.ok(middle(sizes.filter(({ path }) => path.endsWith(".js"))) <= 145);
  assert.ok(middle(sizes.filter(({ path }) => path.endsWith(".css"))) <= 35);
});

test("every script is checked by its types", () => {
  for (const path of own.filter((one) => one.endsWith(".js"))) assert.ok(text(path).startsWith("// @ts-check\n"), path);
});

test("the vendored library is the one that its checksum names", () => {
  const [expected, name] = text("vendor/chart.umd.min.js.sha512").trim().split(/\s+/);
  assert.equal(createHash("sha512").update(readFileSync(join(ASSETS, "vendor", name))).digest("hex"), expected);
  assert.match(text("vendor/chart.umd.min.js").slice(0, 200), new RegExp(`Chart\\.js v${text("vendor/chart.VERSION").split(/\s+/)[1]}`));
  assert.match(text("vendor/chart.LICENSE.md"), /MIT License/);
});
