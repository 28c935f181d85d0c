"""Between an editor and a server: passes bytes on, and writes every message down.

`python tee.py LOG server …` starts the server and appends to LOG one line of JSON for each message:
{"at": seconds since the epoch, "from": "editor" or "server", "message": …}. It needs nothing but
the standard library, and knows no method.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import IO


def main() -> int:
    """Run until the server ends; gives its exit status."""
    log, *command = sys.argv[1:]
    if "--stdio" not in command:  # no session, but another command of the server's
        return subprocess.call(command)
    with (
        Path(log).open("a", encoding="utf-8", buffering=1) as file,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server,
    ):
        assert server.stdin is not None
        assert server.stdout is not None
        to_server = (sys.stdin.buffer, server.stdin, "editor", file)
        threading.Thread(target=_pass_on, args=to_server, daemon=True).start()
        _pass_on(server.stdout, sys.stdout.buffer, "server", file)
        return server.wait()


def _pass_on(reader: IO[bytes], writer: IO[bytes], source: str, log: IO[str]) -> None:
    with suppress(OSError, ValueError):
        while head := _head(reader):
            body = reader.read(_length(head))
            writer.write(head + body)
            writer.flush()
            line = {"at": time.time(), "from": source, "message": json.loads(body)}
            log.write(json.dumps(line) + "\n")
    with suppress(OSError):
        writer.close()


def _head(reader: IO[bytes]) -> bytes:
    """The header lines with the empty one at their end; b"" at the end of the input."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        line = reader.readline()
        if not line:
            return b""
        head += line
    return head


def _length(head: bytes) -> int:
    lines = head.decode("ascii").lower().split("\r\n")
    return next(int(line.partition(":")[2]) for line in lines if line.startswith("content-length"))


if __name__ == "__main__":
    sys.exit(main())
