// The local model: how to switch it on, what it did, and what that saved; each figure is that of its rows.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Daemon, openBrowser, openPage } from "./harness.mjs";

const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const MODELS = { models: [
  { type: "llm", key: "deepseek-r1", quantization: { name: "Q4_K_M" }, size_bytes: 4_683_073_248, max_context_length: 131_072, loaded_instances: [{ id: "deepseek-r1", config: { context_length: 8192 } }] },
  { type: "llm", key: "qwen2.5-coder", size_bytes: 8_988_110_976, max_context_length: 32_768, loaded_instances: [] },
] };
const NANO = 1e9;
let daemon;
let browser;
let server;
let port;

/** A stand-in for LM Studio's list of models. */
async function lmStudio(at) {
  server = createServer((request, response) => {
    const known = request.url === "/api/v1/models";
    response.writeHead(known ? 200 : 404, { "content-type": "application/json" }).end(JSON.stringify(known ? MODELS : { error: "Unexpected endpoint" }));
  });
  await new Promise((done) => server.listen(at, "127.0.0.1", done));
  return server.address().port;
}

const gone = () => new Promise((done) => {
  server.closeAllConnections();
  server.close(done);
});

before(async () => {
  port = await lmStudio(0);
  await gone();
  daemon = new Daemon();
  daemon.env.TZ = "Etc/UTC";
  daemon.env.ORCH_LOCAL__ENDPOINTS = `[{ url = "http://127.0.0.1:${port}" }]`;
  daemon.env.ORCH_LOCAL__DISPLACED_MODEL = "claude-opus-4-5";
  daemon.env.ORCH_LOCAL__WATTS = "120";
  daemon.env.ORCH_LOCAL__USD_PER_KWH = "0.3";
  await daemon.start();
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await daemon?.stop();
  if (server?.listening) await gone();
});

/** Tells the daemon of delegations, as `orchd delegate` does. */
async function record(...records) {
  const token = readFileSync(join(daemon.home, "data/token"), "utf8").trim();
  for (const one of records) {
    const response = await fetch(`${daemon.http}/api/v1/delegations`, { method: "POST", headers: { authorization: `Bearer ${token}`, "content-type": "application/json" }, body: JSON.stringify(one) });
    assert.ok(response.ok, await response.text());
  }
}

/** The nth task; every third one went to Claude. */
function delegation(n, more = {}) {
  const ended_at = (Date.now() - n * 3_600_000) * 1000;
  const fell = n % 3 === 2;
  return {
    task_id: `delegation:${randomUUID()}`, policy: n % 2 ? "mcp" : "command", project_dir: n % 2 ? "/home/dev/shop" : "/home/dev/blog", decided_at: ended_at - 9_000_000, ended_at,
    local_model_state: "ready", endpoint: "http://127.0.0.1:1234", model: "deepseek-r1", tries: 1, local_ms: 8000 + n, task: `Explain part ${n} <b>&`, ...(fell
      ? { outcome: "fell_back", reason: n % 2 ? "stalled" : "too_long" }
      : { outcome: "completed", first_token_ms: 400 + n, tokens_per_second: 30 + n, tokens: { input: 1000 + n, output: 500 + n, reasoning: 200, source: "server" }, answer: `It adds.\nPart ${n}.` }),
    ...more,
  };
}

async function story(run, options) {
  const { context, page, seen } = await openPage(browser, daemon, options);
  await run(page);
  assert.deepEqual(seen.errors, []);
  await context.close();
}

const shows = (page, text) => page.waitForFunction((words) => document.querySelector("main")?.innerText.includes(words), text, { timeout: 40_000 });
const read = (page, path) => page.evaluate(async (address) => (await fetch(`/api/v1/${address}`)).json(), path);

test("when it is down the page says how to switch it on, and says so when it is", () => story(async (page) => {
  await page.goto(`${daemon.http}/local`);
  await shows(page, "nothing listens there");
  assert.match(await page.innerText(".local-advice"), /Developer tab, Start server/);
  assert.equal(await page.innerText(".local-advice code"), "lms server start");
  assert.match(await page.innerText("main"), /Nothing was handed over in these days/);
  await lmStudio(port);
  await shows(page, "deepseek-r1: ready");
  assert.equal(await page.locator(".local-advice").isVisible(), false);
  assert.match(await page.innerText(".local-now"), /8192 tokens/);
  assert.match(await page.innerText("main"), /qwen2.5-coder/);
  await page.click("section:has(h2:text('State, last 24 hours')) >> text=View as table");
  const changes = await page.locator(".behind tbody tr").allInnerTexts();
  assert.ok(changes[0].includes("Ready") && changes[1].includes("Down"), changes.join("\n"));
}));

