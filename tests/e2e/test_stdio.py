"""Standard input and output of every kind: pipes, one socket for both, files."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.editor import PATIENCE_S, SERVER
from tests.support.wire import INITIALIZE, Wire, framed

MANY = 3_000
"""Answers of some 100 bytes: several times what a pipe holds."""


def session(*methods: str) -> bytes:
    """Requests with the numbers 0, 1, 2 …, then `shutdown` and `exit`."""
    messages = [
        {"id": number, "method": method, "params": INITIALIZE if number == 0 else None}
        for number, method in enumerate(("initialize", *methods, "shutdown"))
    ]
    bodies = (json.dumps({"jsonrpc": "2.0", **each}) for each in (*messages, {"method": "exit"}))
    return b"".join(framed(body.encode()) for body in bodies)


def answered(output: bytes) -> list[int]:
    """The ids of the answers, in their order."""
    bodies = re.split(rb"Content-Length: \d+\r\n(?:[^\r]+\r\n)*\r\n", output)[1:]
    messages = [json.loads(body) for body in bodies]
    return [each["id"] for each in messages if "method" not in each]


async def test_a_client_that_reads_only_after_it_has_written_all(process: Wire) -> None:
    process.write(session(*["no/such"] * MANY))
    async with asyncio.timeout(PATIENCE_S):
        await process.drain()
    for number in range(1, MANY + 1):
        assert (await process.answer(number))["error"]["code"] == -32601
    assert (await process.answer(MANY + 1))["result"] is None
    assert await process.ended() == 0


def test_a_client_that_never_reads_is_waited_for_a_moment_only(environ: dict[str, str]) -> None:
    pipe = subprocess.PIPE
    with subprocess.Popen(SERVER, stdin=pipe, stdout=pipe, env=environ) as process:
        assert process.stdin is not None
        process.stdin.write(session(*["no/such"] * MANY))
        process.stdin.flush()
        assert process.wait(PATIENCE_S) == 0


async def test_a_client_that_is_gone_ends_it_without_a_word(process: Wire) -> None:
    await process.initialize()
    process.hang_up_output()
    process.send("no/such", None, 1)
    process.send("no/such", None, 2)
    assert await process.ended() == 1
    assert await process.standard_error() == ""


def test_one_socket_for_both(environ: dict[str, str]) -> None:
    ours, theirs = socket.socketpair()
    with ours, subprocess.Popen(SERVER, stdin=theirs, stdout=theirs, env=environ) as process:
        theirs.close()
        ours.settimeout(PATIENCE_S)
        ours.sendall(session("no/such"))
        received = b""
        while data := ours.recv(4096):
            received += data
        assert answered(received) == [0, 1, 2]
        assert process.wait(PATIENCE_S) == 0


def test_files(environ: dict[str, str], tmp_path: Path) -> None:
    asked, said = tmp_path / "asked", tmp_path / "said"
    asked.write_bytes(session("no/such"))
    with asked.open("rb") as stdin, said.open("wb") as stdout:
        process = subprocess.run(
            SERVER, stdin=stdin, stdout=stdout, env=environ, timeout=PATIENCE_S, check=False
        )
    assert process.returncode == 0
    assert answered(said.read_bytes()) == [0, 1, 2]


def test_a_pipe_into_a_file(environ: dict[str, str], tmp_path: Path) -> None:
    said = tmp_path / "said"
    with said.open("wb") as stdout:
        process = subprocess.run(
            SERVER, input=session(), stdout=stdout, env=environ, timeout=PATIENCE_S, check=False
        )
    assert process.returncode == 0
    assert answered(said.read_bytes()) == [0, 1]


@pytest.mark.parametrize("into", ["pipe", "file"])
def test_what_else_prints_does_not_reach_the_client(into: str, tmp_path: Path) -> None:
    code = """
import asyncio
from devstral_lsp.server.stdio import Stdio

async def main():
    stdio = await Stdio.open()
    print("stray", flush=True)
    stdio.out.write(b"said")
    await stdio.out.close()

asyncio.run(main())
"""
    said = tmp_path / "said"
    with said.open("wb") as file:
        stdout = file if into == "file" else subprocess.PIPE
        done = subprocess.run(
            [sys.executable, "-c", code],
            stdin=subprocess.PIPE, stdout=stdout, stderr=subprocess.PIPE,
            timeout=PATIENCE_S, check=True,
        )  # fmt: skip
    assert (said.read_bytes() if into == "file" else done.stdout) == b"said"
    assert b"stray" in done.stderr
