#!/usr/bin/env python3
"""Run the real Claude Code client under each policy of the router, and look at what reaches the API.

  policies.py --bin-dir DIR [--claude PATH]

The same scripted session four times:
  none       without any hook: what the others are held against
  observe    the same tool calls with the same inputs and results, the same models, and nothing in any request that was not there before
  downshift  the small call's subagent asks for haiku; the call that names a model and the agent whose file does keep theirs; every prompt
             of a subagent, with its secret and its escapes, is the same
  advise     the prompt's request carries our words, once, and they name the tool; all models and calls are the same
Each time the decisions stand in `handoff_events`, each is completed with the model and the tokens that the API served (the prompt's are those
of the main thread), and no hook complains. Loopback only, Python standard library only. Exit 1 when anything differs.
"""
import argparse
import glob
import http.server
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

sys.dont_write_bytecode = True

from compare import HERE, Daemon, complaints, find_client  # noqa: E402

# What LM Studio documents for a model in memory.
MODELS = {"models": [{"type": "llm", "publisher": "deepseek", "key": "deepseek-r1", "display_name": "DeepSeek R1",
                      "quantization": {"name": "Q4_K_M", "bits_per_weight": 4}, "size_bytes": 4683073952,
                      "max_context_length": 131072,
                      "loaded_instances": [{"id": "deepseek-r1", "config": {"context_length": 8192, "parallel": 4}}]}]}
# Every task is for the local model, so that what is seen is the policy and no threshold.
CONFIG = """[http]
port = 0
[local]
endpoints = [{{ url = "{url}" }}]
[router]
policy = "{policy}"
rules = [{{ route = "local", pattern = "*" }}]
"""
ADVICE = "mcp__orch__delegate_task"


