"""Sessions by chance: thousands of messages, sane and mad, while the endpoint does its worst.

What must hold whatever happens: each request is answered once and soon, keystrokes never with an
error that an editor shows, every item fits the document it was asked for, nothing is held on to,
and no word of a document is told to anybody. The same seed sends the same messages.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from random import Random
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.hostile.ledger import Asked
from tests.hostile.player import Player
from tests.hostile.post import OneByOne, Packets
from tests.hostile.stage import Running, running
from tests.hostile.vitals import Vitals
from tests.hostile.weather import weather
from tests.support.answers import Answer
from tests.support.clients import EGLOT, HELIX, LSP_MODE, NEOVIM, VSCODE
from tests.support.fake_mistral import FakeMistral, Received
from tests.support.mistral_schema import faults

STEPS, MAX_STEPS = 2000, 8000
"""A session goes on beyond the first until it has seen enough, but not beyond the second."""
WARM_ROUNDS, WARM_AFTER = 3, 1000
"""Rounds, each with settings in order, in which every document is asked about before all steps: by
then the server has loaded what it loads late, such as the grammar of each language. After the steps
it has also been given other settings. What it needed at its peak until then is not held on to if it
is not passed."""

SOON_S = 10.0
"""How long an answer may take, on a busy machine: two waits for a silent endpoint and some."""

GROWTH_MB = 60.0
"""New settings make a new context, and for a moment there are two of the largest document."""

MAX_FILES = 40
MIN_ITEMS, MIN_ASKED = 30, 100
"""With less than this a session would have tested next to nothing."""
PAUSES_S, WEIGHTS = (0.0, 0.001, 0.01, 0.05, 0.2), (60, 20, 14, 5, 1)
LOOKS = 0.08
"""How often all answers are waited for, as by a user who looks at what is suggested: a next edit
leaves most of them with nothing to say, the more so the slower the machine."""

SESSIONS = [
    pytest.param(1, NEOVIM, "--stdio", id="1-utf-8-stdio"),
    pytest.param(2, VSCODE, "--stdio", id="2-utf-16-stdio"),
    pytest.param(3, HELIX, "--tcp", id="3-snippets-tcp"),
    pytest.param(4, EGLOT, "--tcp", id="4-utf-32-tcp"),
    pytest.param(5, LSP_MODE, "--stdio", id="5-as-is-stdio"),
]


class Endpoint:
    """A fake Mistral in bad weather, which also goes away and comes back."""

    def __init__(self, rng: Random) -> None:
        self._answer = weather(rng)
        self.faults: list[Any] = []
        self.fake = FakeMistral(self._script, strict=False)

    def _script(self, request: Received) -> Answer:
        found = faults(request.path, request.body)
        self.faults += [fault["loc"] for fault in found]
        return self._answer(request)

    async def come_back(self) -> None:
        await self.fake.start(urlsplit(self.fake.url).port or 0)


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("seed", "client", "way"), SESSIONS)
async def test_a_session(
    environ: dict[str, str], seed: int, client: Mapping[str, Any], way: str
) -> None:
    rng = Random(seed)
    endpoint = Endpoint(Random(-seed))
    async with endpoint.fake, running(environ, endpoint.fake, way) as server:
        options = {"completion": {"menu": "always", "debounce_ms": 0}}
        can = await server.wire.initialize(capabilities=client, initializationOptions=options)
        post = OneByOne(server.wire) if way == "--stdio" else Packets(server.wire, rng)
        player = Player(server.wire, post, rng, can["positionEncoding"])
        listening = asyncio.ensure_future(player.listen())
        try:
            player.open_all()
            await _play(player, post, listening, endpoint, server, rng)
            await _leave(player, post, listening, endpoint, server)
        except BaseException as error:
            error.add_note("\n".join(["The last messages:", *player.trail]))
            raise
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
    assert endpoint.faults == []
    assert player.ledger.items > MIN_ITEMS, "too few suggestions to have tested anything"
    assert len(endpoint.fake.completions) > MIN_ASKED
    assert await server.troubles() == []


async def _play(
    player: Player,
    post: OneByOne | Packets,
    listening: asyncio.Task[None],
    endpoint: Endpoint,
    server: Running,
    rng: Random,
) -> None:
    """Make all the moves; the endpoint is away twice."""
    for _ in range(WARM_ROUNDS):
        player.ask_everywhere()
        await post.flush_all()
        await _all_answered(player, listening)
    warm: Vitals | None = None
    for step in range(MAX_STEPS):
        has_enough = player.ledger.items > MIN_ITEMS
        if step >= STEPS and has_enough and len(endpoint.fake.completions) > MIN_ASKED:
            break
        if step in (STEPS // 3, STEPS * 2 // 3):
            await endpoint.fake.stop()
        elif step in (STEPS // 3 + 80, STEPS * 2 // 3 + 80):
            await endpoint.come_back()
        player.move()
        await post.flush()
        await asyncio.sleep(rng.choices(PAUSES_S, WEIGHTS)[0])
        _go_on(player, listening)
        if rng.random() < LOOKS:
            await post.flush_all()
            await _all_answered(player, listening)
        if step == WARM_AFTER:
            warm = Vitals.of(server.process.pid)
    await post.flush_all()
    await _all_answered(player, listening)
    now = Vitals.of(server.process.pid)
    assert warm is not None
    assert now.memory_mb - warm.peak_mb < GROWTH_MB, f"{warm} has become {now}"
    assert now.files < MAX_FILES, f"{warm} has become {now}"


async def _leave(
    player: Player,
    post: OneByOne | Packets,
    listening: asyncio.Task[None],
    endpoint: Endpoint,
    server: Running,
) -> None:
    """Shut down with requests under way; nothing is left open upstream when that is answered."""
    for _ in range(5):
        player.move()
    player.ask("shutdown", None, Asked(method="shutdown", codes=frozenset()), "shutdown")
    refused = Asked(method="no/such", codes=frozenset({-32600}), may_succeed=False)
    player.ask("no/such", None, refused, "after")
    await post.flush_all()
    await _all_answered(player, listening)
    async with asyncio.timeout(2):
        while endpoint.fake.connected:  # noqa: ASYNC110 - connections set no event
            await asyncio.sleep(0.01)
    server.wire.send("exit")
    assert await server.ended() == 0


def _go_on(player: Player, listening: asyncio.Task[None]) -> None:
    if listening.done():
        listening.result()
    oldest = min(player.ledger.waiting.values(), key=lambda asked: asked.sent_s, default=None)
    assert player.ledger.oldest_s() < SOON_S, f"no answer within {SOON_S} s: {oldest}"


async def _all_answered(player: Player, listening: asyncio.Task[None]) -> None:
    while player.ledger.waiting or player.ledger.nameless:
        await asyncio.sleep(0.02)
        _go_on(player, listening)
