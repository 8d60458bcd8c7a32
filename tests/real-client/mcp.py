#!/usr/bin/env python3
"""Have the real Claude Code client delegate through `orchd mcp` to a real llama.cpp server.

  mcp.py --bin-dir DIR [--claude PATH] [--keep DIR]

The server is registered as `orch-hook install --mcp` does it. The scripted model calls `mcp__orch__delegate_task`; then
  client    the server is connected, its task tool stands in the prompt, and no hook complains
  result    the local answer, without its reasoning, stands in the next request to the API, and so do the words of a task that was refused
  ledger    the delegation is in `handoff_events` with the session and the call of the client, its tokens as a local request
  api       /api/v1/delegations and /api/v1/savings tell of the same tokens, and of a saving
  page      the Local model page, in a real browser, says both tokens and the saving
Loopback only; needs the packages of tests/local-model and of tests/browser (npm ci). Exit 1 when anything differs.
"""
import argparse
import glob
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True

from compare import HERE, Daemon, complaints, find_client  # noqa: E402

sys.path.insert(0, os.path.join(os.path.dirname(HERE), "local-model"))
from peer import peer  # noqa: E402

ANSWER = "It subtracts \"b\"."
GRAMMAR = r'root ::= "I should look.\n</think>\n\nIt subtracts \"b\"."'
CONFIG = """[http]
port = 0
[local]
endpoints = [{{ url = "{url}" }}]
displaced_model = "claude-sonnet-4-6"
"""


def config(folder, url):
    home = os.path.join(folder, "h")
    os.makedirs(home)
    with open(os.path.join(home, "config.toml"), "w") as fh:
        fh.write(CONFIG.format(url=url))


def register(daemon, bin_dir):
    """Returns what `orch-hook install --mcp` writes into the client's state."""
    # `orchd up` puts it there; a service is not to be installed here.
    shutil.copy(os.path.join(bin_dir, "orchd"), os.path.join(daemon.home, "data", "bin", "orchd"))
    done = daemon.run(daemon.hook, "install", "--scope", "user", "--mcp")
    if done.returncode:
        sys.exit("orch-hook install --mcp failed: " + (done.stdout + done.stderr).decode(errors="replace"))
    with open(os.path.join(daemon.user, ".claude.json")) as fh:
        return json.load(fh)


def requests(out):
    found = []
    for path in sorted(glob.glob(os.path.join(out, "requests", "*-main-*.json"))):
        with open(path) as fh:
            request = json.load(fh)
        found.append(request.get("body", request))
    return found


def results(requests):
    """Tool results in the last request, by tool use."""
    names, told = {}, []
    for message in requests[-1]["messages"]:
        for block in message["content"] if isinstance(message["content"], list) else []:
            if block.get("type") == "tool_use":
                names[block["id"]] = block["name"]
            if block.get("type") == "tool_result":
                content = block["content"]
                text = content if isinstance(content, str) else "".join(part.get("text", "") for part in content)
                told.append((names[block["tool_use_id"]], block["tool_use_id"], text, bool(block.get("is_error"))))
    return told


def check_client(asked, wrong):
    tools = {tool["name"]: tool for tool in asked[0]["tools"]}
    if "mcp__orch__delegate_task" not in tools:
        wrong.append("the prompt has no delegate_task: %s" % sorted(tools))
    if "local model" not in json.dumps(asked[0]):
        wrong.append("the server's instructions do not stand in the prompt")


def check_results(told, wrong):
    """Returns the structured answer of the task that was done, and its call."""
    # The client asks for the last two at once, and puts first what is answered first.
    told = told[:2] + sorted(told[2:])
    if [name for name, _, _, _ in told] != ["mcp__orch__delegate_task"] * 2 + ["mcp__orch__local_status", "mcp__orch__usage_summary"]:
        wrong.append("these tools answered: %s" % told)
        return None, None
    (_, call, done, failed), (_, _, refused, is_error), (_, _, status, _), (_, _, usage, _) = told
    try:
        done = json.loads(done)
    except ValueError:
        done = {}
    if failed or done.get("answer") != ANSWER or "should look" in told[0][2]:
        wrong.append("the local answer did not arrive: %s" % told[0][2])
    if not is_error or "outside of the project" not in refused or "Do the task yourself" not in refused:
        wrong.append("what is refused is not said: %s" % refused)
    if '"ready"' not in status:
        wrong.append("the local model is not ready: %s" % status)
    if '"local_model"' not in usage:
        wrong.append("the usage does not tell of the local model: %s" % usage)
    return done, call


def wait_for(what, look, wrong, limit_s=10):
    end = time.time() + limit_s
    while time.time() < end:
        found = look()
        if found:
            return found
        time.sleep(0.1)
    wrong.append("waited for %s" % what)
    return None


