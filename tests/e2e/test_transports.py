"""`--tcp`, `--ws` and `--socket`: the same server on a port of the loopback or a Unix socket."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin

from tests.e2e.conftest import key_for, port_in
from tests.e2e.test_cancel_request import URI, ask, open_document
from tests.support.editor import PATIENCE_S, TOKEN
from tests.support.fake_mistral import FakeMistral
from tests.support.prompts import own_part
from tests.support.wire import INITIALIZE, Wire

pytestmark = pytest.mark.long


@asynccontextmanager
async def announced(
    environ: dict[str, str], *arguments: str
) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """A server that listens; gives its process and the line by which it says where."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "devstral_lsp", *arguments,
        stderr=asyncio.subprocess.PIPE, env=environ,
    )  # fmt: skip
    assert process.stderr is not None
    async with asyncio.timeout(PATIENCE_S):
        line = (await process.stderr.readline()).decode()
    try:
        yield process, line
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@asynccontextmanager
async def listening(
    environ: dict[str, str], way: str
) -> AsyncIterator[tuple[asyncio.subprocess.Process, int]]:
    """A server on a free port; gives its process and the port."""
    async with announced(environ, way, "0") as (process, line):
        yield process, port_in(line)


async def ended(process: asyncio.subprocess.Process) -> int:
    async with asyncio.timeout(PATIENCE_S):
        return await process.wait()


async def test_a_change_on_its_way_does_not_reach_an_earlier_request(
    environ: dict[str, str], mistral: FakeMistral
) -> None:
    """All in one segment, so that the change is read before anything has been awaited."""
    async with listening({**environ, **key_for(mistral)}, "--tcp") as (_, port):
        wire = await Wire.connect("127.0.0.1", port)
        await wire.initialize()
        open_document(wire)
        ask(wire, 1)
        change = {"text": "class Other:\n    pass\n"}
        document = {"uri": URI, "version": 2}
        wire.send("textDocument/didChange", {"textDocument": document, "contentChanges": [change]})
        assert (await wire.answer(1))["result"]["items"] == [], "it would be shown elsewhere"
        ask(wire, 2)
        assert (await wire.answer(2))["result"]["items"]
        prompts = {own_part(each.body["prompt"]) for each in mistral.completions}
        assert prompts == {"class Other:\n    "}, "what went is not asked about"
        wire.close()


async def test_every_client_has_documents_of_its_own(environ: dict[str, str]) -> None:
    async with listening(environ, "--tcp") as (process, port):
        first = await Wire.connect("127.0.0.1", port)
        second = await Wire.connect("127.0.0.1", port)
        for wire in (first, second):
            await wire.initialize()
        open_document(first)
        ask(second, 1)
        assert (await second.answer(1))["result"] == {"items": []}
        first.close()
        second.send("shutdown", None, 2)
        assert "result" in await second.answer(2)
        second.send("exit")
        assert await ended(process) == 0
        second.close()


async def test_ends_when_the_last_client_hangs_up(environ: dict[str, str]) -> None:
    async with listening(environ, "--tcp") as (process, port):
        wire = await Wire.connect("127.0.0.1", port)
        await wire.initialize()
        wire.close()
        assert await ended(process) == 1


async def test_a_web_page_that_posts_messages_is_hung_up_on(environ: dict[str, str]) -> None:
    async with listening(environ, "--tcp") as (_, port):
        wire = await Wire.connect("127.0.0.1", port)
        wire.write(b"POST / HTTP/1.1\r\nHost: x\r\n")
        wire.send("initialize", INITIALIZE, 1)
        with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
            await wire.receive()
        wire.close()


async def test_a_token_is_made_and_told_where_none_is_given(environ: dict[str, str]) -> None:
    del environ["DEVSTRAL_TOKEN"]
    tokens = set()
    for way in ("--tcp", "--ws"):
        async with announced(environ, way, "0") as (_, line):
            port, token = port_in(line), line.rpartition("token: ")[2].strip()
            if way == "--tcp":
                wire = await Wire.connect("127.0.0.1", port)
                options = {"token": token}
                wire.send("initialize", {**INITIALIZE, "initializationOptions": options}, 1)
                assert "result" in await wire.answer(1)
                wire.close()
            else:
                async with connect(f"ws://127.0.0.1:{port}/?token={token}") as socket:
                    assert "result" in await initialized(socket, {})
            tokens.add(token)
    assert len(tokens) == 2
    assert all(len(token) > 40 for token in tokens)


