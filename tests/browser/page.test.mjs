// The page in a real browser against the real programs: fast, quiet, local, usable. Prints what it measured.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { Daemon, median, openBrowser, openPage, sessionEvent, toolEvent } from "./harness.mjs";

const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const PAGES = ["/", "/activity", "/sessions", "/sessions/seed-1", "/costs", "/costs/requests", "/local", "/routing", "/subagents", "/system"];
let daemon;
let browser;

/** A small history: two projects, a failure, a subagent, a session that waits. */
async function history() {
  const events = [];
  for (let n = 0; n < 12; n += 1) {
    const [session, cwd] = [`seed-${n}`, n % 2 ? "/home/dev/shop" : "/home/dev/blog"];
    events.push(sessionEvent(session, "SessionStart", { source: "startup", model: "claude-opus" }, cwd));
    events.push(sessionEvent(session, "UserPromptSubmit", { prompt: `Make part ${n} work`, prompt_id: `p${n}` }, cwd));
    for (let call = 0; call < 5; call += 1) {
      const id = `toolu_${n}_${call}`;
      events.push(toolEvent(session, id, `make part-${n}-${call}`, "PreToolUse", cwd));
      events.push({ ...toolEvent(session, id, `make part-${n}-${call}`, call === 3 ? "PostToolUseFailure" : "PostToolUse", cwd), duration_ms: 40 + call, error: call === 3 ? "exit 2" : undefined, tool_response: { stdout: "ok" } });
    }
    if (n === 1) {
      const agent = { agent_id: "agent-1", agent_type: "Explore" };
      events.push(sessionEvent(session, "SubagentStart", agent, cwd), { ...toolEvent(session, "toolu_sub", "grep x", "PreToolUse", cwd), ...agent });
    }
    if (n > 2) events.push(sessionEvent(session, "Stop", { last_assistant_message: "Done." }, cwd));
    if (n > 4) events.push(sessionEvent(session, "SessionEnd", { reason: "other" }, cwd));
  }
  await daemon.seed(events);
}

before(async () => {
  daemon = await new Daemon().start();
  await history();
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await daemon?.stop();
});

test("every page shows its content, says nothing on the console and asks no other host", async () => {
  const { context, page, seen } = await openPage(browser, daemon);
  const expected = { "/": "Make part", "/activity": "make part", "/sessions": "Make part", "/sessions/seed-1": "Make part 1", "/system": "Stored", "/costs": "The ledger is empty", "/costs/requests": "No request matches", "/local": "lms server start", "/routing": "No decision in these days", "/subagents": "Explore" };
  for (const path of PAGES) {
    await page.goto(daemon.http + path);
    await page.waitForFunction((text) => document.body.innerText.toLowerCase().includes(text.toLowerCase()), expected[path], { timeout: 5000 })
      .catch(async () => assert.fail(`${path} does not show ${expected[path]}: ${(await page.innerText("main")).slice(0, 400)}`));
  }
  assert.deepEqual(seen.errors, []);
  assert.deepEqual([...seen.hosts], [new URL(daemon.http).host]);
  await context.close();
});

test("an event is visible at most 250 ms after its hook returned (median of 50)", async () => {
  for (const path of ["/activity", "/sessions/live"]) {
    daemon.hook(toolEvent("live", `toolu_first_${path.length}`, "echo first"));
    const { context, page, seen } = await openPage(browser, daemon);
    await page.goto(daemon.http + path);
    await page.waitForFunction(() => document.body.innerText.includes("echo first"));
    await page.evaluate(() => {
      window.seenAt = {};
      const look = () => {
        for (const mark of document.body.textContent.matchAll(/visible-\d+-done/g)) {
          if (mark[0] in window.seenAt) continue;
          window.seenAt[mark[0]] = 0;
          requestAnimationFrame(() => { window.seenAt[mark[0]] = performance.timeOrigin + performance.now(); });
        }
      };
      new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
    });
    const times = [];
    for (let n = 0; n < 50; n += 1) {
      daemon.hook(toolEvent("live", `toolu_${path.length}_${n}`, `echo visible-${n}-done`));
      const returned = performance.timeOrigin + performance.now();
      const seenAt = await (await page.waitForFunction((mark) => window.seenAt[mark] || null, `visible-${n}-done`, { polling: 10, timeout: 5000 })).jsonValue();
      times.push(seenAt - returned);
    }
    console.log(`${path}: event visible after its hook returned: median ${median(times).toFixed(0)} ms, worst ${Math.max(...times).toFixed(0)} ms of ${times.length}`);
    assert.ok(median(times) <= 250, `${path}: median ${median(times)} ms`);
    assert.deepEqual(seen.errors, []);
    await context.close();
  }
});

test("axe finds no serious issue on any page, light or dark, wide or narrow", async () => {
  for (const options of [{ colorScheme: "light" }, { colorScheme: "dark" }, { viewport: { width: 390, height: 800 } }]) {
    const { context, page } = await openPage(browser, daemon, { ...options, bypassCSP: true });
    for (const path of PAGES) {
      await page.goto(daemon.http + path);
      await page.waitForFunction(() => !document.querySelector("main [aria-busy=true]") && document.querySelector("main").innerText.length > 40);
      await page.addScriptTag({ path: axe });
      const found = await page.evaluate(async () => (await window.axe.run(document)).violations);
      const serious = found.filter((one) => ["serious", "critical"].includes(one.impact));
      assert.deepEqual(serious.map((one) => `${one.id}: ${one.nodes[0].html.slice(0, 160)}`), [], `${path} ${JSON.stringify(options)}`);
    }
    await context.close();
  }
});

