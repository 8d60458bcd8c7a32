#!/usr/bin/env python3
"""Run the real Claude Code client and compare what it fired with what the product stored.

  compare.py --bin-dir DIR [--claude PATH] [SCENARIO ...]

For each scenario: settings written by `orch-hook install --telemetry`, the recorder as a second handler on the same events, a
daemon in a home of its own, the client against the scripted API (run.py). Then, scenario by scenario:
  events    the multiset of (event, tool_use_id, agent_id) in the table `events` equals the recorder's
  tree      every agent the client started is there once, with its type, its Agent call and its parent
  settled   seconds until no session is working or waiting any more, counted from the end of the client (at most 60)
  ledger    requests of the ledger, from telemetry and then from transcripts too, equal those the API served: tokens by kind,
            model, agent and session of each, and the sums per model and agent; a cut stream is a marked lower bound
  errors    lines in which the client complains about a hook
Loopback only, Python standard library only. Exit 1 when anything differs.
"""
import argparse
import collections
import glob
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request

import ledger

HERE = os.path.dirname(os.path.abspath(__file__))
SCENARIOS = ["tools_basic", "tools_parallel", "denied", "subagent_fg", "subagent_bg", "multi_turn", "interrupted",
             "interactive"]
RECORDER = {"type": "command", "command": "__PYTHON__", "args": ["-S", "__HARNESS__/recorder.py", "__OUT__"],
            "timeout": 20}
COMPLAINT = re.compile(r"hook error|hook (?:\S+ )?failed|hook_(?:non_)?blocking_error|hook timed out", re.I)
SETTLE_LIMIT_S = 60


def find_client(given):
    local = os.path.join(HERE, "node_modules", "@anthropic-ai", "claude-code-linux-x64", "claude")
    for path in (given, os.environ.get("CLAUDE_BIN"), local, shutil.which("claude")):
        if path and os.access(path, os.X_OK):
            return os.path.abspath(path)
    sys.exit("no client: run `npm ci` in %s, or name one with --claude or CLAUDE_BIN" % HERE)


