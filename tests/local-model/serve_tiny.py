"""Serves a model by llama.cpp's own HTTP server, until it is killed.

    python serve_tiny.py MODEL PORT NAME [KEY [GRAMMAR]]

An empty KEY is none. The grammar is that of questions which bring none of their own.
"""

import sys
import time

import xllamacpp

params = xllamacpp.CommonParams()
params.model.path = sys.argv[1]
params.hostnames = ["127.0.0.1"]
params.port = int(sys.argv[2])
params.model_alias = {sys.argv[3]}
if len(sys.argv) > 4 and sys.argv[4]:
    params.api_keys = [sys.argv[4]]
if len(sys.argv) > 5:
    params.sampling.grammar = xllamacpp.CommonGrammar(xllamacpp.common_grammar_type.COMMON_GRAMMAR_TYPE_USER, sys.argv[5])
params.n_ctx = 4096
params.n_parallel = 2
params.warmup = False
params.n_gpu_layers = 0
params.cpuparams.n_threads = 1
params.use_jinja = True
params.endpoint_metrics = params.endpoint_props = params.endpoint_slots = True
params.reasoning_format = xllamacpp.common_reasoning_format.COMMON_REASONING_FORMAT_DEEPSEEK
server = xllamacpp.Server(params)
print("listening", server.listening_address, flush=True)
while True:
    time.sleep(60)
