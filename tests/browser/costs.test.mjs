// What was spent: each number of the page leads to requests that sum to it.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Daemon, openBrowser, openPage, sessionEvent, toolEvent } from "./harness.mjs";
import { lineOf, promptId, sessionId, write } from "./transcripts.mjs";

const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const FIXTURES = fileURLToPath(new URL("../fixtures/", import.meta.url));
const SESSIONS = 24;
let daemon;
let browser;

before(async () => {
  daemon = new Daemon();
  daemon.env.TZ = "Etc/UTC";
  writeFileSync(join(daemon.home, "config.toml"), "[budget]\nday_usd = 0.05\nweek_usd = 1000\n");
  await daemon.start();
  const made = join(daemon.folder, "made");
  write(made, 0, SESSIONS);
  await daemon.seed([0, 1, 2].map((n) => sessionEvent(sessionId(1), "UserPromptSubmit", { prompt: `Ask number ${n}`, prompt_id: promptId(1, n) }, "/home/dev/blog")));
  importFrom(made);
  importFrom(join(FIXTURES, "transcripts/subagent_fg"));
  const plan = JSON.parse(readFileSync(join(FIXTURES, "statusline/plan.json"), "utf8"));
  const soon = Math.floor(Date.now() / 1000) + 3600;
  plan.rate_limits = { five_hour: { used_percentage: 42, resets_at: soon }, seven_day: { used_percentage: 91, resets_at: soon + 86_400 } };
  spawnSync(join(process.env.ORCH_TEST_BIN_DIR, "orch-hook"), ["statusline"], { env: daemon.env, input: JSON.stringify(plan) });
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await daemon?.stop();
});

function importFrom(folder) {
  const done = spawnSync(join(process.env.ORCH_TEST_BIN_DIR, "orchd"), ["import", "--from", folder, "--json"], { env: daemon.env });
  assert.equal(done.status, 0, String(done.stderr));
  return JSON.parse(done.stdout);
}

/** Opens a page, runs a story in it, and sees that the console stayed silent. */
async function story(run, options) {
  const { context, page, seen } = await openPage(browser, daemon, options);
  await run(page);
  assert.deepEqual(seen.errors, []);
  await context.close();
}

/** Every number of the page that says what it sums. */
const numbers = (page) => page.locator("[data-sums]").evaluateAll((nodes) => nodes.filter((node) => node.offsetParent !== null).map((node) => ({
  what: node.dataset.sums, exact: node.dataset.exact, unknown: node.dataset.unknown ?? null, href: node.getAttribute("href"), text: node.innerText, row: node.closest("tr")?.innerText ?? "", head: node.closest("table")?.tHead?.rows[0].cells[node.closest("td")?.cellIndex ?? 0]?.innerText ?? "",
})));

/** Sums of all requests behind an address, page by page. */
const summed = (page, href) => page.evaluate(async (address) => {
  const query = new URL(address, location.href).searchParams;
  const sums = { requests: 0, input_tokens: 0, output_tokens: 0, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, nano: 0n, unknown: 0 };
  let total = null;
  for (let cursor = ""; cursor !== null;) {
    const answer = await fetch(`/api/v1/requests?${new URLSearchParams({ ...Object.fromEntries(query), limit: "200", ...(cursor && { cursor }) })}`);
    if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
    const list = await answer.json();
    total ??= list.total;
    for (const row of list.items) {
      sums.requests += 1;
      for (const name of Object.keys(sums)) if (name.endsWith("_tokens")) sums[name] += row[name];
      if (row.cost_usd === null) sums.unknown += 1;
      else sums.nano += BigInt(Math.round(row.cost_usd * 1e9));
    }
    cursor = list.next_cursor;
  }
  return { ...sums, nano: Number(sums.nano), tokens: sums.input_tokens + sums.output_tokens + sums.cache_creation_input_tokens + sums.cache_read_input_tokens, total: total.cost_usd };
}, href);

async function assertSums(page, place, known) {
  const found = await numbers(page);
  assert.ok(found.length >= 6, `${place} has only ${found.length} numbers`);
  for (const number of found) {
    if (number.href === null) {
      assert.match(`${number.row} ${number.head}`, /the others|all others/i, `${place}: ${number.what} ${number.text} leads nowhere`);
      continue;
    }
    assert.match(number.href, /^\/costs\/requests(\?|$)/, place);
    if (!known.has(number.href)) known.set(number.href, await summed(page, number.href));
    const sums = known.get(number.href);
    const where = `${place}: ${number.what} ${number.text} of ${number.href}`;
    if (number.what !== "cost_usd") assert.equal(Number(number.exact), sums[number.what], where);
    else if (number.exact === "unknown") {
      assert.ok(sums.requests > 0 && sums.unknown === sums.requests, where);
      assert.equal(number.text, "unknown", where);
    } else assert.equal(Math.round(Number(number.exact) * 1e9), sums.nano, where);
    if (number.unknown !== null) {
      assert.equal(Number(number.unknown), sums.unknown, where);
      assert.equal(/unknown/.test(number.text), sums.unknown > 0, where);
    }
  }
  return found.length;
}