def check_api(daemon, done, wrong):
    rows = wait_for("the delegation", lambda: daemon.get_json("/api/v1/delegations")["items"], wrong) or []
    if [row["task_id"] for row in rows] != [done.get("task_id")]:
        wrong.append("there are other delegations: %s" % rows)
        return None
    row, savings = rows[0], daemon.get_json("/api/v1/savings")
    tokens = (row["input_tokens"], row["output_tokens"])
    if tokens != (done["tokens"]["input"], done["tokens"]["output"]) or min(tokens) <= 0:
        wrong.append("tokens: %s in the answer, %s told" % (tokens, done["tokens"]))
    if (savings["total"]["input_tokens"], savings["total"]["output_tokens"]) != tokens:
        wrong.append("the savings are of other tokens: %s" % savings["total"])
    saved = savings["realised"]["usd"]
    if not saved or saved <= 0 or abs(saved - row["saving_usd"]) > 1e-12:
        wrong.append("saved: %s in all, %s by the task" % (saved, row["saving_usd"]))
    return tokens + (saved,)


def check_page(daemon, saved, wrong):
    """The page says it as its own rules write numbers: a small saving in four decimals of a dollar."""
    tokens_in, tokens_out, usd = saved
    login = daemon.run(daemon.orchd, "dashboard", "--print").stdout.decode().split()[0]
    texts = ["%d tokens read and %d written" % (tokens_in, tokens_out), "$%.4f" % usd, "Say what the function does."]
    script = os.path.join(os.path.dirname(HERE), "browser", "read_page.mjs")
    done = subprocess.run(["node", script, login, "/local", *texts], capture_output=True, text=True, timeout=60)
    if done.returncode:
        wrong.append("the page: " + (done.stdout + done.stderr)[-2000:])


def check_ledger(database, done, call, session, wrong):
    handoffs = [tuple(row) for row in database.execute(
        "SELECT task_id, policy, session_id, tool_use_id, ran, outcome FROM handoff_events JOIN task_outcomes USING (task_id)"
        " WHERE kind = 'delegation'")]
    if handoffs != [(done.get("task_id"), "mcp", session, call, "local", "completed")]:
        wrong.append("handoff_events: %s" % handoffs)
    local = [tuple(row) for row in database.execute(
        "SELECT session_id, input_tokens, output_tokens, cost_nano_usd FROM api_requests WHERE source = 'local'")]
    if local != [(session, done["tokens"]["input"], done["tokens"]["output"], 0)]:
        wrong.append("api_requests: %s" % local)
    calls = database.execute("SELECT COUNT(*) FROM events WHERE tool_use_id = ? AND hook_event_name = 'PostToolUse'", (call,)).fetchone()[0]
    if calls != 1:
        wrong.append("the hooks told of the call %d times" % calls)


def run(bin_dir, client, keep):
    folder, wrong = tempfile.mkdtemp(prefix="orc"), []
    with peer("r1", grammar=GRAMMAR) as server:
        config(folder, server.url)
        daemon = Daemon(bin_dir, folder)
        out = os.path.join(folder, "out")
        try:
            settings, state = os.path.join(folder, "settings.json"), os.path.join(folder, "state.json")
            for path, content in ((settings, daemon.settings()), (state, register(daemon, bin_dir))):
                with open(path, "w") as fh:
                    json.dump(content, fh)
            done = subprocess.run([sys.executable, os.path.join(HERE, "run.py"), "--settings", settings, "--state", state,
                                   "--scenario", "delegate", "--out", out, "--claude", client, "--turn-timeout", "60"],
                                  capture_output=True, text=True, timeout=200)
            if done.returncode:
                wrong.append("run.py: exit %d %s %s" % (done.returncode, done.stdout[-800:], done.stderr[-800:]))
            asked = requests(out)
            check_client(asked, wrong)
            answer, call = check_results(results(asked), wrong)
            saved = check_api(daemon, answer, wrong) if answer else None
            if saved:
                check_page(daemon, saved, wrong)
            with open(os.path.join(out, "turns", "01.json")) as fh:
                session = json.load(fh)["session_id"]
        finally:
            daemon.end()
            if keep:
                shutil.copytree(folder, keep, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.sock", "tmp", "bin"))
    if answer:
        database = sqlite3.connect("file:%s?mode=ro" % os.path.join(daemon.home, "data", "orch.db"), uri=True)
        check_ledger(database, answer, call, session, wrong)
        database.close()
    wrong += ["the client says: " + line for line in complaints(out, [])]
    shutil.rmtree(folder, ignore_errors=True)
    return saved, wrong


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--bin-dir", required=True, help="folder that holds orchd and orch-hook")
    ap.add_argument("--claude", help="the client (default: CLAUDE_BIN, node_modules here, PATH)")
    ap.add_argument("--keep", help="folder to which everything of the run is copied")
    args = ap.parse_args()
    saved, wrong = run(os.path.abspath(args.bin_dir), find_client(args.claude), args.keep)
    for line in wrong:
        print("    " + line)
    if wrong:
        return 1
    print("delegated: %d tokens read, %d written, %.9f USD saved; the client has the local answer, the page says it" % saved)
    return 0


if __name__ == "__main__":
    sys.exit(main())
