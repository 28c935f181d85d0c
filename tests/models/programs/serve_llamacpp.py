"""Runs llama.cpp's own HTTP server, out of the package xllamacpp, on the loopback until killed.

python serve_llamacpp.py FILE PORT [--window TOKENS] [--slots N] [--key KEY] [--threads N]
"""

from __future__ import annotations

import argparse
import signal
from pathlib import Path

import xllamacpp


def parameters(asked: argparse.Namespace) -> xllamacpp.CommonParams:
    made = xllamacpp.CommonParams()
    made.model.path = str(asked.file)
    made.port = asked.port
    made.n_ctx = asked.window
    made.n_parallel = asked.slots
    made.cpuparams.n_threads = made.cpuparams_batch.n_threads = asked.threads
    made.api_keys = [asked.key] if asked.key else []
    made.endpoint_slots = made.endpoint_props = made.endpoint_metrics = True
    # By default it keeps old prompts in memory, up to 8 GiB of them.
    made.cache_ram_mib = 0
    return made


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("file", type=Path)
    parser.add_argument("port", type=int)
    parser.add_argument("--window", type=int, default=8192, help="tokens, of all slots together")
    parser.add_argument("--slots", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--key", default="")
    server = xllamacpp.Server(parameters(parser.parse_args()))
    print(server.listening_address, flush=True)  # noqa: T201
    signal.pause()


if __name__ == "__main__":
    main()