async def test_a_token_of_the_users_own_is_not_printed(environ: dict[str, str]) -> None:
    async with announced(environ, "--tcp", "0") as (_, line):
        assert "token: as in DEVSTRAL_TOKEN" in line
        assert TOKEN not in line


async def test_a_short_token_is_refused_and_not_repeated(environ: dict[str, str]) -> None:
    code, said = await refused({**environ, "DEVSTRAL_TOKEN": "hunter2"}, "--tcp", "0")
    assert code == 2
    assert "at least 32" in said
    assert "hunter2" not in said


@pytest.mark.parametrize("options", [None, {}, {"token": 7}, {"token": TOKEN + "x"}, [TOKEN]])
async def test_without_the_token_a_client_is_told_and_hung_up_on(
    environ: dict[str, str], options: object
) -> None:
    async with listening(environ, "--tcp") as (process, port):
        wire = await Wire.connect("127.0.0.1", port)
        wire.send("initialize", {**INITIALIZE, "initializationOptions": options}, 1)
        (only,) = await wire.left()
        assert only["error"]["code"] == -32803
        assert "prints its token" in only["error"]["message"]
        wire.close()
        assert process.returncode is None, "somebody without the token ended the server"
        wire = await Wire.connect("127.0.0.1", port)
        await wire.initialize()
        wire.close()
        await ended(process)


async def test_the_token_is_no_setting_on_stdio_either(process: Wire) -> None:
    await process.initialize()
    process.send("shutdown", None, 1)
    await process.answer(1)
    process.send("exit")
    await process.ended()
    assert not [each for each in process.passed_over if "token" in str(each.get("params"))]


@pytest.fixture
def socket_path(tmp_path: Path) -> Path:
    folder = tmp_path / "run"
    folder.mkdir(mode=0o700)
    return folder / "socket"


def mode_of(path: Path) -> int | None:
    """Who may do what with a socket's file; None if it is not there."""
    return path.stat().st_mode & 0o777 if path.is_socket() else None


async def test_speaks_over_a_unix_socket_without_a_token(
    environ: dict[str, str], socket_path: Path
) -> None:
    async with announced(environ, "--socket", str(socket_path)) as (process, line):
        assert line == f"devstral-lsp listens on {socket_path}\n"
        assert mode_of(socket_path) == 0o600
        silent = await Wire.connect_socket(str(socket_path))
        silent.close()
        wire = await Wire.connect_socket(str(socket_path))
        wire.send("initialize", {**INITIALIZE, "initializationOptions": None}, 1)
        assert "result" in await wire.answer(1)
        wire.send("shutdown", None, 2)
        await wire.answer(2)
        wire.send("exit")
        assert await ended(process) == 0
        assert mode_of(socket_path) is None
        wire.close()


async def test_a_terminated_server_removes_its_socket(
    environ: dict[str, str], socket_path: Path
) -> None:
    async with announced(environ, "--socket", str(socket_path)) as (process, _):
        wire = await Wire.connect_socket(str(socket_path))
        await wire.initialize()
        process.terminate()
        assert await ended(process) == 143
        assert mode_of(socket_path) is None
        wire.close()


async def test_the_socket_of_a_killed_server_is_replaced_that_of_a_live_one_is_not(
    environ: dict[str, str], socket_path: Path
) -> None:
    async with announced(environ, "--socket", str(socket_path)) as (process, _):
        process.kill()
        await process.wait()
    assert mode_of(socket_path) == 0o600
    async with announced(environ, "--socket", str(socket_path)) as (process, _):
        code, said = await refused(environ, "--socket", str(socket_path))
        assert code == 2
        assert "Another server listens" in said
        wire = await Wire.connect_socket(str(socket_path))
        await wire.initialize()
        wire.close()
        await ended(process)


