// Are the decisions right, and which agents earn their cost: with a demo's daemon, and with answers that a young log does not have.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { few, full, standIn, subagents, tasks } from "./answers.mjs";
import { Daemon, openBrowser, openPage } from "./harness.mjs";

const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const WIDTHS = [{ colorScheme: "light" }, { colorScheme: "dark" }, { viewport: { width: 360, height: 800 }, colorScheme: "dark" }, { viewport: { width: 768, height: 800 } }, { viewport: { width: 1000, height: 800 } }];
let daemon;
let demo;
let browser;

/** `orchd demo` in a folder of its own; its first line is the login. */
async function startDemo() {
  const folder = mkdtempSync(join(tmpdir(), "od"));
  const child = spawn(join(process.env.ORCH_TEST_BIN_DIR, "orchd"), ["demo", "--no-open", "--sessions", "40"], { env: { HOME: folder, TMPDIR: folder, PATH: process.env.PATH, LANG: "C.UTF-8" }, stdio: ["ignore", "pipe", "ignore"] });
  const ended = new Promise((done) => child.once("exit", done));
  const { value: url } = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next();
  return {
    http: new URL(url).origin,
    loginUrl: () => Promise.resolve(url),
    async stop() {
      child.kill("SIGINT");
      await ended;
      if (existsSync(folder)) rmSync(folder, { recursive: true, force: true });
    },
  };
}

before(async () => {
  [daemon, demo] = await Promise.all([new Daemon().start(), startDemo()]);
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await Promise.all([daemon?.stop(), demo?.stop()]);
});

/** Opens a page that is answered by hand, runs a story in it, and sees that the console stayed silent. */
async function story(run, answers, options) {
  const { context, page, seen } = await openPage(browser, daemon, options);
  const given = await standIn(page, answers);
  await run(page, given);
  assert.deepEqual(seen.errors, []);
  await context.close();
}

const shows = (page, text) => page.waitForFunction((words) => document.querySelector("main")?.innerText.includes(words), text, { timeout: 40_000 });
const read = (page, path) => page.evaluate(async (address) => (await fetch(`/api/v1/${address}`)).json(), path);

test("the demo's decisions and agents are those of the daemon, and a word on one is kept", async () => {
  const { context, page, seen } = await openPage(browser, demo);
  await page.goto(`${demo.http}/routing`);
  // Tasks are settled in the background, session by session.
  await page.waitForFunction(() => [...document.querySelectorAll('.about-result[data-task^="prompt:"]')].some((row) => /succeeded|failed|not known/.test(row.innerText)), null, { timeout: 60_000 });
  // What the live sessions add meanwhile is held back.
  await page.click(".btn.live");
  const { decisions } = await read(page, "routing?period=90d");
  assert.ok(decisions > 100, String(decisions));
  assert.match(await page.innerText(".routing-now"), /Decisions\s+\d+/);
  const list = await read(page, "tasks?period=90d&limit=200");
  const known = new Map(list.rows.map((row) => [row.task_id, row]));
  const shown = await page.locator(".decision.about-result[data-task]").evaluateAll((nodes) => nodes.map((node) => [node.dataset.task, node.innerText]));
  assert.equal(shown.length, 12);
  for (const [id, text] of shown) {
    const row = known.get(id);
    assert.ok(row, id);
    assert.ok(text.includes(row.recommended_route === "local" ? "Local model" : row.recommended_route === "claude" ? "Claude" : "Not asked"), `${id}: ${text}`);
  }
  // A word on a settled task is in the daemon's next answer.
  const settled = list.rows.find((row) => row.settled_at !== null && row.feedback === null && row.kind === "prompt" && shown.some(([id]) => id === row.task_id));
  assert.ok(settled, "one of the newest prompts is settled");
  const line = page.locator(`.decision.about-result[data-task="${settled.task_id}"]`);
  await line.getByRole("button", { name: "Bad", exact: true }).click();
  await page.waitForFunction((id) => document.querySelector(`.about-result[data-task="${id}"] [aria-pressed=true]`)?.innerText.includes("Bad"), settled.task_id);
  const now = (await read(page, "tasks?period=90d&limit=200")).rows.find((row) => row.task_id === settled.task_id);
  assert.deepEqual([now.feedback, now.label], ["bad", "failure"]);

  await page.goto(`${demo.http}/subagents`);
  await page.waitForSelector(".agents-table tbody tr");
  const { agents, runs } = await read(page, "subagents?period=30d");
  const names = await page.locator(".agents-table .name").allInnerTexts();
  assert.deepEqual(new Set(names), new Set(agents.filter((agent) => agent.runs > 0 || agent.suggested > 0).map((agent) => agent.agent_type)));
  assert.ok(agents.some((agent) => agent.runs > 20 && agent.cost_usd > 0));
  assert.ok(runs.length > 10);
  await page.locator(".runs-table a.name").first().click();
  await page.waitForFunction(() => location.pathname.startsWith("/sessions/"));
  assert.deepEqual(seen.errors, []);
  await context.close();
});

