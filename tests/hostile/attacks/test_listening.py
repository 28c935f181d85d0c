"""Other processes, other users and pages in a browser, at a server that listens.

The user's own client has a session meanwhile, in which typing has to go on.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect as sync_connect

from tests.e2e.conftest import LOCAL_KNOWS, port_in
from tests.e2e.test_transports import announced, refused
from tests.support.answers import Answer
from tests.support.editor import PATIENCE_S, TOKEN, environment
from tests.support.fake_mistral import KEY, FakeMistral
from tests.support.wire import INITIALIZE, Wire, framed

OTHER_PYTHON = Path("/usr/bin/python3")
"""One that other users may run."""


URI = "untitled:ours"
BEFORE_CURSOR, _ = LOCAL_KNOWS.split("│")
NAMED_ORIGIN = "https://ide.example"


class WebWire:
    """As much of `Wire` as a session of typing needs, over WebSocket."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._sending = asyncio.Queue[str]()

    def send(self, method: str, params: Any = None, msg_id: Any = None) -> None:
        identified = {} if msg_id is None else {"id": msg_id}
        message = {"jsonrpc": "2.0", "method": method, "params": params, **identified}
        self._sending.put_nowait(json.dumps(message))

    async def answer(self, msg_id: Any) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE_S):
            while not self._sending.empty():
                await self._connection.send(self._sending.get_nowait())
            while True:
                message = json.loads(await self._connection.recv())
                if "method" not in message and message.get("id") == msg_id:
                    assert isinstance(message, dict)
                    return message

    async def stop(self) -> None:
        await self._connection.close()


class Desk:
    """A server that listens, and the user's own session with it."""

    def __init__(self, pid: int, port: int, wire: Wire | WebWire) -> None:
        self.pid = pid
        self.port = port
        self.wire = wire
        self._asked = 0

    @classmethod
    async def sit_down(cls, pid: int, way: str, place: int | str) -> Desk:
        """Begin a session with the server of this process."""
        wire: Wire | WebWire
        if isinstance(place, str):
            wire = await Wire.connect_socket(place)
        elif way == "--tcp":
            wire = await Wire.connect("127.0.0.1", place)
        else:
            wire = WebWire(await connect(f"ws://127.0.0.1:{place}/?token={TOKEN}"))
        wire.send("initialize", INITIALIZE, "initialize")
        assert "result" in await wire.answer("initialize")
        wire.send("initialized", {})
        item = {"uri": URI, "languageId": "python", "version": 1, "text": BEFORE_CURSOR}
        wire.send("textDocument/didOpen", {"textDocument": item})
        return cls(pid, 0 if isinstance(place, str) else place, wire)

    async def types(self) -> None:
        """Raises AssertionError if typing brings no suggestion any more."""
        self._asked += 1
        lines = BEFORE_CURSOR.split("\n")
        at = {"line": len(lines) - 1, "character": len(lines[-1])}
        params = {"textDocument": {"uri": URI}, "position": at, "context": {"triggerKind": 1}}
        self.wire.send("textDocument/inlineCompletion", params, self._asked)
        assert (await self.wire.answer(self._asked))["result"]["items"]

    @property
    def is_running(self) -> bool:
        return Path(f"/proc/{self.pid}/cmdline").read_bytes() != b""

    @property
    def descriptors(self) -> int:
        """How many files and connections the server has open."""
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    @property
    def resident_mb(self) -> float:
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024


StartDesk = Callable[..., Awaitable[Desk]]
Listening = dict[str, tuple[int, int]]
"""For each way a process and its port."""


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Listening]:
    """A server for each way, which no attack may end. It has no key: typing is local."""
    home = tmp_path_factory.mktemp("home")
    environ = environment(home, DEVSTRAL_LOG_FILE=str(home / "log"))
    with ExitStack() as stack:
        found = {}
        for way in ("--tcp", "--ws"):
            command = [sys.executable, "-m", "devstral_lsp", way, "0"]
            if way == "--ws":
                command += ["--allow-origin", NAMED_ORIGIN]
            process = stack.enter_context(
                subprocess.Popen(command, stderr=subprocess.PIPE, env=environ)
            )
            stack.callback(process.kill)
            assert process.stderr is not None
            found[way] = process.pid, port_in(process.stderr.readline().decode())
        stack.enter_context(connection(found["--tcp"][1])).sendall(
            framed(json.dumps(message("initialize", INITIALIZE)).encode())
        )
        stack.enter_context(sync_connect(f"ws://127.0.0.1:{found['--ws'][1]}/?token={TOKEN}"))
        yield found


