"""A real llama.cpp server with a tiny model, for the time of a `with`."""

import contextlib
import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
READY_WITHIN = 30


class Peer:
    """One server."""

    def __init__(self, port, key):
        self.port, self.key, self.url = port, key, f"http://127.0.0.1:{port}"

    def ask(self, body, path="/v1/chat/completions"):
        """Returns the server's own answer to a body, not streamed."""
        headers = {"Content-Type": "application/json"}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        request = urllib.request.Request(self.url + path, json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=60) as response:
            return json.load(response)

    def get(self, path):
        """Returns what the server tells at a path; for servers without a key."""
        with urllib.request.urlopen(self.url + path, timeout=10) as response:
            return json.load(response)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def answers(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


@contextlib.contextmanager
def peer(template, key=None, name="tiny-deepseek-r1", grammar=None):
    """Starts a server whose model has this template, and says what the grammar lets it; ends it at the end."""
    with tempfile.TemporaryDirectory() as folder:
        model = os.path.join(folder, "tiny.gguf")
        subprocess.run([sys.executable, os.path.join(HERE, "make_tiny_gguf.py"), model, template], check=True)
        port = free_port()
        command = [sys.executable, os.path.join(HERE, "serve_tiny.py"), model, str(port), name, key or ""] + ([grammar] if grammar else [])
        log = open(os.path.join(folder, "log"), "w+")
        server = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            end = time.monotonic() + READY_WITHIN
            while not answers(port):
                if server.poll() is not None or time.monotonic() > end:
                    log.seek(0)
                    raise SystemExit(f"the llama.cpp server did not start:\n{log.read()[-2000:]}")
                time.sleep(0.02)
            yield Peer(port, key)
        finally:
            server.kill()
            server.wait()
            log.close()