test("what is handed over shows by itself, and every figure is that of its rows", () => story(async (page) => {
  await page.goto(`${daemon.http}/local`);
  await shows(page, "Tasks handed over");
  await record(...Array.from({ length: 24 }, (_, n) => delegation(n)), delegation(1, { outcome: "failed", reason: "stalled", tokens: undefined, first_token_ms: undefined, tokens_per_second: undefined, answer: undefined }), delegation(24 * 60));
  await shows(page, "Explain part 0");
  await page.waitForFunction(() => document.querySelectorAll(".task").length === 20 && document.querySelector("main").innerText.includes("20 tasks of 25"));
  await page.click("text=Older tasks");
  await page.waitForFunction(() => document.querySelectorAll(".task").length === 25);
  const list = await read(page, "delegations?period=30d&limit=200");
  assert.equal(list.items.length, 25);
  const nano = (what) => list.items.reduce((sum, row) => sum + Math.round((row[what] ?? 0) * NANO), 0);
  const realised = Number(await page.getAttribute(".tile.saved .value", "data-exact"));
  assert.ok(realised > 0);
  assert.equal(Math.round(realised * NANO), nano("saving_usd"));
  assert.deepEqual([...new Set(list.items.filter((row) => row.saving_usd !== null).map((row) => row.displaced_model))], ["claude-opus-4-5"]);
  // The ledger has the same tokens.
  const ledger = await read(page, "requests?agent=delegation&period=30d&limit=200");
  const sum = (rows, what) => rows.reduce((total, row) => total + (row[what] ?? 0), 0);
  for (const what of ["input_tokens", "output_tokens"]) {
    assert.equal(sum(ledger.items, what), sum(list.items, what));
    assert.equal(list.total[what], sum(list.items, what));
  }
  assert.match(await page.innerText(".tiles-note"), /67 % of the 24 tasks that ran did so here; of those handed over 16 ran here, 8 Claude did instead, 1 nobody finished/);
  // What a saving rests on adds up: there, less its own cost, is saved; what led to nothing stands apart.
  const { assumptions, own_costs } = await read(page, "savings?period=30d");
  for (const one of assumptions) assert.equal(Math.round((one.displaced_cost_usd - one.own_cost_usd) * NANO), Math.round(one.saving_usd * NANO));
  assert.deepEqual(own_costs.map((one) => [one.led_to, one.tasks]), [["saving", 16], ["nothing", 9]]);
  assert.equal(sum(own_costs, "cost_usd").toFixed(9), sum(list.items, "cost_usd").toFixed(9));
  const rests = page.locator("section:has(h2:text('What the realised saving rests on'))");
  assert.match(await rests.locator("tr", { hasText: "Work that led to nothing" }).innerText(), /electricity 120 W at 0.30 USD\/kWh\s+9\s/);
  // The number leads to its rows: not to those of other days, or of other projects.
  await page.click(".tiles-note a");
  await shows(page, "API-equivalent cost");
  assert.match(await page.innerText(".sum-head"), /Requests\s+25\b/);
  assert.equal(await page.locator("tbody .chip", { hasText: "uncounted" }).count(), 9);
  assert.doesNotMatch(await page.innerText("tbody"), /≥/);
  await page.goto(`${daemon.http}/local?project=%2Fhome%2Fdev%2Fshop&period=7d`);
  await page.click(".tiles-note a");
  await shows(page, "API-equivalent cost");
  assert.deepEqual([...new URL(page.url()).searchParams].sort(), [["agent", "delegation"], ["period", "7d"], ["project", "/home/dev/shop"]]);
  const of = await read(page, "delegations?period=7d&project=/home/dev/shop&limit=200");
  assert.match(await page.innerText(".sum-head"), new RegExp(`Requests\\s+${of.items.length}\\b`));
}));

test("a task opens in place, a reason leads to its tasks, and the address brings them back", () => story(async (page) => {
  await page.goto(`${daemon.http}/local?ran=local`);
  await shows(page, "Explain part 0 <b>&");
  assert.equal(await page.locator(".task").count(), 16);
  await page.click(".task:first-child > button");
  const inside = await page.innerText(".task:first-child .inside");
  for (const text of ["with an answer of the local model", "1000 read, 500 written, of them 200 of reasoning; counted by the server", "claude-opus-4-5", "It adds.\nPart 0."]) assert.ok(inside.includes(text), `${text} in ${inside}`);
  await page.keyboard.press("Escape");
  assert.equal(await page.locator(".task .inside:visible").count(), 0);
  await page.click("role=button[name='All']");
  const row = page.locator("section:has(h2:text('Why it was not the local model')) tr", { hasText: "too long" });
  await row.locator("a").click();
  await page.waitForFunction(() => location.search.includes("reason=too_long") && document.querySelectorAll(".task").length === 4);
  await page.reload();
  await page.waitForFunction(() => document.querySelectorAll(".task").length === 4);
}));

test("older tasks are there after the list was narrowed, and open", () => story(async (page) => {
  await record(...Array.from({ length: 40 }, (_, n) => delegation(100 + n)));
  await page.goto(`${daemon.http}/local`);
  const counts = (n) => page.waitForFunction((many) => document.querySelectorAll(".task").length === many, n, { timeout: 40_000 });
  for (const n of [20, 40, 60]) {
    await counts(n);
    await page.click("text=Older tasks");
  }
  await counts(65);
  await page.click(".seg >> text=Local model");
  for (const n of [20, 40]) {
    await counts(n);
    await page.click("text=Older tasks");
  }
  const { total } = await read(page, "delegations?period=30d&ran=local");
  assert.ok(total.tasks > 40);
  await counts(total.tasks);
  for (const place of ["first", "last"]) {
    await page.click(`.task:${place}-child > button`);
    await page.waitForSelector(`.task:${place}-child .inside:visible`);
  }
}));

test("axe finds nothing, light, dark and narrow; nothing overflows", async () => {
  for (const options of [{ colorScheme: "light" }, { colorScheme: "dark" }, { viewport: { width: 390, height: 800 }, colorScheme: "dark" }, { viewport: { width: 768, height: 800 } }, { viewport: { width: 1000, height: 800 } }]) {
    const { context, page, seen } = await openPage(browser, daemon, { ...options, bypassCSP: true });
    await page.goto(`${daemon.http}/local`);
    await shows(page, "Explain part 0");
    await page.click(".task:first-child > button");
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)) <= 0, `too wide ${JSON.stringify(options)}`);
    await page.addScriptTag({ path: axe });
    const found = await page.evaluate(async () => (await window.axe.run(document)).violations);
    assert.deepEqual(found.map((one) => `${one.id}: ${one.nodes[0].html.slice(0, 160)}`), [], JSON.stringify(options));
    assert.deepEqual(seen.errors, []);
    await context.close();
  }
});
