// What a person does with the page: addresses that restore, names, keys, rows that wait while one reads.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { Daemon, openBrowser, openPage, sessionEvent, toolEvent } from "./harness.mjs";

let daemon;
let browser;

before(async () => {
  daemon = await new Daemon().start();
  const events = [];
  for (let n = 0; n < 3; n += 1) {
    const cwd = n ? "/home/dev/shop" : "/home/dev/blog";
    events.push(sessionEvent(`s${n}`, "UserPromptSubmit", { prompt: `Task number ${n}`, prompt_id: `p${n}` }, cwd));
    for (let call = 0; call < 40; call += 1) {
      const id = `toolu_${n}_${call}`;
      events.push(toolEvent(`s${n}`, id, call === 7 ? "make needle" : `make ${n}-${call}`, "PreToolUse", cwd));
      events.push({ ...toolEvent(`s${n}`, id, call === 7 ? "make needle" : `make ${n}-${call}`, call % 10 === 9 ? "PostToolUseFailure" : "PostToolUse", cwd), duration_ms: 30 });
    }
    events.push(sessionEvent(`s${n}`, "Stop", {}, cwd));
  }
  await daemon.seed(events);
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await daemon?.stop();
});

/** Opens a page, runs a story in it, and sees that the console stayed silent. */
async function story(run, options) {
  const { context, page, seen } = await openPage(browser, daemon, options);
  await run(page);
  assert.deepEqual(seen.errors, []);
  await context.close();
}

const shown = (page, selector) => page.locator(selector).evaluateAll((nodes) => nodes.map((node) => node.innerText));
const settled = (page, selector, number) => page.waitForFunction(([css, wanted]) => document.querySelectorAll(css).length === wanted, [selector, number]);

test("a search and a filter stand in the address and come back with it", () => story(async (page) => {
  await page.goto(`${daemon.http}/activity`);
  await page.waitForSelector("li.event");
  await page.keyboard.press("/");
  await page.keyboard.type("needle");
  await settled(page, "li.event", 6);
  assert.equal(new URL(page.url()).searchParams.get("q"), "needle");
  await page.selectOption("select[aria-label=Event]", "PreToolUse");
  await settled(page, "li.event", 3);
  const before = await shown(page, "li.event .summary");
  await page.reload();
  await settled(page, "li.event", 3);
  assert.deepEqual(await shown(page, "li.event .summary"), before);
  assert.equal(await page.inputValue("input[type=search]"), "needle");
  await page.goBack();
  await settled(page, "li.event", 6);
}));

test("an opened event is opened by its address", () => story(async (page) => {
  await page.goto(`${daemon.http}/activity?q=needle`);
  await page.locator("li.event button").first().click();
  await page.waitForSelector("li.event.open .payload");
  await page.reload();
  await page.waitForSelector("li.event.open .payload");
  assert.match(await page.innerText("li.event.open .payload"), /make needle/);
  await page.keyboard.press("Escape");
  await page.waitForFunction(() => !document.querySelector("li.event.open"));
}));

test("a name is kept, shown everywhere, and taken away again", () => story(async (page) => {
  await page.goto(`${daemon.http}/sessions/s1`);
  await page.getByRole("button", { name: "Name it" }).click();
  await page.getByLabel("Name of the session").fill("My <b>name</b>");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.querySelector("h2 bdi")?.textContent === "My <b>name</b>");
  await page.goto(`${daemon.http}/sessions?q=${encodeURIComponent("My <b>")}`);
  await settled(page, "tr.row", 1);
  await page.goto(`${daemon.http}/sessions/s1`);
  await page.getByRole("button", { name: "Rename" }).click();
  await page.getByLabel("Name of the session").fill("");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.querySelector("h2 bdi")?.textContent === "Task number 1");
}));

test("new rows wait while one reads, and paused means paused", () => story(async (page) => {
  await page.goto(`${daemon.http}/activity`);
  await page.waitForSelector("li.event");
  await page.evaluate(() => scrollTo(0, 600));
  const first = await page.locator("li.event").first().getAttribute("data-event");
  daemon.hook(toolEvent("s2", "toolu_new", "echo waits"));
  await page.waitForSelector(".new-rows:not([hidden]) button");
  assert.equal(await page.locator("li.event").first().getAttribute("data-event"), first);
  await page.locator(".new-rows button").click();
  await page.waitForFunction(() => document.querySelector("li.event").innerText.includes("echo waits"));
  await page.keyboard.press("p");
  daemon.hook(toolEvent("s2", "toolu_paused", "echo paused"));
  await page.waitForFunction(() => /Paused · 1 new/.test(document.querySelector(".live").innerText));
  assert.ok(!(await page.innerText("main")).includes("echo paused"));
  await page.keyboard.press("p");
  await page.waitForFunction(() => document.querySelector("main").innerText.includes("echo paused"));
}));

test("keys move, open and go; the palette finds a session", () => story(async (page) => {
  await page.goto(`${daemon.http}/sessions`);
  await page.waitForSelector("tr.row");
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  const name = await page.evaluate(() => document.activeElement.innerText);
  await page.keyboard.press("Enter");
  await page.waitForFunction((text) => document.querySelector("h2 bdi")?.textContent === text, name);
  await page.keyboard.press("g");
  await page.keyboard.press("y");
  await page.waitForFunction(() => document.querySelector("h1").innerText === "System");
  await page.keyboard.press("Control+k");
  await page.keyboard.type("number 0");
  await page.waitForFunction(() => document.querySelector("dialog [aria-selected=true]")?.innerText.includes("Task number 0"));
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.querySelector("h1").innerText === "Task number 0");
  await page.keyboard.press("?");
  await page.waitForSelector("dialog[open] .keys");
}));

test("the timeline answers to keys and opens a call on the right; the list has the same calls", () => story(async (page) => {
  await page.goto(`${daemon.http}/sessions/s2`);
  await page.waitForSelector(".timeline canvas");
  await page.focus(".timeline canvas");
  await page.keyboard.press("ArrowRight");
  await page.waitForSelector(".detail:not([hidden]) .payload");
  const open = new URL(page.url()).searchParams.get("open");
  await page.goto(`${daemon.http}/sessions/s2?view=list&open=${open}`);
  await page.waitForSelector(`tr[data-key="${open}"][aria-current]`);
  await page.getByRole("button", { name: "Failed only" }).click();
  await settled(page, "tr[data-key]", 4);
}));

test("CSV holds what the list shows", () => story(async (page) => {
  await page.goto(`${daemon.http}/activity?q=needle`);
  await settled(page, "li.event", 6);
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "CSV" }).click()]);
  const text = await readFile(await download.path(), "utf8");
  assert.equal(text.trim().split("\r\n").length, 7);
  assert.match(text, /make needle/);
}));

test("a project filter goes along from page to page", () => story(async (page) => {
  await page.goto(`${daemon.http}/sessions`);
  await page.waitForSelector("select[aria-label=Project] option:nth-child(3)", { state: "attached" });
  await page.selectOption("select[aria-label=Project]", "/home/dev/blog");
  await settled(page, "tr.row", 1);
  await page.locator("nav a", { hasText: "Activity" }).click();
  await page.waitForSelector("li.event");
  assert.equal(new URL(page.url()).searchParams.get("project"), "/home/dev/blog");
  assert.deepEqual(new Set(await page.locator("li.event .where").evaluateAll((nodes) => nodes.map((node) => node.textContent.split(" · ")[0]))), new Set(["blog"]));
}));