def connection(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)


@pytest.fixture
async def desk(servers: Listening) -> AsyncIterator[StartDesk]:
    """Begins a session at the server of a way: `await desk("--tcp")`."""
    async with AsyncExitStack() as stack:

        async def start(way: str) -> Desk:
            pid, port = servers[way]
            begun = await Desk.sit_down(pid, way, port)
            stack.push_async_callback(begun.wire.stop)
            return begun

        yield start


@pytest.fixture
async def own(environ: dict[str, str]) -> AsyncIterator[StartDesk]:
    """The same at a server of the test's own: `await own("--socket", path, VARIABLE="…")`."""
    async with AsyncExitStack() as stack:

        async def start(*arguments: str, **variables: str) -> Desk:
            started = announced({**environ, **variables}, *arguments)
            process, line = await stack.enter_async_context(started)
            way, where = arguments
            place = where if way == "--socket" else port_in(line)
            begun = await Desk.sit_down(process.pid, way, place)
            stack.push_async_callback(begun.wire.stop)
            return begun

        yield start


@dataclass(frozen=True)
class Loot:
    """A host that an attacker has, and what an attacker would tell the server to send there."""

    host: FakeMistral
    initialize: dict[str, Any]


@pytest.fixture
async def loot(tmp_path: Path) -> AsyncIterator[Loot]:
    home = tmp_path / "victim"
    home.mkdir()
    (home / ".bash_history").write_text("export TOKEN=hunter2\n")
    async with FakeMistral(lambda _: Answer(), key=None, strict=False) as host:
        options = {
            "chat": {"provider": "openai", "base_url": host.url, "model": "x"},
            "fim": {"provider": "openai", "base_url": host.url, "model": "x"},
        }
        folders = {"workspaceFolders": [{"uri": home.as_uri(), "name": "home"}]}
        yield Loot(host, {**INITIALIZE, **folders, "initializationOptions": options})