class LmStudio(http.server.BaseHTTPRequestHandler):
    """LM Studio's list of models; nothing else is asked for."""

    def do_GET(self):
        body = json.dumps(MODELS).encode()
        self.send_response(200 if self.path == "/api/v1/models" else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def run_client(folder, settings, client, wrong):
    out, path = os.path.join(folder, "out"), os.path.join(folder, "settings.json")
    with open(path, "w") as fh:
        json.dump(settings, fh)
    done = subprocess.run([sys.executable, os.path.join(HERE, "run.py"), "--settings", path, "--scenario", "policies",
                           "--out", out, "--claude", client, "--turn-timeout", "60"],
                          capture_output=True, text=True, timeout=120)
    if done.returncode:
        wrong.append("run.py: exit %d %s %s" % (done.returncode, done.stdout[-800:], done.stderr[-800:]))
    return out


def asked(out):
    """What each request asked: script and step, model, and messages as text."""
    found = {}
    for path in sorted(glob.glob(os.path.join(out, "requests", "*.json"))):
        with open(path) as fh:
            request = json.load(fh)
        body = request.get("body", request)
        found[os.path.basename(path)[5:-5]] = body
    return found


def texts(content):
    return [content] if isinstance(content, str) else [part.get("text", "") for part in content if part.get("type") == "text"]


def calls(body):
    """Tool calls and results of a conversation, without ids."""
    told = []
    for message in body["messages"]:
        for block in message["content"] if isinstance(message["content"], list) else []:
            if block.get("type") == "tool_use":
                told.append((block["name"], json.dumps(block["input"], sort_keys=True)))
            if block.get("type") == "tool_result":
                content = block["content"]
                parts = [content] if isinstance(content, str) else texts(content)
                # Agents have ids of their own in each session.
                told.append(("result", [part.split("agentId:")[0] for part in parts], bool(block.get("is_error"))))
    return told


def prompts(bodies):
    """The words that each subagent was given."""
    return {name: [text for text in texts(body["messages"][0]["content"]) if "[[script:" in text]
            for name, body in bodies.items() if not name.startswith("main")}


def models(bodies):
    return {name: body["model"] for name, body in bodies.items()}


def said(bodies):
    """Texts in which our words stand, by request."""
    return {name: json.dumps(body, ensure_ascii=False).count(ADVICE) for name, body in bodies.items()}


def tasks(daemon):
    database = sqlite3.connect("file:%s?mode=ro" % os.path.join(daemon.home, "data", "orch.db"), uri=True)
    rows = database.execute("SELECT kind, policy, recommended_route, used_agent, advised, downshifted_to FROM handoff_events"
                            " ORDER BY handoff_seq").fetchall()
    database.close()
    return rows


def expected_tasks(policy):
    small = "haiku" if policy == "downshift" else None
    return [("prompt", policy, "local", None, int(policy == "advise"), None),
            ("agent", policy, "local", "general-purpose", 0, small),
            ("agent", policy, "local", "general-purpose", 0, None),
            ("agent", policy, "local", "careful", 0, None)]


def served(out):
    """What the API served: script -> model, input tokens in all, output tokens."""
    found = {}
    with open(os.path.join(out, "api_usage.jsonl")) as fh:
        for reply in map(json.loads, fh):
            usage, (_, read, written) = reply["usage"], found.get(reply["script"], ("", 0, 0))
            read += usage["input_tokens"] + usage["cache_creation_input_tokens"] + usage["cache_read_input_tokens"]
            found[reply["script"]] = (reply["model"], read, written + usage["output_tokens"])
    return found


def completed(daemon):
    """The same of the tasks, in the order of their beginnings; None as long as one is not completed."""
    database = sqlite3.connect("file:%s?mode=ro" % os.path.join(daemon.home, "data", "orch.db"), uri=True)
    rows = database.execute(
        "SELECT model, input_tokens + cache_creation_input_tokens + cache_read_input_tokens, output_tokens, ran, outcome,"
        " settled_at IS NOT NULL FROM handoff_events LEFT JOIN task_outcomes USING (task_id) ORDER BY handoff_seq").fetchall()
    database.close()
    return [row[:3] for row in rows] if all(row[3:] == ("claude", "completed", 1) for row in rows) else None


def check_completed(daemon, out, wrong):
    """Telemetry comes every five seconds, so a task may be completed before all of it is told: the figures grow until they are right."""
    truth = served(out)
    expected, end, found = [truth[script] for script in ("main", "small", "chosen", "careful")], time.time() + 30, None
    while time.time() < end:
        found = completed(daemon)
        if found == expected:
            return
        time.sleep(0.2)
    wrong.append("tasks were completed as %s, served was %s" % (found, expected))


def wait_available(daemon, wrong):
    snapshot, end = os.path.join(daemon.home, "state", "run", "snapshot"), time.time() + 30
    while time.time() < end:
        if os.path.exists(snapshot) and '"available":true' in open(snapshot, errors="replace").read():
            return
        time.sleep(0.1)
    wrong.append("the hook was not told that the local model is available")


def under(policy, bin_dir, client, url):
    folder, wrong = tempfile.mkdtemp(prefix="orp"), []
    os.makedirs(os.path.join(folder, "h"))
    with open(os.path.join(folder, "h", "config.toml"), "w") as fh:
        fh.write(CONFIG.format(url=url, policy=policy))
    daemon = Daemon(bin_dir, folder)
    try:
        wait_available(daemon, wrong)
        out = run_client(folder, daemon.settings(), client, wrong)
        bodies, rows = asked(out), tasks(daemon)
        check_completed(daemon, out, wrong)
    finally:
        daemon.end()
    if rows != expected_tasks(policy):
        wrong.append("handoff_events: %s" % rows)
    wrong += ["the client says: " + line for line in complaints(out, [])]
    shutil.rmtree(folder, ignore_errors=True)
    return bodies, wrong


def compare(policy, bodies, plain):
    wrong = []
    if set(bodies) != set(plain):
        return ["other requests: %s" % sorted(bodies)]
    last = max(name for name in plain if name.startswith("main"))
    if calls(bodies[last]) != calls(plain[last]):
        wrong.append("other calls or results: %s instead of %s" % (calls(bodies[last]), calls(plain[last])))
    if prompts(bodies) != prompts(plain):
        wrong.append("other prompts: %s instead of %s" % (prompts(bodies), prompts(plain)))
    wanted = models(plain)
    if policy == "downshift":
        wanted["small-0"] = bodies["small-0"]["model"]
        if "haiku" not in bodies["small-0"]["model"]:
            wrong.append("the small call went to %s" % bodies["small-0"]["model"])
    if models(bodies) != wanted:
        wrong.append("other models: %s instead of %s" % (models(bodies), wanted))
    told = said(bodies)
    if policy == "advise":
        once = {name: int(name.startswith("main")) for name in told}
        if told != once:
            wrong.append("advice stands here: %s" % told)
    elif any(told.values()):
        wrong.append("words that nobody asked for: %s" % told)
    return wrong


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--bin-dir", required=True, help="folder that holds orchd and orch-hook")
    ap.add_argument("--claude", help="the client (default: CLAUDE_BIN, node_modules here, PATH)")
    args = ap.parse_args()
    client, wrong = find_client(args.claude), []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), LmStudio)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    folder = tempfile.mkdtemp(prefix="orp")
    plain = asked(run_client(folder, {}, client, wrong))
    shutil.rmtree(folder, ignore_errors=True)
    for policy in ("observe", "downshift", "advise"):
        bodies, problems = under(policy, os.path.abspath(args.bin_dir), client, "http://127.0.0.1:%d" % server.server_port)
        problems += compare(policy, bodies, plain) if not problems else []
        print("%s: %s" % (policy, "; ".join("%s %s" % pair for pair in sorted(models(bodies).items()))))
        wrong += ["%s: %s" % (policy, problem) for problem in problems]
    server.shutdown()
    for line in wrong:
        print("    " + line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