class Daemon:
    """One `orchd run` in a home of its own; ended by its process id."""

    def __init__(self, bin_dir, folder):
        self.orchd, self.hook = os.path.join(bin_dir, "orchd"), os.path.join(bin_dir, "orch-hook")
        self.home, user = os.path.join(folder, "h"), os.path.join(folder, "user")
        # There may be settings in it already.
        os.makedirs(self.home, exist_ok=True)
        os.makedirs(user)
        self.env = {"ORCH_HOME": self.home, "HOME": user, "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
        self.user = user
        self.output = open(os.path.join(folder, "orchd.out"), "wb")
        # Transcripts are read when they are asked for: what telemetry told by itself is to be seen first.
        env = dict(self.env, ORCH_LEDGER__TRANSCRIPTS="false")
        self.process = subprocess.Popen([self.orchd, "run", "--port", "0"], env=env, stdin=subprocess.DEVNULL,
                                        stdout=self.output, stderr=self.output)
        deadline = time.time() + 20
        while self.status() is None:
            if self.process.poll() is not None or time.time() > deadline:
                self.end()
                sys.exit("orchd did not start: " + open(self.output.name, errors="replace").read())
            time.sleep(0.05)

    def run(self, program, *arguments):
        return subprocess.run([program, *arguments], env=self.env, stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=30, cwd=self.user)

    def status(self):
        try:
            status = json.loads(self.run(self.orchd, "status", "--json").stdout)
        except ValueError:
            return None
        return status if status.get("pid") == self.process.pid else None

    def settings(self):
        """The settings `orch-hook install` writes, with the recorder beside each of its handlers."""
        done = self.run(self.hook, "install", "--scope", "user", "--telemetry")
        if done.returncode:
            sys.exit("orch-hook install failed: " + (done.stdout + done.stderr).decode(errors="replace"))
        with open(os.path.join(self.user, ".claude", "settings.json")) as fh:
            settings = json.load(fh)
        for groups in settings["hooks"].values():
            for group in groups:
                group["hooks"].append(RECORDER)
        return settings

    def get_json(self, path):
        return json.loads(self.get(path))

    def get(self, path):
        status = self.status()
        with open(json.loads(self.run(self.orchd, "paths", "--json").stdout)["token_file"]) as fh:
            token = fh.read().strip()
        request = urllib.request.Request(status["http"].rstrip("/") + path,
                                         headers={"Authorization": "Bearer " + token})
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=10) as answer:
            return answer.read().decode()

    def told(self):
        """Requests that telemetry brought."""
        counter = 'orch_telemetry_total{kind="request_new"} '
        lines = [line for line in self.get("/metrics").splitlines() if line.startswith(counter)]
        return int(float(lines[0][len(counter):]))

    def import_transcripts(self, claude):
        done = self.run(self.orchd, "import", "--json", "--from", claude)
        if done.returncode:
            return ["orchd import failed: " + (done.stdout + done.stderr).decode(errors="replace")]
        return []

    def sessions(self):
        return self.get_json("/api/v1/sessions?limit=200")["items"]

    def end(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.output.close()


def recorded_payloads(out):
    payloads = []
    for path in sorted(glob.glob(os.path.join(out, "hooks", "*.json"))):
        with open(path) as fh:
            payload = json.load(fh)["payload"]
        if payload:
            payloads.append(payload)
    return payloads


def key(event, tool_use_id, agent_id):
    return (event, tool_use_id or None, agent_id or None)


def agents_of(payloads):
    """What the tree must hold: agent id -> (type, Agent call or None where the client named none, parent)."""
    callers, pairs, agents = {}, {}, {}
    for p in payloads:
        call = p.get("tool_name") in ("Agent", "Task") and p.get("tool_use_id")
        if call and p["hook_event_name"] == "PreToolUse":
            callers[call] = p.get("agent_id") or None
        if call and p["hook_event_name"] == "PostToolUse" and isinstance(p.get("tool_response"), dict):
            agent = p["tool_response"].get("agentId")
            if agent:
                pairs[agent] = call
    for p in payloads:
        if p["hook_event_name"] == "SubagentStart" and p.get("agent_type"):
            call = pairs.get(p["agent_id"])
            agents[p["agent_id"]] = (p["agent_type"], call, callers.get(call))
    return agents


def compare_tree(expected, rows):
    wrong = []
    found = {row["agent_id"]: row for row in rows if row["agent_type"]}
    for agent, (kind, call, parent) in expected.items():
        row = found.pop(agent, None)
        if row is None:
            wrong.append("agent %s (%s) is not in the tree" % (agent, kind))
            continue
        if row["agent_type"] != kind:
            wrong.append("agent %s is a %s, not a %s" % (agent, row["agent_type"], kind))
        if call and row["tool_use_id"] != call:
            wrong.append("agent %s belongs to call %s, not %s" % (agent, call, row["tool_use_id"]))
        if call and (row["parent_agent_id"] or None) != parent:
            wrong.append("agent %s has parent %s, not %s" % (agent, parent, row["parent_agent_id"]))
    wrong += ["agent %s was never started" % agent for agent in found]
    return wrong


def scripted_replies(name):
    """What the recorder itself says in a scenario, and why the client then shows it."""
    with open(os.path.join(HERE, "scenarios", name + ".json")) as fh:
        replies = json.load(fh).get("hook_replies") or []
    texts = [reply.get("stderr") for reply in replies]
    for reply in replies:
        stdout = reply.get("stdout")
        if isinstance(stdout, dict):
            answer = stdout.get("hookSpecificOutput", {})
            texts += [answer.get("permissionDecisionReason"), stdout.get("reason")]
    return [text.strip() for text in texts if text]


def complaints(out, scripted):
    lines = []
    files = glob.glob(os.path.join(out, "turns", "*.std*"))
    files += glob.glob(os.path.join(out, "home", ".claude", "projects", "**", "*.jsonl"), recursive=True)
    for path in files:
        with open(path, errors="replace") as fh:
            for line in fh:
                ours = "orch-hook" in line or not any(text in line for text in scripted)
                if COMPLAINT.search(line) and ours:
                    lines.append("%s: %s" % (os.path.basename(path), line[:300].strip()))
    return lines


def wait_settled(daemon):
    start = time.time()
    while True:
        open_sessions = [s["session_id"] for s in daemon.sessions() if s["state"] in ("working", "waiting")]
        passed = time.time() - start
        if not open_sessions:
            return passed, []
        if passed > SETTLE_LIMIT_S:
            return passed, ["session %s is still open after %d s" % (s, passed) for s in open_sessions]
        time.sleep(0.5)


def run_scenario(name, bin_dir, client, keep):
    folder = tempfile.mkdtemp(prefix="orc")
    daemon = Daemon(bin_dir, folder)
    out = os.path.join(folder, "out")
    wrong = []
    start = time.time()
    try:
        settings = os.path.join(folder, "settings.json")
        with open(settings, "w") as fh:
            json.dump(daemon.settings(), fh, indent=1)
        run = subprocess.run([sys.executable, os.path.join(HERE, "run.py"), "--settings", settings, "--scenario", name,
                              "--out", out, "--claude", client, "--no-bodies", "--turn-timeout", "60"],
                             capture_output=True, text=True, timeout=400)
        if run.returncode:
            wrong.append("run.py: exit %d %s %s" % (run.returncode, run.stdout[-800:], run.stderr[-800:]))
        settled, left = wait_settled(daemon)
        wrong += left
        # Hooks of a killed client outlive it: what they still deliver belongs to the run.
        deadline = time.time() + 10
        payloads = recorded_payloads(out)
        while daemon.status()["counters"]["received"] < len(payloads) and time.time() < deadline:
            time.sleep(0.2)
        served = ledger.served(os.path.join(out, "api_usage.jsonl"))
        while daemon.told() < len(served) and time.time() < deadline:
            time.sleep(0.2)
        told = daemon.told()
        wrong += daemon.import_transcripts(os.path.join(out, "home", ".claude"))
        status = daemon.status()
        counters = status["counters"]
        if counters["received"] != sum(counters[k] for k in ("stored", "duplicate", "rejected", "dropped")):
            wrong.append("the books do not balance: %s" % counters)
    finally:
        daemon.end()
    # The daemon is gone, so its file may be opened by this Python's own SQLite.
    database = sqlite3.connect("file:%s?mode=ro" % os.path.join(daemon.home, "data", "orch.db"), uri=True)
    database.row_factory = sqlite3.Row
    stored = collections.Counter(key(*row) for row in database.execute(
        "SELECT hook_event_name, tool_use_id, agent_id FROM events"))
    tree = database.execute("SELECT * FROM subagent_invocations").fetchall()
    requests = ledger.stored(database)
    wrong += ledger.compare(name, served, requests, told)
    payloads = recorded_payloads(out)
    recorded = collections.Counter(
        key(p["hook_event_name"], p.get("tool_use_id"), p.get("agent_id")) for p in payloads)
    wrong += ["not stored: %s x%d" % (k, n) for k, n in (recorded - stored).items()]
    wrong += ["never fired: %s x%d" % (k, n) for k, n in (stored - recorded).items()]
    if not recorded:
        wrong.append("the recorder saw nothing: the client did not run its hooks")
    agents = agents_of(payloads)
    wrong += compare_tree(agents, tree)
    errors = complaints(out, scripted_replies(name))
    wrong += ["the client says: " + line for line in errors]
    database.close()
    if keep:
        os.makedirs(keep, exist_ok=True)
        shutil.copytree(folder, os.path.join(keep, name), dirs_exist_ok=True,
                        ignore=shutil.ignore_patterns("*.sock", "tmp"))
    shutil.rmtree(folder, ignore_errors=True)
    return {"scenario": name, "recorded": sum(recorded.values()), "stored": sum(stored.values()),
            "agents": len(agents), "requests": len(requests), "settled_s": round(settled, 1), "errors": len(errors),
            "wall_s": round(time.time() - start, 1), "wrong": wrong}


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("scenarios", nargs="*", default=SCENARIOS, help="default: %s" % " ".join(SCENARIOS))
    ap.add_argument("--bin-dir", required=True, help="folder that holds orchd and orch-hook")
    ap.add_argument("--claude", help="the client (default: CLAUDE_BIN, node_modules here, PATH)")
    ap.add_argument("--keep", help="folder to which everything of each run is copied")
    args = ap.parse_args()
    client, bin_dir = find_client(args.claude), os.path.abspath(args.bin_dir)
    version = subprocess.run([client, "--version"], capture_output=True, text=True, timeout=60).stdout.strip()
    print("client %s" % version)
    print("%-15s %8s %7s %7s %8s %9s %7s %7s  %s" % (
        "scenario", "recorded", "stored", "agents", "requests", "settled s", "errors", "wall s", "result"), flush=True)
    failed = 0
    for name in args.scenarios:
        row = run_scenario(name, bin_dir, client, args.keep)
        failed += bool(row["wrong"])
        print("%-15s %8d %7d %7d %8d %9.1f %7d %7.1f  %s" % (
            row["scenario"], row["recorded"], row["stored"], row["agents"], row["requests"], row["settled_s"], row["errors"],
            row["wall_s"], "differs" if row["wrong"] else "equal"))
        for line in row["wrong"]:
            print("    " + line)
        sys.stdout.flush()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