const settle = (page) => page.waitForFunction(() => document.querySelector("main [data-sums]") && !document.querySelector("main .skeleton"));

test("every number's link sums to it", () => story(async (page) => {
  const known = new Map();
  let count = 0;
  const places = [
    "/costs", "/costs?period=all", "/costs?period=today", "/costs?period=month&group=agent", "/costs?period=year&group=project", "/costs?period=all&group=session", "/costs?period=90d&group=session&agent=main",
    `/costs?period=all&session=${sessionId(1)}`, `/costs?period=all&session=${sessionId(3)}&group=prompt`, `/costs?period=all&session=${sessionId(4)}&group=agent`,
    "/costs?period=all&model=mystery-1&group=project", "/costs?period=90d&project=%2Fhome%2Fdev%2Fshop", "/costs?period=all&project=%2Fhome%2Fdev%2Fblog&model=claude-opus-5-5&group=session",
    `/costs?since=${day(-40)}&until=${day(-3)}&group=model`, `/costs?until=${day(-20)}&group=agent`,
    `/sessions/${sessionId(1)}`, "/costs/requests", `/costs/requests?agent=main&since=${day(-60)}`,
  ];
  for (const place of places) {
    await page.goto(daemon.http + place);
    await settle(page);
    if (place.startsWith("/sessions")) await page.waitForSelector(".costs-table");
    const turn = page.getByRole("button", { name: "View as table" });
    if (place.startsWith("/costs") && (await turn.count()) > 0 && (await turn.isVisible())) await turn.click();
    count += await assertSums(page, place, known);
  }
  console.log(`${count} numbers on ${places.length} pages, ${known.size} lists of requests`);
  assert.ok(count > 1000);
}, { viewport: { width: 1440, height: 900 } }));

/** A day from today, as the daemon's zone (UTC in tests) has it. */
const day = (by) => new Date(Date.now() + by * 86_400_000).toISOString().slice(0, 10);

test("a number opens its requests: the same sum on top, all rows below", () => story(async (page) => {
  await page.goto(`${daemon.http}/costs?period=all`);
  await settle(page);
  const link = page.locator(".costs-table tfoot [data-sums=cost_usd]");
  const [exact, unknown] = [await link.getAttribute("data-exact"), Number(await link.getAttribute("data-unknown"))];
  assert.ok(unknown > 0);
  await link.click();
  await page.waitForSelector(".requests-table tbody tr");
  assert.equal(await page.locator(".sum-head [data-sums=cost_usd]").getAttribute("data-exact"), exact);
  const requests = Number(await page.locator(".sum-head [data-sums=requests]").getAttribute("data-exact"));
  for (let tries = 0; tries < 10 && (await page.getByRole("button", { name: "Older requests" }).count()) > 0; tries += 1) {
    const before = await page.locator(".requests-table tbody tr").count();
    await page.getByRole("button", { name: "Older requests" }).click();
    await page.waitForFunction((rows) => document.querySelectorAll(".requests-table tbody tr").length > rows, before);
  }
  assert.equal(await page.locator(".requests-table tbody tr").count(), requests);
  assert.equal(await page.locator(".requests-table td.strong", { hasText: "unknown" }).count(), unknown);
  const times = await page.locator(".requests-table td:first-child").evaluateAll((cells) => cells.map((cell) => cell.title.slice(0, 23)));
  assert.deepEqual(times, times.toSorted().reverse());
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "CSV" }).click()]);
  assert.equal((await readFile(await download.path(), "utf8")).trim().split("\r\n").length, requests + 1);
  await page.goBack();
  await page.waitForSelector(".costs-table");
}));

test("limits of the plan come first, then budgets and the forecast, in words", () => story(async (page) => {
  await page.goto(`${daemon.http}/costs`);
  await settle(page);
  const limits = await page.innerText(".limits");
  assert.match(limits, /5-hour limit[\s\S]*42 % used[\s\S]*7-day limit[\s\S]*91 % used, little left/);
  assert.match(limits, /starts anew in (59|1 h)/);
  const tiles = await page.locator(".tile.spend").evaluateAll((nodes) => nodes.map((node) => node.innerText));
  assert.equal(tiles.length, 4);
  assert.match(tiles[0], /^Today\s+\$[\d.]+.*\s+[\d\u202f. KM]+tokens · 15 requests[\s\S]*(exceeded|warning): \d+ % of \$0\.05/);
  assert.match(tiles[1], /% of \$1,000/);
  assert.doesNotMatch(tiles[2], / of \$/);
  assert.match(tiles[3], /^Forecast for \w+ \d{4}\s+\$[\d.,]+( – \$[\d.,]+)?\s+likely \$/);
  assert.match(await page.innerText(".tiles-note"), /API-equivalent cost: what the requests would cost at list prices\. A subscription’s invoice is another\.\s+Budgets warn, nothing is stopped/);
}));