async def test_speaks_over_a_web_socket(environ: dict[str, str]) -> None:
    async with listening(environ, "--ws") as (process, port):
        async with connect(f"ws://127.0.0.1:{port}") as socket:
            for number, method in enumerate(("initialize", "no/such", "shutdown")):
                params = INITIALIZE if method == "initialize" else None
                message = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
                await socket.send(json.dumps(message))
                answer = json.loads(await socket.recv())
                assert answer["id"] == number
                assert ("error" in answer) is (method == "no/such")
            await socket.send(json.dumps({"jsonrpc": "2.0", "method": "exit"}))
        assert await ended(process) == 0


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        (f"/?token={TOKEN}", {}),
        (f"/lsp?x=1&token={TOKEN}", {}),
        ("/", {"Authorization": f"Bearer {TOKEN}"}),
        ("/", {"authorization": f"bearer  {TOKEN}"}),
    ],
)
async def test_a_web_socket_takes_the_token_in_its_request(
    environ: dict[str, str], path: str, headers: dict[str, str]
) -> None:
    async with (
        listening(environ, "--ws") as (_, port),
        connect(f"ws://127.0.0.1:{port}{path}", additional_headers=headers) as socket,
    ):
        assert "result" in await initialized(socket, None)


async def test_a_wrong_token_in_the_request_is_answered_with_a_status(
    environ: dict[str, str],
) -> None:
    async with listening(environ, "--ws") as (process, port):
        with pytest.raises(InvalidStatus) as caught:
            await connect(f"ws://127.0.0.1:{port}/?token={TOKEN[:-1]}")
        assert caught.value.response.status_code == 401
        assert process.returncode is None


async def test_a_page_may_connect_only_if_it_was_named(environ: dict[str, str]) -> None:
    named = ("--allow-origin", "http://localhost:3000", "--allow-origin", "https://ide.example")
    async with announced(environ, "--ws", "0", *named) as (_, line):
        address = f"ws://127.0.0.1:{port_in(line)}/?token={TOKEN}"
        for origin in ("https://example.com", "http://localhost:3001", "https://localhost:3000"):
            with pytest.raises(InvalidStatus) as caught:
                await connect(address, origin=Origin(origin))
            assert caught.value.response.status_code == 403
            assert b"--allow-origin" in caught.value.response.body
        async with (
            connect(address, origin=Origin("http://localhost:3000")) as first,
            connect(address, origin=Origin("https://ide.example")) as second,
        ):
            for socket in (first, second):
                assert "result" in await initialized(socket, None)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--ws", "0", "--allow-origin", "null"), "not an origin"),
        (("--ws", "0", "--allow-origin", "*"), "not an origin"),
        (("--ws", "0", "--allow-origin", "https://*.example.com/x"), "not an origin"),
        (("--tcp", "0", "--allow-origin", "http://localhost:3000"), "needs --ws"),
        (("--socket", "/none/at/all"), "There is no folder"),
        (("--socket", "/tmp/" + "x" * 120), "too long"),
    ],
)
async def test_what_cannot_be_listened_on_is_told(
    environ: dict[str, str], arguments: tuple[str, ...], words: str
) -> None:
    code, said = await refused(environ, *arguments)
    assert code == 2
    assert words in said


async def initialized(socket: ClientConnection, options: object) -> dict[str, Any]:
    """The answer to `initialize` with these options."""
    params = {**INITIALIZE, "initializationOptions": options}
    message = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params}
    await socket.send(json.dumps(message))
    answer = json.loads(await socket.recv())
    assert isinstance(answer, dict)
    return answer


async def refused(environ: dict[str, str], *arguments: str) -> tuple[int, str]:
    """The exit code and the words of a server that does not start."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "devstral_lsp", *arguments,
        stderr=asyncio.subprocess.PIPE, env=environ,
    )  # fmt: skip
    async with asyncio.timeout(PATIENCE_S):
        _, said = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode()
