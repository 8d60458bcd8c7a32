"""How much later the first byte of an answer comes by `orchd delegate` than by a bare curl of the same request.

Pairs in one run, in turn, against a real llama.cpp server with a tiny model; milliseconds from starting the program to the first
byte on its stdout. Prints, never asserts. The bar is 15 ms.

    python bench_delegate.py --bin-dir DIR [PAIRS]
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

# No folder of byte code is left in a checkout.
sys.dont_write_bytecode = True

from peer import peer  # noqa: E402

GRAMMAR = 'root ::= "The answer is 4."'


def first_byte_ms(command, env):
    begun = time.perf_counter()
    with subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as child:
        first = os.read(child.stdout.fileno(), 1)
        took = time.perf_counter() - begun
        child.stdout.read()
    if not first or child.returncode != 0:
        raise SystemExit(f"{command[0]} said nothing, exit code {child.returncode}")
    return took * 1e3


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin-dir", required=True, help="folder that holds orchd, optimised")
    parser.add_argument("pairs", nargs="?", type=int, default=100)
    args = parser.parse_args()
    # A model whose name does not say that it thinks: nothing is held back.
    with peer("chatml", name="tiny-plain") as server, tempfile.TemporaryDirectory() as home:
        more = {"grammar": GRAMMAR, "temperature": 0}
        body = {"messages": [{"role": "user", "content": "What is 2 + 2?"}], "stream": True, "stream_options": {"include_usage": True}}
        env = {"HOME": home, "ORCH_HOME": home, "PATH": os.environ["PATH"], "ORCH_LOCAL_URL": server.url}
        fields = [part for name, value in more.items() for part in ("--set", f"{name}={json.dumps(value)}")]
        delegate = [os.path.abspath(os.path.join(args.bin_dir, "orchd")), "delegate", "What is 2 + 2?", *fields]
        header = "Content-Type: application/json"
        curl = ["curl", "-sN", "-H", header, "-d", json.dumps({**body, **more}), f"{server.url}/v1/chat/completions"]
        pairs = []
        for number in range(args.pairs + 5):
            order = (curl, delegate) if number % 2 else (delegate, curl)
            times = {command[0]: first_byte_ms(command, env) for command in order}
            if number >= 5:
                pairs.append((times[curl[0]], times[delegate[0]]))
    of_curl, of_delegate = zip(*pairs)
    later = [ours - theirs for theirs, ours in pairs]
    quantile = statistics.quantiles(later, n=20)
    print(f"{len(pairs)} pairs, to the first byte: curl {statistics.median(of_curl):.2f} ms, delegate {statistics.median(of_delegate):.2f} ms")
    print(f"later by {statistics.median(later):.2f} ms (p5 {quantile[0]:.2f}, p95 {quantile[-1]:.2f}); the bar is 15 ms")


if __name__ == "__main__":
    main()
