"""Standard input and output of every kind: pipes, one socket for both, files."""

from __future__ import annotations

import asyncio
import json
import os
import re
import socket
import struct
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from tests.support.editor import PATIENCE_S, SERVER
from tests.support.wire import INITIALIZE, Wire, framed

pytestmark = pytest.mark.long

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


def received(end: socket.socket) -> bytes:
    """All that comes until the other side closes."""
    return b"".join(iter(lambda: end.recv(4096), b""))


async def test_a_client_that_reads_only_after_it_has_written_all(process: Wire) -> None:
    process.write(session(*["no/such"] * MANY))
    async with asyncio.timeout(PATIENCE_S):
        await process.drain()
    for number in range(1, MANY + 1):
        assert (await process.answer(number))["error"]["code"] == -32601
    assert (await process.answer(MANY + 1))["result"] is None
    assert await process.ended() == 0


@pytest.mark.parametrize("kind", ["pipe", "socket"])
def test_a_client_that_never_reads_is_waited_for_a_moment_only(
    kind: str, environ: dict[str, str]
) -> None:
    ends = [each.detach() for each in socket.socketpair()] if kind == "socket" else os.pipe()
    hearing, stdout = ends
    with subprocess.Popen(SERVER, stdin=subprocess.PIPE, stdout=stdout, env=environ) as process:
        os.close(stdout)
        assert process.stdin is not None
        process.stdin.write(session(*["no/such"] * MANY))
        process.stdin.flush()
        try:
            assert process.wait(PATIENCE_S) == 0
        finally:
            os.close(hearing)


async def test_a_log_that_is_not_read_holds_nothing_up(environ: dict[str, str]) -> None:
    reading, stderr = os.pipe()
    os.set_blocking(stderr, False)
    with suppress(BlockingIOError):
        while True:
            os.write(stderr, b"." * 512)
    os.set_blocking(stderr, True)
    wire = await Wire.start({**environ, "DEVSTRAL_LOG_LEVEL": "debug"}, stderr)
    await wire.initialize()
    item = {"uri": "file:///a.py", "languageId": "python", "version": 1, "text": "a = 1\n"}
    wire.send("textDocument/didOpen", {"textDocument": item})
    place = {"textDocument": {"uri": item["uri"]}, "position": {"line": 0, "character": 5}}
    for number in range(3):
        wire.send("textDocument/inlineCompletion", {**place, "context": {"triggerKind": 2}}, number)
        assert "result" in await wire.answer(number)
    wire.send("shutdown", None, "last")
    await wire.answer("last")
    wire.send("exit")
    assert await wire.ended() == 0
    assert b"keystroke" not in os.read(reading, 1 << 20)
    os.close(reading)
    os.close(stderr)


async def test_a_client_that_is_gone_ends_it_without_a_word(process: Wire) -> None:
    await process.initialize()
    process.hang_up_output()
    process.send("no/such", None, 1)
    assert await process.ended() == 1
    assert await process.standard_error() == ""


def test_one_socket_for_both(environ: dict[str, str]) -> None:
    ours, theirs = socket.socketpair()
    with ours, subprocess.Popen(SERVER, stdin=theirs, stdout=theirs, env=environ) as process:
        theirs.close()
        ours.settimeout(PATIENCE_S)
        ours.sendall(session(*["no/such"] * MANY))
        assert answered(received(ours)) == list(range(MANY + 2))
        assert process.wait(PATIENCE_S) == 0


def test_sockets_that_are_open_one_way_only(environ: dict[str, str]) -> None:
    """What could be read from ours says that it is at its end, which is not ours to read."""
    asking, stdin = socket.socketpair()
    hearing, stdout = socket.socketpair()
    hearing.shutdown(socket.SHUT_WR)
    with asking, hearing, subprocess.Popen(SERVER, stdin=stdin, stdout=stdout, env=environ) as it:
        stdin.close()
        stdout.close()
        hearing.settimeout(PATIENCE_S)
        asking.sendall(session("no/such"))
        assert answered(received(hearing)) == [0, 1, 2]
        assert it.wait(PATIENCE_S) == 0


def test_a_named_pipe_that_is_open_both_ways(environ: dict[str, str], tmp_path: Path) -> None:
    """As a shell's `exec 3<>pipe` has it: what we write could be read from where we write it."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    stdout = os.open(pipe, os.O_RDWR)
    try:
        done = subprocess.run(
            SERVER,
            input=session(*["no/such"] * 20),
            stdout=stdout,
            env=environ,
            timeout=PATIENCE_S,
            check=False,
        )
        assert done.returncode == 0
        assert answered(os.read(stdout, 1 << 16)) == list(range(22))
    finally:
        os.close(stdout)


def test_a_connection_that_is_reset_is_an_end_like_any_other(environ: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ours = socket.create_connection(listener.getsockname())
        theirs, _ = listener.accept()
    pipe = subprocess.PIPE
    with subprocess.Popen(SERVER, stdin=theirs, stdout=pipe, stderr=pipe, env=environ) as process:
        theirs.close()
        assert process.stdout is not None
        assert process.stderr is not None
        ours.sendall(session().partition(b'"shutdown"')[0])
        process.stdout.readline()
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        ours.close()
        assert process.wait(PATIENCE_S) == 1
        assert process.stderr.read() == b""


def test_pipes_are_left_as_they_were_found(environ: dict[str, str]) -> None:
    """A shell's next command may have them, and gives up on one that does not wait."""
    stdin, ours = os.pipe()
    hearing, stdout = os.pipe()
    try:
        os.write(ours, session("no/such"))
        done = subprocess.run(
            SERVER, stdin=stdin, stdout=stdout, env=environ, timeout=PATIENCE_S, check=False
        )
        assert done.returncode == 0
        assert os.get_blocking(stdin)
        assert os.get_blocking(stdout)
    finally:
        for each in (stdin, ours, hearing, stdout):
            os.close(each)


def test_no_standard_error(environ: dict[str, str]) -> None:
    closed = ["sh", "-c", 'exec "$@" 2>&-', "sh", *SERVER]
    done = subprocess.run(
        closed, input=session("no/such"), stdout=subprocess.PIPE, env=environ,
        timeout=PATIENCE_S, check=False,
    )  # fmt: skip
    assert done.returncode == 0
    assert answered(done.stdout) == [0, 1, 2]


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
    stdio = Stdio.open()
    print("stray", flush=True)
    stdio.write(b"said")
    await stdio.close()

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


def test_log_lines_in_the_same_pipe_wait_for_room() -> None:
    """`2>&1`: without waiting they are lost, or come between the halves of a message."""
    code = """
import asyncio, os, sys
from devstral_lsp.server.stdio import Stdio

async def main():
    stdio = Stdio.open()
    stdio.write(b"said, ")
    sys.stderr.write("waits" if os.get_blocking(sys.stderr.fileno()) else "does not wait")
    await stdio.close()

asyncio.run(main())
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        timeout=PATIENCE_S, check=True,
    )  # fmt: skip
    assert done.stdout == b"said, waits"


@pytest.mark.parametrize("closed", ["0<&-", "1>&-"])
def test_without_an_end_to_talk_over_it_says_so(closed: str, environ: dict[str, str]) -> None:
    done = subprocess.run(
        ["sh", "-c", f'exec "$@" {closed}', "sh", *SERVER],
        env=environ, capture_output=True, timeout=PATIENCE_S, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.decode().count("\n") == 1
    assert "standard input and output" in done.stderr.decode()
