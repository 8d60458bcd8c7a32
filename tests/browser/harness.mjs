// Starts the real daemon in a home of its own, fills it, and opens the page in a real browser. Loopback only.
import { spawn, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, mkdtempSync, mkdirSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pass } from "node:timers/promises";
import { chromium } from "playwright-core";

const BIN = process.env.ORCH_TEST_BIN_DIR ?? "";
const BROWSERS = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** A daemon in a temporary home. */
export class Daemon {
  constructor() {
    if (!existsSync(join(BIN, "orchd"))) throw new Error("set ORCH_TEST_BIN_DIR to a folder with orchd and orch-hook");
    this.folder = mkdtempSync(join(tmpdir(), "ob"));
    this.home = join(this.folder, "h");
    mkdirSync(this.home);
    this.env = { HOME: this.folder, ORCH_HOME: this.home, PATH: process.env.PATH, LANG: "C.UTF-8" };
    this.socket = join(this.home, "state/run/orchd.sock");
  }

  async start() {
    this.process = spawn(join(BIN, "orchd"), ["run", "--port", "0"], { env: this.env, stdio: "ignore" });
    for (let tries = 0; tries < 400; tries += 1) {
      const status = await this.ask({ kind: "status" }).catch(() => null);
      if (status?.pid === this.process.pid) {
        this.http = status.http.replace(/\/$/, "");
        return this;
      }
      await pass(50);
    }
    throw new Error("orchd did not start");
  }

  /** Sends one request over the local socket. */
  ask(request, payload = "") {
    return exchange(this.socket, [frame(request, payload)]).then(([reply]) => reply);
  }

  async loginUrl() {
    return (await this.ask({ kind: "login" })).url;
  }

  /** Runs the real hook and returns when it has ended. */
  hook(payload) {
    const done = spawnSync(join(BIN, "orch-hook"), ["hook"], { env: this.env, input: JSON.stringify(payload) });
    if (done.status !== 0) throw new Error(`the hook ended with ${done.status}`);
  }

  /** Sends many events over one connection. */
  async seed(payloads, occurredAt = () => Date.now() * 1000) {
    const frames = payloads.map((payload, n) => frame(
      { kind: "event", event_id: randomUUID(), occurred_at: occurredAt(n), project_dir: payload.cwd, hook_version: "0" },
      JSON.stringify(payload)));
    const replies = await exchange(this.socket, frames);
    const bad = replies.find((reply) => reply.kind !== "ack");
    if (bad) throw new Error(`not acknowledged: ${JSON.stringify(bad)}`);
  }

  async stop() {
    if (this.process && this.process.exitCode === null) {
      const ended = new Promise((done) => this.process.once("exit", done));
      this.process.kill("SIGTERM");
      await Promise.race([ended, pass(5000)]);
      this.process.kill("SIGKILL");
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function frame(request, payload) {
  const body = Buffer.from(JSON.stringify({ v: 1, ...request }) + (payload ? `\n${payload}` : ""));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, body]);
}

/** Sends frames one after the other, a few ahead, and returns the replies. */
function exchange(socket, frames) {
  return new Promise((done, fail) => {
    const stream = connect(socket);
    const replies = [];
    let [sent, bytes] = [0, Buffer.alloc(0)];
    const send = () => {
      while (sent < frames.length && sent - replies.length < 64) stream.write(frames[sent++]);
    };
    stream.on("connect", send);
    stream.on("data", (data) => {
      bytes = Buffer.concat([bytes, data]);
      while (bytes.length >= 4 && bytes.length >= 4 + bytes.readUInt32BE(0)) {
        const end = 4 + bytes.readUInt32BE(0);
        replies.push(JSON.parse(bytes.subarray(4, end).toString()));
        bytes = bytes.subarray(end);
      }
      if (replies.length === frames.length) {
        stream.destroy();
        done(replies);
      } else send();
    });
    stream.on("error", fail);
    stream.on("close", () => fail(new Error("closed early")));
  });
}

/** A browser page that keeps what the console said and where requests went. */
export async function openBrowser() {
  const executablePath = BROWSERS.find((path) => path && existsSync(path));
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
  return browser;
}

export async function openPage(browser, daemon, options = {}) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const seen = { errors: [], hosts: new Set() };
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") seen.errors.push(message.text());
  });
  page.on("pageerror", (error) => seen.errors.push(String(error)));
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.protocol !== "data:" && url.protocol !== "blob:") seen.hosts.add(url.host);
  });
  await page.goto(await daemon.loginUrl());
  return { context, page, seen };
}

export const toolEvent = (session, id, command, event = "PreToolUse", cwd = "/home/dev/shop") => ({
  session_id: session, hook_event_name: event, cwd, transcript_path: `/home/dev/.claude/projects/p/${session}.jsonl`,
  permission_mode: "default", tool_name: "Bash", tool_use_id: id, tool_input: { command, description: command },
});

export const sessionEvent = (session, event, extra = {}, cwd = "/home/dev/shop") => ({
  session_id: session, hook_event_name: event, cwd, ...extra,
});

export const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
