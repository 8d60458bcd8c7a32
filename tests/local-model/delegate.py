"""`orchd delegate` end to end against a real llama.cpp server: both templates, with and without a key, streamed and not.

The answer must be the server's own, byte by byte, the reasoning apart, the tokens those of the server's usage, and our speed
within 5 % of the server's own timings.

    python delegate.py --bin-dir DIR
"""

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time

# No folder of byte code is left in a checkout.
sys.dont_write_bytecode = True

from peer import peer  # noqa: E402

THOUGHT, ANSWER = "I should add.\n", "The answer is 4."
GRAMMAR = 'root ::= "I should add.\\n</think>\\n\\nThe answer is 4."'
# Long enough that one token more or less, and the time of one read, are far below the bar.
LONG = "It is four because two and two are four; " * 40
LONG_GRAMMAR = f'root ::= "Let me count.\\n</think>\\n\\n{LONG}"'
LOST_MAX = 5
SPEED_ROUNDS = 15
SPEED_BAR = 0.05
KEY = "sk-of-the-test"


class Orchd:
    """The program under test in a home of its own."""

    def __init__(self, program, home):
        self.program, self.home = program, home

    def start(self, server, *args, key=None):
        env = {"HOME": self.home, "ORCH_HOME": self.home, "PATH": os.environ["PATH"], "ORCH_LOCAL_URL": server.url}
        if key:
            env["ORCH_LOCAL_TOKEN"] = key
        command = [self.program, "delegate", *args]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe)

    def delegate(self, server, *args, key=None):
        child = self.start(server, *args, key=key)
        out, err = child.communicate(timeout=60)
        return subprocess.CompletedProcess(child.args, child.returncode, out, err)


def fields(body):
    return [part for name, value in body.items() for part in ("--set", f"{name}={json.dumps(value)}")]


def expect(what, found, expected):
    if found != expected:
        raise SystemExit(f"FAILED {what}: {found!r}, not {expected!r}")


def split(message):
    """The server's own message as thought and answer; with ChatML both stand in its content."""
    thought, content = message.get("reasoning_content"), message["content"]
    if thought is None and "</think>" in content:
        thought, content = content.split("</think>", 1)
        content = content.lstrip()
    return (thought or "").strip(), content


def check(orchd, server, template, key, streamed):
    name = f"{template}, {'a key' if key else 'no key'}, {'streamed' if streamed else 'in one piece'}"
    more = {"grammar": GRAMMAR, "temperature": 0, "seed": 7, "cache_prompt": False}
    own = server.ask({"messages": [{"role": "user", "content": "What is 2 + 2?"}], **more})
    thought, answer = split(own["choices"][0]["message"])
    expect(f"{name}: the server", (thought, answer), (THOUGHT.strip(), ANSWER))
    args = ["What is 2 + 2?", *fields(more)] + ([] if streamed else ["--no-stream"])
    plain = orchd.delegate(server, *args, key=key)
    expect(f"{name}: exit code", (plain.returncode, plain.stderr), (0, b""))
    expect(f"{name}: stdout", plain.stdout, answer.encode())
    reply = json.loads(orchd.delegate(server, *args, "--json", key=key).stdout)
    expect(f"{name}: the answer", reply["answer"], answer)
    expect(f"{name}: the reasoning", reply["reasoning"].strip(), thought)
    usage = (own["usage"]["prompt_tokens"], own["usage"]["completion_tokens"])
    expect(f"{name}: tokens", (reply["tokens"]["input"], reply["tokens"]["output"]), usage)
    expect(f"{name}: who counted", reply["tokens"]["source"], "server")
    expect(f"{name}: the model", reply["model"], own["model"])
    if streamed:
        # The tag, the empty lines behind it and the end are tokens without text.
        lost = usage[1] - reply["tokens"]["counted_output"]
        expect(f"{name}: {lost} tokens that we did not see", lost in range(LOST_MAX + 1), True)
        expect(f"{name}: the first token was timed", reply["timings"]["first_token_ms"] > 0, True)
    expect(f"{name}: the speed is the server's", reply["timings"]["tokens_per_second"], reply["timings"]["server_tokens_per_second"])
    print(f"ok   {name}: {usage[0]} + {usage[1]} tokens, {len(answer)} bytes")


def check_speed(orchd, server):
    """What we measured ourselves beside the server's own figure, in the same reply."""
    more = {"grammar": LONG_GRAMMAR, "temperature": 0, "cache_prompt": False}
    ratios = []
    for _ in range(SPEED_ROUNDS):
        done = orchd.delegate(server, "Count.", "--json", *fields(more))
        reply = json.loads(done.stdout)
        expect("the long answer", reply["answer"], LONG)
        times = reply["timings"]
        ratios.append(times["measured_tokens_per_second"] / times["server_tokens_per_second"])
    median = statistics.median(ratios)
    speed = times["server_tokens_per_second"]
    print(f"speed: ours / the server's {median:.3f} (median of {SPEED_ROUNDS}, {min(ratios):.3f} to {max(ratios):.3f}) at {speed:.0f} tokens/s")
    expect("our speed is within 5 % of the server's", abs(median - 1) <= SPEED_BAR, True)


def check_cancel(orchd, server):
    """Ctrl-C in the middle of an answer frees the server's slot long before the answer would have been made."""
    args = ["Count.", "--show-reasoning", *fields({"grammar": LONG_GRAMMAR, "temperature": 0})]
    begun = time.monotonic()
    expect("the whole answer", orchd.delegate(server, *args).stdout, LONG.encode())
    whole = time.monotonic() - begun
    begun = time.monotonic()
    child = orchd.start(server, *args)
    child.stderr.read(1)
    child.send_signal(signal.SIGINT)
    child.communicate(timeout=10)
    expect("Ctrl-C: exit code", child.returncode, 130)
    while any(slot["is_processing"] for slot in server.get("/slots")):
        if time.monotonic() - begun > whole:
            raise SystemExit("FAILED Ctrl-C: the server goes on")
        time.sleep(0.005)
    freed = time.monotonic() - begun
    print(f"ok   Ctrl-C: the server is free after {freed:.2f} s; the whole answer takes {whole:.2f} s")
    expect("Ctrl-C: the server stopped early", freed < whole / 2, True)


def check_token(orchd, server):
    for key in (None, "sk-another"):
        refused = orchd.delegate(server, "Hi", key=key)
        expect("without the right key: exit code", refused.returncode, 75)
        expect("without the right key", b"needs a token" in refused.stderr, True)
        expect("a token in an error", b"sk-" in refused.stderr, False)
    print("ok   without the right key it says so")


def check_fit(orchd, server):
    too_long = orchd.delegate(server, "word " * 3000)
    expect("what does not fit: exit code", too_long.returncode, 75)
    expect(f"what does not fit: {too_long.stderr}", b"the task does not fit" in too_long.stderr, True)
    print("ok   what does not fit is told in the server's words")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin-dir", required=True, help="folder that holds orchd")
    args = parser.parse_args()
    program = os.path.abspath(os.path.join(args.bin_dir, "orchd"))
    with tempfile.TemporaryDirectory() as home:
        orchd = Orchd(program, home)
        for template in ("r1", "chatml"):
            for key in (None, KEY):
                with peer(template, key) as server:
                    for streamed in (True, False):
                        check(orchd, server, template, key, streamed)
                    if key:
                        check_token(orchd, server)
                    elif template == "r1":
                        check_fit(orchd, server)
                        check_speed(orchd, server)
                        check_cancel(orchd, server)
    print("all passed")


if __name__ == "__main__":
    sys.exit(main())