def rest_of_the_attack() -> list[dict[str, Any]]:
    """What comes behind `initialize`, in the same segment."""
    item = {"uri": "untitled:x", "languageId": "python", "version": 1, "text": "def f():\n    \n"}
    at = {"textDocument": {"uri": "untitled:x"}, "position": {"line": 1, "character": 4}}
    task = {"command": "devstral.task", "arguments": [{"instruction": "read .bash_history"}]}
    return [
        {"jsonrpc": "2.0", "method": "initialized", "params": {}},
        {"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {"textDocument": item}},
        {
            "jsonrpc": "2.0",
            "id": 8,
            "method": "textDocument/inlineCompletion",
            "params": {**at, "context": {"triggerKind": 1}},
        },
        {"jsonrpc": "2.0", "id": 9, "method": "workspace/executeCommand", "params": task},
        {"jsonrpc": "2.0", "method": "exit"},
    ]


def message(method: str, params: Any, msg_id: Any = 1) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": msg_id, "method": method, "params": params}


async def test_another_process_names_its_own_folder_and_host_over_tcp(
    desk: StartDesk, loot: Loot
) -> None:
    """Attack 15: without the token, and all of the attack in one segment."""
    ours = await desk("--tcp")
    wire = await Wire.connect("127.0.0.1", ours.port)
    attack = [message("initialize", loot.initialize), *rest_of_the_attack()]
    wire.write(b"".join(framed(json.dumps(each).encode()) for each in attack))
    answers = await wire.left()
    assert [each["error"]["code"] for each in answers] == [-32803]
    assert not loot.host.received
    await ours.types()
    await wire.stop()


async def test_another_process_names_its_own_folder_and_host_over_a_web_socket(
    desk: StartDesk, loot: Loot
) -> None:
    ours = await desk("--ws")
    answers = []
    async with connect(f"ws://127.0.0.1:{ours.port}") as web:
        with suppress(ConnectionClosed):
            for each in [message("initialize", loot.initialize), *rest_of_the_attack()]:
                await web.send(json.dumps(each))
            async for answer in web:
                answers.append(json.loads(answer))
    assert [each["error"]["code"] for each in answers] == [-32803]
    assert not loot.host.received
    await ours.types()


@pytest.mark.parametrize(
    "presented",
    [
        pytest.param(TOKEN[:-1], id="all but the last character"),
        pytest.param(TOKEN.upper(), id="in capitals"),
        pytest.param(TOKEN + "\0", id="with a zero byte behind it"),
        pytest.param(f" {TOKEN}", id="with a space before it"),
        pytest.param("as in DEVSTRAL_TOKEN", id="what is printed in its place"),
        pytest.param("$DEVSTRAL_TOKEN", id="the name of the variable"),
        pytest.param([TOKEN], id="in a list"),
        pytest.param({"token": TOKEN}, id="in an object"),
        pytest.param(True, id="true"),
        pytest.param("x" * 200_000, id="a long one"),
    ],
)
async def test_a_token_that_is_nearly_right(desk: StartDesk, loot: Loot, presented: object) -> None:
    ours = await desk("--tcp")
    wire = await Wire.connect("127.0.0.1", ours.port)
    options = {**loot.initialize["initializationOptions"], "token": presented}
    wire.send("initialize", {**loot.initialize, "initializationOptions": options}, 1)
    (answer,) = await wire.left()
    assert answer["error"]["code"] == -32803
    assert not loot.host.received
    await ours.types()
    await wire.stop()


async def test_a_token_is_guessed_from_many_connections(desk: StartDesk) -> None:
    """Sixty guesses at once: each is answered late or hung up on, and the user's own client is in
    meanwhile."""
    ours = await desk("--tcp")
    began = time.monotonic()

    async def guess(number: int) -> str:
        wire = await Wire.connect("127.0.0.1", ours.port)
        options = {"token": f"{TOKEN[:-2]}{number:02}"}
        wire.send("initialize", {**INITIALIZE, "initializationOptions": options}, 1)
        answers = await wire.left()
        await wire.stop()
        return answers[0]["error"]["message"].partition(" ")[0] if answers else "closed"

    words = await asyncio.gather(*map(guess, range(60)))
    assert words.count("The") <= 32
    assert set(words) <= {"The", "closed"}
    assert time.monotonic() - began >= 1, "a wrong token is answered late"
    await ours.types()
    wire = await Wire.connect("127.0.0.1", ours.port)
    await wire.initialize()
    await wire.stop()


@pytest.mark.parametrize("method", ["exit", "shutdown", "initialized", "workspace/executeCommand"])
async def test_something_else_comes_before_initialize(desk: StartDesk, method: str) -> None:
    ours = await desk("--tcp")
    wire = await Wire.connect("127.0.0.1", ours.port)
    wire.send(method, {}, None if method in ("exit", "initialized") else 1)
    wire.send("initialize", INITIALIZE, 2)
    answers = await wire.left()
    assert [each["error"]["code"] for each in answers] == [-32002]
    assert ours.is_running
    await ours.types()
    await wire.stop()


async def test_initialize_is_tried_again_on_one_connection(desk: StartDesk) -> None:
    """A second try, even with the right token, is not read: the connection is closed."""
    ours = await desk("--tcp")
    wire = await Wire.connect("127.0.0.1", ours.port)
    for number, token in enumerate(("wrong" * 10, TOKEN)):
        wire.send("initialize", {**INITIALIZE, "initializationOptions": {"token": token}}, number)
    answers = await wire.left()
    assert [(each["id"], each["error"]["code"]) for each in answers] == [(0, -32803)]
    await ours.types()
    await wire.stop()


async def test_initialize_again_in_a_session_moves_nothing(desk: StartDesk, loot: Loot) -> None:
    """By a client that has the token: other folders and hosts do not come that way."""
    ours = await desk("--tcp")
    wire = await Wire.connect("127.0.0.1", ours.port)
    await wire.initialize()
    wire.send("initialize", loot.initialize, 2)
    assert (await wire.answer(2))["error"]["code"] == -32600
    for each in rest_of_the_attack()[1:3]:
        wire.send(each["method"], each["params"], each.get("id"))
    assert "result" in await wire.answer(8)
    assert not loot.host.received
    await wire.stop()


@pytest.mark.parametrize(
    "start",
    [
        pytest.param(b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n", id="a form"),
        pytest.param(b"GET / HTTP/1.1\r\nUpgrade: websocket\r\n", id="a WebSocket"),
        pytest.param(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", id="HTTP/2"),
    ],
)
async def test_a_page_sends_messages_to_a_tcp_port(desk: StartDesk, start: bytes) -> None:
    """Even one that knows the token."""
    ours = await desk("--tcp")
    wire = await Wire.connect("127.0.0.1", ours.port)
    wire.write(start)
    wire.send("initialize", INITIALIZE, 1)
    assert await wire.left() == []
    await ours.types()
    await wire.stop()


def upgrade(path: str, *headers: str) -> bytes:
    """A request for a WebSocket, with no headers of its own but those that say that it is one."""
    lines = [
        f"GET {path} HTTP/1.1",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version: 13",
    ]
    return "\r\n".join([*lines, *headers, "", ""]).encode("latin-1")


def handshake(port: int, *headers: str, path: str = f"/?token={TOKEN}") -> int:
    """The status that a WebSocket handshake with these headers is answered; 0 for none."""
    with connection(port) as raw:
        raw.sendall(upgrade(path, *headers))
        words = raw.recv(4096).split(b" ")
    return int(words[1]) if len(words) > 1 else 0


PAGES = {
    "a page of a local server": "http://localhost:3000",
    "a page of our own port": "http://127.0.0.1:{port}",
    "a page without an origin": "null",
    "a file": "file://",
    "a page of a subdomain of the named host": "https://evil.ide.example",
    "a page whose host begins like the named one": "https://ide.example.evil.example",
    "a page of the named host at another port": "https://ide.example:8443",
    "a page of the named host without TLS": "http://ide.example",
    "an extension": "chrome-extension://abcdefghijklmnop",
    "a page behind the named origin": "https://ide.example https://evil.example",
    "an empty origin": "",
}


@pytest.mark.parametrize("page", PAGES)
async def test_a_page_opens_a_web_socket(desk: StartDesk, page: str) -> None:
    """Attack 16, with the right token: only the origin that was named may connect."""
    ours = await desk("--ws")
    host, origin = f"Host: 127.0.0.1:{ours.port}", PAGES[page].format(port=ours.port)
    asked = asyncio.to_thread(handshake, ours.port, host, f"Origin: {origin}")
    assert await asked == 403
    await ours.types()


async def test_a_page_names_two_origins(desk: StartDesk) -> None:
    ours = await desk("--ws")
    headers = (f"Host: 127.0.0.1:{ours.port}", f"Origin: {NAMED_ORIGIN}", "Origin: null")
    assert await asyncio.to_thread(handshake, ours.port, *headers) == 403
    await ours.types()


HOSTS = {
    "another name": ("Host: evil.example:{port}",),
    "a name that begins like an address": ("Host: 127.0.0.1.evil.example",),
    "a name that ends like ours": ("Host: evil-localhost",),
    "a name behind a user": ("Host: localhost@evil.example",),
    "a user before our name": ("Host: evil.example@localhost",),
    "an address of the network": ("Host: 192.168.0.2:{port}",),
    "the address of all interfaces": ("Host: 0.0.0.0:{port}",),
    "no name": (),
    "an empty name": ("Host: ",),
    "two names": ("Host: localhost", "Host: evil.example"),
    "a path": ("Host: localhost/evil.example",),
}


@pytest.mark.parametrize("case", HOSTS)
async def test_a_name_that_an_attacker_leads_here(desk: StartDesk, case: str) -> None:
    """DNS rebinding: the page's own name comes to mean 127.0.0.1. The token is right."""
    ours = await desk("--ws")
    headers = [each.format(port=ours.port) for each in HOSTS[case]]
    assert await asyncio.to_thread(handshake, ours.port, *headers) in (400, 403)
    assert await asyncio.to_thread(handshake, ours.port, f"Host: localhost:{ours.port}") == 101
    await ours.types()


@pytest.mark.parametrize(
    ("path", "header"),
    [
        ("/", f"Authorization: Basic {TOKEN}"),
        ("/", f"Authorization: {TOKEN}"),
        ("/", f"Cookie: token={TOKEN}"),
        (f"/?token=&token={TOKEN}", "X: y"),
        (f"/?token=x&token={TOKEN}", "X: y"),
        (f"/?token={TOKEN}", "Authorization: Bearer x"),
        (f"/?token={TOKEN.upper()}", "X: y"),
    ],
)
async def test_a_web_socket_with_a_token_in_a_wrong_place(
    desk: StartDesk, path: str, header: str
) -> None:
    """It is refused, or has to `initialize` with the token."""
    ours = await desk("--ws")
    host = f"Host: localhost:{ours.port}"
    status = await asyncio.to_thread(handshake, ours.port, host, header, path=path)
    assert status == (101 if "Cookie" in header else 401)
    await ours.types()


@pytest.mark.parametrize("way", ["--tcp", "--ws"])
async def test_a_thousand_connections_say_nothing(desk: StartDesk, way: str) -> None:
    ours = await desk(way)
    before = ours.descriptors
    async with AsyncExitStack() as stack:
        for _ in range(1000):
            raw = stack.enter_context(socket.create_connection(("127.0.0.1", ours.port)))
            raw.setblocking(False)
        await ours.types()
        # One for each that waits, and the files and threads that the first session opens.
        assert ours.descriptors <= before + 33 + 5
        if way == "--tcp":
            wire = await Wire.connect("127.0.0.1", ours.port)
            await wire.initialize()
            await wire.stop()
        else:
            asked = asyncio.to_thread(handshake, ours.port, f"Host: localhost:{ours.port}")
            assert await asked == 101
        await ours.types()


@pytest.mark.parametrize("way", ["--tcp", "--ws"])
async def test_a_connection_that_says_little_is_closed(desk: StartDesk, way: str) -> None:
    """A byte a second: it is hung up on after ten seconds."""
    ours = await desk(way)
    reader, writer = await asyncio.open_connection("127.0.0.1", ours.port)
    began = time.monotonic()

    async def drip() -> None:
        with suppress(OSError):
            while True:
                writer.write(b"X")
                await asyncio.sleep(0.5)

    dripping = asyncio.ensure_future(drip())
    async with asyncio.timeout(20):
        with suppress(OSError):
            while await reader.read(100):
                pass
    assert 9 < time.monotonic() - began < 15
    dripping.cancel()
    writer.close()
    await ours.types()


@pytest.mark.parametrize(
    "start",
    [
        pytest.param(b"X", id="a header without an end"),
        pytest.param(b"Content-Length: 300000000\r\n\r\n[", id="a large message"),
        pytest.param(b"X: y\r\n", id="header lines without an end"),
    ],
)
async def test_much_is_sent_before_the_token(desk: StartDesk, start: bytes) -> None:
    ours = await desk("--tcp")
    await ours.types()
    before = ours.resident_mb
    _, writer = await asyncio.open_connection("127.0.0.1", ours.port)
    sent = 0
    with suppress(OSError):
        writer.write(start)
        for _ in range(1000):
            sent += 1
            writer.write(start * (100_000 // len(start)))
            await writer.drain()
    assert sent < 1000, "it took 100 MB"
    assert ours.resident_mb < before + 20
    writer.close()
    await ours.types()


async def test_much_is_sent_over_a_web_socket_before_the_token(desk: StartDesk) -> None:
    """Also packed: no client gets compression, in which a megabyte holds a gigabyte."""
    ours = await desk("--ws")
    await ours.types()
    before = ours.resident_mb
    answer = await asyncio.to_thread(send_large_message, ours.port, 100_000_000)
    assert b" 101 " in answer
    assert b"extensions" not in answer.lower()
    assert ours.resident_mb < before + 20
    await ours.types()


def send_large_message(port: int, size: int) -> bytes:
    """What a handshake without a token is answered. A message of `size` bytes is sent behind it
    until the server hangs up, which it does.
    """
    offers = f"Host: localhost:{port}", "Sec-WebSocket-Extensions: permessage-deflate"
    with connection(port) as raw:
        raw.sendall(upgrade("/", *offers))
        answer = raw.recv(4096)
        with suppress(OSError):
            raw.sendall(b"\x81\xff" + size.to_bytes(8, "big") + bytes(4))
            for _ in range(size // 100_000):
                raw.sendall(b"[" * 100_000)
            while raw.recv(4096):
                pass
    return answer


async def test_one_who_connects_and_leaves_ends_nothing(environ: dict[str, str]) -> None:
    """Before the user's client has come: the process would end with its last client."""
    async with announced(environ, "--tcp", "0") as (process, line):
        for _ in range(3):
            stranger = await Wire.connect("127.0.0.1", port_in(line))
            stranger.send("exit")
            await stranger.left()
            await stranger.stop()
        assert process.returncode is None
        wire = await Wire.connect("127.0.0.1", port_in(line))
        await wire.initialize()
        await wire.stop()


async def test_the_end_is_not_held_up_by_connections_without_a_token(
    environ: dict[str, str],
) -> None:
    async with announced(environ, "--tcp", "0") as (process, line):
        strangers = [await Wire.connect("127.0.0.1", port_in(line)) for _ in range(10)]
        wire = await Wire.connect("127.0.0.1", port_in(line))
        await wire.initialize()
        wire.send("shutdown", None, 1)
        await wire.answer(1)
        wire.send("exit")
        async with asyncio.timeout(4):
            assert await process.wait() == 0
        for each in (*strangers, wire):
            await each.stop()


@pytest.mark.parametrize("way", ["--tcp", "--ws"])
async def test_the_token_is_looked_for_in_the_log(
    environ: dict[str, str], tmp_path: Path, way: str
) -> None:
    """At the level that says most, with tokens right and wrong in every place."""
    file, wrong = tmp_path / "log", f"{TOKEN[:-1]}x"
    environ.update(DEVSTRAL_LOG_FILE=str(file), DEVSTRAL_LOG_LEVEL="debug")
    async with announced(environ, way, "0") as (process, line):
        port = port_in(line)
        ours = await Desk.sit_down(process.pid, way, port)
        for token in (wrong, TOKEN):
            await present_everywhere(way, port, token)
        await ours.types()
        process.kill()
        assert process.stderr is not None
        said = line + (await process.stderr.read()).decode() + file.read_text()
        await ours.wire.stop()
    assert "DEVSTRAL_TOKEN" in said
    assert TOKEN not in said
    assert wrong not in said


async def present_everywhere(way: str, port: int, token: str) -> None:
    """Put the token where it belongs, and where it does not."""
    if way == "--tcp":
        wire = await Wire.connect("127.0.0.1", port)
        options = {"token": token, "fim": {"tokne": token}, "no_such_setting": token}
        wire.send("initialize", {**INITIALIZE, "initializationOptions": options}, 1)
        await wire.answer(1)
        await wire.stop()
        return
    with suppress(InvalidStatus):
        async with connect(f"ws://localhost:{port}/?token={token}"):
            pass
    for path in (f"/?token={token}%zz", f"/{token} {token}", f"/?token={token}"):
        headers = f"Host: localhost:{port}", f"X: {token}"
        await asyncio.to_thread(handshake, port, *headers, path=path)


async def test_the_token_is_looked_for_in_what_the_server_starts(
    own: StartDesk, tmp_path: Path
) -> None:
    """In the environment of a program of the user's, and in the server's command line."""
    seen, config = tmp_path / "seen", tmp_path / "config.toml"
    script = f"env > {seen}; cat /proc/$PPID/cmdline >> {seen}; echo {KEY}"
    config.write_text(
        f'[fim]\nbase_url = "http://127.0.0.1:9"\napi_key_command = ["sh", "-c", "{script}"]\n'
    )
    ours = await own("--tcp", "0", DEVSTRAL_CONFIG=str(config))
    await ours.types()
    assert "PATH=" in seen.read_text()
    assert "--tcp" in seen.read_text()
    assert TOKEN not in seen.read_text()


@pytest.fixture
def shared() -> Iterator[Path]:
    """A folder that other users may look into, as they may into /tmp itself."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        folder.chmod(0o755)
        yield folder


_CONNECT = """
import json, socket, sys
client = socket.socket(socket.AF_UNIX)
client.settimeout(10)
try:
    client.connect(sys.argv[1])
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize",
                       "params": {"processId": None, "rootUri": None, "capabilities": {}}})
    client.sendall(f"Content-Length: {len(body)}\\r\\n\\r\\n{body}".encode())
    print("answered" if client.recv(1) else "closed")
except PermissionError:
    print("no permission")
except OSError:
    print("closed")
"""


def connect_as_another_user(path: Path) -> str:
    """What becomes of a connection that another user of the machine makes."""
    if os.geteuid() != 0 or not OTHER_PYTHON.exists():
        pytest.skip("another user can be had only by root, and with a Python for everybody")
    done = subprocess.run(
        [OTHER_PYTHON, "-I", "-c", _CONNECT, str(path)],
        user="nobody", group=65534, extra_groups=[], cwd="/", env={},
        capture_output=True, text=True, check=True, timeout=30,
    )  # fmt: skip
    return done.stdout.strip()


async def test_another_user_connects_to_the_socket(own: StartDesk, shared: Path) -> None:
    ours = await own("--socket", str(shared / "s"))
    assert await asyncio.to_thread(connect_as_another_user, shared / "s") == "no permission"
    await ours.types()


async def test_another_user_connects_to_a_socket_that_was_opened_to_all(
    own: StartDesk, shared: Path
) -> None:
    """By a mistake of the user's: the system says who is at the other end."""
    ours = await own("--socket", str(shared / "s"))
    (shared / "s").chmod(0o666)
    assert await asyncio.to_thread(connect_as_another_user, shared / "s") == "closed"
    await ours.types()


def test_the_socket_is_open_to_others_for_a_moment(environ: dict[str, str], shared: Path) -> None:
    """As between `bind` and `chmod`: whatever the umask, no moment shows another mode."""
    modes: set[int] = set()
    script = f"umask 0; exec {sys.executable} -m devstral_lsp --socket {shared / 's'}"
    with subprocess.Popen(["sh", "-c", script], env=environ, stderr=subprocess.PIPE) as process:
        try:
            deadline = time.monotonic() + PATIENCE_S
            while time.monotonic() < deadline and len(modes) < 1:
                with suppress(FileNotFoundError):
                    modes.add((shared / "s").lstat().st_mode & 0o777)
            for _ in range(10_000):
                modes.add((shared / "s").lstat().st_mode & 0o777)
        finally:
            process.kill()
    assert modes == {0o600}


WAYLAID = {
    "a link to a file of the user's": "is a link",
    "a file": "not a socket",
    "a socket of their own": "belongs to another user",
}


@pytest.mark.parametrize("laid", WAYLAID)
async def test_another_user_has_laid_something_in_the_way(
    environ: dict[str, str], shared: Path, laid: str
) -> None:
    """In a folder like /tmp."""
    waylay(shared, laid)
    code, said = await refused(environ, "--socket", str(shared / "s"))
    assert (code, WAYLAID[laid] in said, "name another path" in said) == (2, True, True)
    assert (shared / "notes").read_text() == "the user's"


def waylay(folder: Path, laid: str) -> None:
    folder.chmod(0o1777)
    (folder / "notes").write_text("the user's")
    path = folder / "s"
    if "link" in laid:
        path.symlink_to(folder / "notes")
    elif "file" in laid:
        path.write_text("theirs")
    else:
        with socket.socket(socket.AF_UNIX) as theirs:
            theirs.bind(str(path))
        os.chown(path, 65534, 65534)


@pytest.fixture(params=[0o777, 0o775, 0o757])
def writable(shared: Path, request: pytest.FixtureRequest) -> Path:
    shared.chmod(request.param)
    return shared


async def test_others_could_put_another_socket_in_its_place(
    environ: dict[str, str], writable: Path
) -> None:
    code, said = await refused(environ, "--socket", str(writable / "s"))
    assert (code, "chmod go-w" in said) == (2, True)


async def test_another_user_owns_the_folder(environ: dict[str, str], shared: Path) -> None:
    (shared / "theirs").mkdir(mode=0o755)
    os.chown(shared / "theirs", 65534, 65534)
    code, said = await refused(environ, "--socket", str(shared / "theirs" / "s"))
    assert (code, "belongs to another user" in said) == (2, True)