test("nothing overflows a narrow screen or half a laptop's", async () => {
  for (const width of [360, 768, 820, 1000]) {
    const { context, page } = await openPage(browser, daemon, { viewport: { width, height: 740 } });
    for (const path of PAGES) {
      await page.goto(daemon.http + path);
      await page.waitForFunction(() => document.querySelector("main").innerText.length > 40);
      const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(over <= 0, `${path} is ${over} px too wide at ${width}`);
      // What says most of a row is never squeezed out by the figures beside it.
      const thin = await page.evaluate(() => [...document.querySelectorAll(".event .summary, .sessions-table td.wide")].filter((cell) => cell.clientWidth < 90).length);
      assert.equal(thin, 0, `${path} has texts without room at ${width}`);
    }
    await context.close();
  }
});

test("hostile text stays text", async () => {
  const { context, page, seen } = await openPage(browser, daemon);
  const hostile = `<img src=x onerror="window.hit=1"></script><script>window.hit=1</script>`;
  daemon.hook({ ...toolEvent("<b>bold</b>", "toolu_x", hostile), tool_name: hostile });
  daemon.hook(sessionEvent("<b>bold</b>", "UserPromptSubmit", { prompt: hostile }));
  for (const path of ["/", "/activity", "/sessions", `/sessions/${encodeURIComponent("<b>bold</b>")}`]) {
    await page.goto(daemon.http + path);
    await page.waitForFunction(() => document.body.innerText.includes("onerror"));
    assert.equal(await page.evaluate(() => window.hit ?? 0), 0, path);
    assert.equal(await page.locator("main img, main script").count(), 0, path);
  }
  assert.deepEqual(seen.errors, []);
  await context.close();
});

test("a label and a pin are kept", async () => {
  const { context, page, seen } = await openPage(browser, daemon);
  await page.goto(`${daemon.http}/sessions`);
  const pin = page.locator("tr.row .pin-cell button").first();
  await pin.click();
  await page.waitForFunction(() => document.querySelector("tr.row .pin-cell button[aria-pressed=true]"));
  await page.goto(`${daemon.http}/sessions?pinned=true`);
  await page.waitForFunction(() => document.querySelectorAll("tr.row").length === 1);
  assert.deepEqual(seen.errors, []);
  await context.close();
});

test("the page says that the daemon is gone and comes back with it", async () => {
  const own = await new Daemon().start();
  try {
    await own.seed([toolEvent("s", "toolu_1", "echo before")]);
    const { context, page } = await openPage(browser, own);
    await page.goto(`${own.http}/activity`);
    await page.waitForFunction(() => document.body.innerText.includes("echo before"));
    own.process.kill("SIGSTOP");
    own.process.kill("SIGKILL");
    await page.waitForFunction(() => document.querySelector("#banner")?.innerText.trim().length > 0, null, { timeout: 30_000 });
    assert.ok((await page.innerText("main")).includes("echo before"), "what was shown stays");
    await context.close();
  } finally {
    await own.stop();
  }
});

test("without a login the page says what to do", async () => {
  const page = await browser.newPage();
  const answer = await page.goto(daemon.http);
  assert.equal(answer.status(), 401);
  assert.match(await page.innerText("body"), /orchd dashboard/);
  await page.close();
});

test("with 10,000 sessions the first content is there within 1 s", async () => {
  const many = await new Daemon().start();
  try {
    const now = Date.now() * 1000;
    const payloads = [];
    for (let n = 0; n < 10_000; n += 1) {
      const cwd = `/home/dev/project-${n % 40}`;
      payloads.push(sessionEvent(`many-${n}`, "UserPromptSubmit", { prompt: `Task ${n}`, prompt_id: `p${n}` }, cwd));
      payloads.push(toolEvent(`many-${n}`, `toolu_${n}`, `make ${n}`, "PostToolUse", cwd));
      if (n % 200) payloads.push(sessionEvent(`many-${n}`, "SessionEnd", { reason: "other" }, cwd));
    }
    await many.seed(payloads, (n) => now - (payloads.length - n) * 20_000);
    const { context, page, seen } = await openPage(browser, many);
    for (const [path, selector] of [["/", "main a[href*='/sessions/']"], ["/sessions", "tr.row"], ["/activity", "li.event"], ["/system", "main table, main dl, main .tile"]]) {
      const times = [];
      for (let n = 0; n < 5; n += 1) {
        await page.goto(many.http + path, { waitUntil: "commit" });
        await page.waitForSelector(selector, { timeout: 10_000 });
        times.push(await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => done(performance.now())))));
      }
      console.log(`${path}: first content with 10,000 sessions: median ${median(times).toFixed(0)} ms, worst ${Math.max(...times).toFixed(0)} ms`);
      assert.ok(median(times) <= 1000, `${path}: ${median(times)} ms`);
    }
    assert.deepEqual(seen.errors, []);
    await context.close();
  } finally {
    await many.stop();
  }
});