test("the headline is the one honest sentence, for one local model, with intervals", () => story(async (page) => {
  await page.goto(`${daemon.http}/routing`);
  await shows(page, "Of the tasks it sends local");
  assert.match((await page.innerText(".claim")).replace(/\s+/g, " "), /^Of the tasks it sends local, 90 % \(84 to 96 %\) were answered as well as by Claude\. It sends 17 % local; overall quality stays at 98\.5 % \(97\.6 to 99\.4 %\) of Claude-only\.$/);
  assert.match(await page.innerText(".routing-now"), /deepseek-r1-0528-qwen3-8b/);
  assert.doesNotMatch(await page.innerText("body"), /accura/i);
}));

test("too few outcomes are said to be too few, with what to do", () => story(async (page) => {
  await page.goto(`${daemon.http}/routing`);
  await shows(page, "Too few outcomes yet: 7 of 50");
  const head = await page.innerText(".routing-now");
  assert.match(head, /7 of 50 judged tasks/);
  assert.match(head, /Not yet calibrated for deepseek-r1-0528-qwen3-8b/);
  assert.equal(await page.locator(".routing-now .estimates:visible, .claim").count(), 0);
  assert.match(await page.innerText("main"), /No task of these days is judged yet/);
  assert.equal(await page.innerText(".local-advice .command code"), "orchd feedback last good --about route");
}, { routing: few, list: tasks.slice(0, 3) }));

test("behind each chart are its figures", () => story(async (page) => {
  await page.goto(`${daemon.http}/routing`);
  await shows(page, "Does what it says hold");
  const tables = [["How sure it is", full.histogram.length], ["Does what it says hold", full.reliability.filter((bin) => bin.n > 0).length], ["What another threshold would have done", full.thresholds.length]];
  for (const [title, rows] of tables) {
    const part = page.locator("section", { has: page.locator(`h2:text("${title}")`) });
    await part.getByRole("button", { name: "View as table" }).click();
    assert.equal(await part.locator("tbody tr").count(), rows, title);
  }
  const told = await page.locator("section:has(h2:text('Does what it says hold')) tbody tr").first().innerText();
  assert.match(told.replace(/\s+/g, " "), /^10 to 20 % 8 16 % 25 % 0 to 57 %$/);
}));

test("the slider tries a threshold, changes nothing, and the address keeps it", () => story(async (page) => {
  await page.goto(`${daemon.http}/routing`);
  await shows(page, "80 % is in force now");
  const slider = page.getByRole("slider");
  assert.equal(await slider.getAttribute("aria-valuetext"), "80 %");
  await slider.focus();
  for (let n = 0; n < 2; n += 1) await page.keyboard.press("ArrowRight");
  await page.waitForFunction(() => new URL(location.href).searchParams.get("t") === "0.90");
  const words = await page.innerText("section:has(h2:text('What another threshold'))");
  assert.match(words, /At 90 %, 4 % of the tasks would have been recommended for the local model; at 80 %, as now, 11 %/);
  assert.match(words, /min_confidence = 0\.90/);
  await page.reload();
  await shows(page, "min_confidence = 0.90");
  for (let n = 0; n < 5; n += 1) await slider.press("ArrowLeft");
  await shows(page, "Below 80 % the quality floor does not hold");
}));