test("the address restores the view; names and chips drill and come back", () => story(async (page) => {
  await page.goto(`${daemon.http}/costs?period=all&group=project`);
  await settle(page);
  await page.locator(".costs-table a.name", { hasText: "shop" }).click();
  await page.waitForFunction(() => new URL(location.href).searchParams.get("group") === "session" && document.querySelector(".costs-table h2, .panel h2") && [...document.querySelectorAll("h2")].some((node) => node.innerText.startsWith("By session")));
  assert.equal(new URL(page.url()).searchParams.get("project"), "/home/dev/shop");
  await page.getByRole("button", { name: "Requests", exact: true }).click();
  await page.waitForSelector("th[aria-sort=descending]:has-text('Requests')");
  const order = await page.locator(".costs-table tbody tr").evaluateAll((rows) => rows.map((row) => row.innerText));
  await page.reload();
  await settle(page);
  assert.deepEqual(await page.locator(".costs-table tbody tr").evaluateAll((rows) => rows.map((row) => row.innerText)), order);
  await page.locator(".costs-table a.name").first().click();
  await page.waitForFunction(() => [...document.querySelectorAll("h2")].some((node) => node.innerText.startsWith("By prompt")));
  await page.getByRole("button", { name: /^Session: .*remove filter$/ }).click();
  await page.waitForFunction(() => !new URL(location.href).searchParams.has("session") && ![...document.querySelectorAll("h2")].some((node) => node.innerText.startsWith("By prompt")));
  await page.getByRole("button", { name: "7 d" }).click();
  await page.waitForFunction(() => document.querySelector(".headline").innerText.includes("Last 7 days"));
  await page.getByRole("button", { name: "Custom" }).click();
  await page.getByLabel("First day").fill(day(-50));
  await page.getByLabel("Last day").fill(day(-60));
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => /no later than the last/.test(document.querySelector("dialog").innerText));
  await page.getByLabel("Last day").fill(day(-1));
  await page.keyboard.press("Enter");
  await page.waitForFunction((text) => document.querySelector(".headline").innerText.includes(text), `${day(-50)} to ${day(-1)}`);
}));

test("a bar leads to its days", () => story(async (page) => {
  await page.goto(`${daemon.http}/costs?period=7d`);
  await settle(page);
  await page.waitForFunction(() => globalThis.Chart?.getChart(document.querySelector(".chart canvas"))?.data.labels.length === 7);
  const box = await page.locator(".chart canvas").boundingBox();
  const [x, y] = await page.evaluate(() => { const { chartArea, scales } = globalThis.Chart.getChart(document.querySelector(".chart canvas")); return [scales.x.getPixelForValue(6), chartArea.bottom - 4]; });
  await page.mouse.click(box.x + x, box.y + y);
  await page.waitForFunction((today) => new URL(location.href).searchParams.get("since") === today && new URL(location.href).searchParams.get("until") === today, day(0));
  await page.waitForFunction((today) => document.querySelector(".headline").innerText.includes(today), day(0));
}));

test("a session says what it cost, by prompt and by agent", () => story(async (page) => {
  await page.goto(`${daemon.http}/sessions/${sessionId(1)}`);
  await page.waitForFunction(() => [...document.querySelectorAll("h2")].some((node) => node.innerText.startsWith("Time and cost by prompt")));
  assert.match(await page.innerText(".session-head"), /Cost\s+\$/);
  assert.match(await page.innerText("main"), /A prompt that no hook told of/);
  assert.match(await page.innerText(".costs-table"), /main thread/);
  await page.goto(`${daemon.http}/costs?group=prompt&period=all&session=${sessionId(1)}`);
  await page.waitForFunction(() => document.querySelector(".costs-table")?.innerText.includes("Ask number 2"));
  await page.getByRole("link", { name: "Its timeline" }).click();
  await page.waitForSelector(".session-head");
}));

test("what comes in changes the numbers in place", () => story(async (page) => {
  await page.goto(`${daemon.http}/costs?period=all`);
  await settle(page);
  const before = Number(await page.locator(".headline [data-sums=requests], .panel [data-sums=requests]").first().getAttribute("data-exact"));
  await page.locator(".costs-table tbody tr").first().evaluate((row) => { row.dataset.same = "yes"; });
  const more = join(daemon.folder, "more");
  mkdirSync(more);
  write(more, 50, 51, Date.now() + 50 * 5 * 86_400_000);
  assert.equal(importFrom(more).requests_new, 12);
  await page.waitForFunction((number) => Number(document.querySelector(".panel [data-sums=requests]").dataset.exact) === number, before + 12);
  assert.equal(await page.locator(".costs-table tr[data-same]").count(), 1);
}));

