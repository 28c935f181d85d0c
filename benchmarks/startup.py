"""How long an editor waits for us to be there, compared with the least that pygls can do.

Run by `python -m benchmarks.startup`. Each round starts our server and a bare pygls server with one
feature, in turns, and measures from the start of the process to the answer to `initialize`. Exits
with 1 if the ratio of the medians is above the limit. The machine's own speed cancels out.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from statistics import median
from time import perf_counter
from typing import IO

ROUNDS = 25
LIMIT = 1.25

BARE = """
from lsprotocol import types
from pygls.lsp.server import LanguageServer

server = LanguageServer("bare", "1")


@server.feature(types.TEXT_DOCUMENT_INLINE_COMPLETION, types.InlineCompletionOptions())
def inline_completion(params):
    return None


server.start_io()
"""

OURS = (sys.executable, "-m", "devstral_lsp")
THEIRS = (sys.executable, "-c", BARE)

INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "processId": None,
        "rootUri": None,
        "capabilities": {
            "general": {"positionEncodings": ["utf-16"]},
            "textDocument": {
                "completion": {"completionItem": {"snippetSupport": True}},
                "inlineCompletion": {"dynamicRegistration": True},
            },
            "workspace": {"configuration": True, "workspaceFolders": True},
        },
    },
}


def run() -> int:
    environment = {**os.environ, "DEVSTRAL_CONFIG": ""}
    started_ms(OURS, environment)  # Once each, so that the bytecode is on the disk.
    started_ms(THEIRS, environment)
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(started_ms(OURS, environment))
        theirs.append(started_ms(THEIRS, environment))
    ratio = median(ours) / median(theirs)
    print(f"bare pygls   {median(theirs):7.1f} ms")
    print(f"devstral-lsp {median(ours):7.1f} ms")
    print(f"ratio        {ratio:7.2f}     (limit {LIMIT})")
    return int(ratio > LIMIT)


def started_ms(command: Sequence[str], environment: Mapping[str, str]) -> float:
    """From starting `command` until it has answered `initialize`, in ms."""
    start = perf_counter()
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        body = json.dumps(INITIALIZE).encode()
        process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        process.stdin.flush()
        answer = _message(process.stdout)
        elapsed_ms = (perf_counter() - start) * 1000
        process.kill()
    if "result" not in answer:
        raise RuntimeError(f"{command[:3]} answered {answer}")
    return elapsed_ms


def _message(stream: IO[bytes]) -> dict[str, object]:
    length = 0
    while line := stream.readline().strip():
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    message = json.loads(stream.read(length) or b"null")
    return message if isinstance(message, dict) else {}


if __name__ == "__main__":
    sys.exit(run())