test("one click on a disagreement judges the route; both lists and the figures follow", () => story(async (page, given) => {
  await page.goto(`${daemon.http}/routing`);
  const rows = page.locator(".decision.about-route[data-task]");
  await rows.first().waitFor();
  const wanted = tasks.filter((row) => row.recommended_route === "local" && row.ran === "claude");
  assert.equal(await rows.count(), Math.min(8, wanted.length));
  await rows.first().getByRole("button", { name: "Claude was needed" }).click();
  await page.waitForSelector(".about-route [aria-pressed=true]");
  await rows.nth(1).getByRole("button", { name: "The local model would have done" }).click();
  await page.waitForFunction(() => document.querySelectorAll(".about-route [aria-pressed=true]").length === 2);
  const decision = page.locator(".decision.about-result[data-task]").nth(1);
  await decision.getByRole("button", { name: "Good", exact: true }).click();
  await page.waitForSelector(".about-result [aria-pressed=true]");
  assert.deepEqual(given, [{ task: wanted[0].task_id, verdict: "bad", about: "route" }, { task: wanted[1].task_id, verdict: "good", about: "route" }, { task: tasks[1].task_id, verdict: "good", about: "result" }]);
}));

test("a decision opens in place, filters stand in the address, keys move", () => story(async (page) => {
  await page.goto(`${daemon.http}/routing?kind=prompt`);
  await page.waitForSelector(".about-result[data-task]");
  assert.equal(await page.locator(".about-result[data-task^='prompt:']").count(), await page.locator(".about-result[data-task]").count());
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".about-result.open .facts");
  const inside = await page.innerText(".about-result.open .inside");
  for (const text of ["Local model: right with", "router 1a2b3c4d+3", "about 3400 tokens", "still running"]) assert.ok(inside.includes(text), `${text} in ${inside}`);
  await page.keyboard.press("Escape");
  assert.equal(await page.locator(".decision .inside:visible").count(), 0);
  await page.locator(".seg >> text=Local model").click();
  await page.waitForFunction(() => new URL(location.href).searchParams.get("route") === "local" && [...document.querySelectorAll(".about-result[data-task] .what")].every((node) => node.innerText.includes("Local model")));
  await page.selectOption("select[aria-label=Outcome]", "failure");
  await shows(page, "No task matches");
  await page.getByRole("button", { name: "Clear these filters" }).click();
  await page.waitForFunction(() => document.querySelectorAll(".about-result[data-task]").length === 12);
  await page.getByRole("button", { name: "Older tasks" }).click();
  await page.waitForFunction(() => document.querySelectorAll(".about-result[data-task]").length === 36);
}));

test("agents are sorted by their headings, and lead to their requests and sessions", () => story(async (page) => {
  await page.goto(`${daemon.http}/subagents`);
  await page.waitForSelector(".agents-table tbody tr");
  const names = () => page.locator(".agents-table .name").allInnerTexts();
  assert.deepEqual((await names()).slice(0, 2), ["general-purpose", "Explore"]);
  await page.locator(".agents-table").getByRole("button", { name: "Runs" }).click();
  await page.waitForSelector("th[aria-sort=descending]:has-text('Runs')");
  assert.equal((await names())[0], "Explore");
  assert.equal((await names()).length, subagents.agents.length - 1);
  assert.match(await page.innerText(".panel:has(.agents-table) footer"), /neither used nor suggested in these days: Plan$/);
  const dearest = page.locator(".agents-table tr", { hasText: "general-purpose" });
  assert.match((await dearest.innerText()).replace(/\s+/g, " "), /71 succeeded, 20 failed, 40 not known \$9\.81 \$0\.075/);
  assert.match(await dearest.locator("a.sum").getAttribute("href"), /^\/costs\/requests\?agent=general-purpose&period=30d$/);
  assert.match(await page.locator(".agents-table tr", { hasText: "my-<b>" }).innerText(), /3 not known\s+unknown/);
  assert.match(await page.innerText(".chains"), /Explore\s*and\s*Explore\s*and\s*Explore\s*at the same time/);
  assert.equal(await page.locator(".runs-table tbody tr").count(), 25);
  await page.getByRole("button", { name: "Older runs" }).click();
  await page.waitForFunction((all) => document.querySelectorAll(".runs-table tbody tr").length === all, subagents.runs.length);
}));