test("a line that a client appends is on the page within a second", () => story(async (page) => {
  const folder = join(daemon.folder, ".claude/projects/-home-dev-tail");
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${sessionId(77)}.jsonl`);
  writeFileSync(file, "");
  await page.goto(`${daemon.http}/costs?period=today`);
  await settle(page);
  const shown = page.locator(".panel [data-sums=requests]").first();
  const count = async () => Number(await shown.getAttribute("data-exact"));
  // The daemon looks for new folders of Claude Code every two seconds.
  const before = await count();
  appendFileSync(file, `${lineOf(77, 0)}\n`);
  await page.waitForFunction((number) => Number(document.querySelector(".panel [data-sums=requests]").dataset.exact) > number, before);
  const took = [];
  for (let n = 1; n <= 20; n += 1) {
    // At any moment of what the page waits between two looks.
    await page.waitForTimeout(n * 70);
    const known = await count();
    const begun = performance.now();
    appendFileSync(file, `${lineOf(77, n)}\n`);
    await page.waitForFunction((number) => Number(document.querySelector(".panel [data-sums=requests]").dataset.exact) > number, known, { polling: 10 });
    took.push(performance.now() - begun);
  }
  took.sort((a, b) => a - b);
  console.log(`a line of a transcript is on the page after ${took[10].toFixed(0)} ms (median of 20), worst ${took[19].toFixed(0)} ms`);
  assert.ok(took[10] <= 1000, String(took));
}));

test("axe finds nothing on the cost pages, light, dark and narrow; nothing overflows", async () => {
  const places = ["/costs?period=all", "/costs?period=all&group=session", `/costs?period=all&session=${sessionId(1)}`, "/costs?since=2020-01-01&until=2020-01-02", "/costs/requests", `/sessions/${sessionId(1)}`];
  for (const options of [{ colorScheme: "light" }, { colorScheme: "dark" }, { viewport: { width: 390, height: 800 }, colorScheme: "dark" }, { viewport: { width: 768, height: 800 } }, { viewport: { width: 1000, height: 800 } }]) {
    const { context, page, seen } = await openPage(browser, daemon, { ...options, bypassCSP: true });
    for (const place of places) {
      await page.goto(daemon.http + place);
      await settle(page);
      assert.ok((await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)) <= 0, `${place} is too wide ${JSON.stringify(options)}`);
      if (!options.colorScheme) continue;
      await page.addScriptTag({ path: axe });
      const found = await page.evaluate(async () => (await window.axe.run(document)).violations);
      assert.deepEqual(found.map((one) => `${one.id}: ${one.nodes[0].html.slice(0, 160)}`), [], `${place} ${JSON.stringify(options)}`);
    }
    assert.deepEqual(seen.errors, []);
    await context.close();
  }
});

test("an empty ledger explains itself, with a hint how to set a budget once there is something", async () => {
  const bare = await new Daemon().start();
  try {
    const { context, page, seen } = await openPage(browser, bare);
    await page.goto(`${bare.http}/costs`);
    await page.waitForFunction(() => document.querySelector("main").innerText.includes("The ledger is empty"));
    assert.match(await page.innerText("main"), /orchd import/);
    assert.equal(await page.locator("[data-sums]:visible").count(), 0);
    const one = join(bare.folder, "one");
    write(one, 0, 1);
    spawnSync(join(process.env.ORCH_TEST_BIN_DIR, "orchd"), ["import", "--from", one], { env: bare.env });
    bare.hook(toolEvent("other", "toolu_nudge", "true"));
    await page.waitForSelector(".tiles-note:visible");
    assert.match(await page.innerText(".tiles-note"), /No budget is set: \[budget\] in config\.toml; orchd paths says where that is/);
    const tiles = await page.innerText(".tiles.spending");
    assert.match(tiles, /Not yet\s+needs 7 whole days, has \d/);
    assert.equal(await page.locator(".limits:visible").count(), 0);
    assert.deepEqual(seen.errors, []);
    await context.close();
  } finally {
    await bare.stop();
  }
});

test("keys and palette go to the page", () => story(async (page) => {
  await page.goto(`${daemon.http}/system`);
  await page.waitForFunction(() => document.querySelector("h1").innerText === "System");
  await page.keyboard.press("g");
  await page.keyboard.press("c");
  await page.waitForFunction(() => document.querySelector("h1").innerText === "Costs");
  assert.equal(await page.locator("nav a[aria-current=page]").innerText(), "Costs");
}));