test("an empty log explains itself", () => story(async (page) => {
  await page.goto(`${daemon.http}/routing`);
  await shows(page, "No decision in these days");
  assert.equal(await page.locator("main .panel:visible").count(), 1);
  await page.goto(`${daemon.http}/subagents`);
  await shows(page, "No subagent ran in the last 30 days");
}, { routing: { ...few, decisions: 0, judged: 0 }, agents: { schema: 1, agents: [], chains: [], runs: [] }, list: [] }));

test("what cannot be answered says what to do, and so does a word that was not taken", async () => {
  const { context, page } = await openPage(browser, daemon);
  await standIn(page, { list: tasks.slice(0, 2) });
  await page.goto(`${daemon.http}/routing`);
  await page.waitForSelector(".about-result[data-task]");
  const refuse = (name, status, body) => page.route(`**/api/v1/${name}`, (route) => route.fulfill({ status, contentType: "application/problem+json", body: JSON.stringify(body) }));
  await refuse("feedback", 404, { title: "There is no such task", hint: "It may have been removed." });
  await page.getByRole("button", { name: "Good", exact: true }).first().click();
  await shows(page, "There is no such task: It may have been removed.");
  for (const name of ["routing?*", "subagents?*", "tasks?*"]) await refuse(name, 503, { title: "The database is busy", hint: "Try again in a moment." });
  for (const path of ["/routing", "/subagents"]) {
    await page.goto(daemon.http + path);
    await shows(page, "The database is busy");
    assert.ok(await page.getByRole("button", { name: "Try again" }).first().isVisible());
  }
  await context.close();
});

test("on a narrow screen the pages behind More are one step away", () => story(async (page) => {
  await page.goto(`${daemon.http}/`);
  assert.equal(await page.locator("nav .pages a:visible").count(), 4);
  await page.getByRole("button", { name: "More" }).click();
  await page.locator("dialog a", { hasText: "Subagents" }).click();
  await page.waitForFunction(() => document.querySelector("h1").innerText === "Subagents" && !document.querySelector("dialog"));
  await page.waitForSelector("nav .more .current");
}, {}, { viewport: { width: 360, height: 740 } }));

test("axe finds nothing, light, dark and narrow; nothing overflows", async () => {
  for (const options of WIDTHS) {
    const { context, page, seen } = await openPage(browser, daemon, { ...options, bypassCSP: true });
    await standIn(page);
    for (const path of ["/routing?t=0.9", "/subagents"]) {
      await page.goto(daemon.http + path);
      await page.waitForSelector("main .decision[data-task], main .agents-table tbody tr");
      await page.waitForFunction(() => !document.querySelector("main .skeleton"));
      const first = page.locator(".about-result[data-task] > button").first();
      if ((await first.count()) > 0) await first.click();
      assert.ok((await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)) <= 0, `${path} is too wide ${JSON.stringify(options)}`);
      const thin = await page.evaluate(() => [...document.querySelectorAll(".event .summary, .agents-table td.wide, .runs-table td.wide")].filter((cell) => cell.clientWidth < 90).length);
      assert.equal(thin, 0, `${path} has texts without room ${JSON.stringify(options)}`);
      await page.addScriptTag({ path: axe });
      const found = await page.evaluate(async () => (await window.axe.run(document)).violations);
      assert.deepEqual(found.map((one) => `${one.id}: ${one.nodes[0].html.slice(0, 160)}`), [], `${path} ${JSON.stringify(options)}`);
    }
    assert.deepEqual(seen.errors, []);
    await context.close();
  }
});
