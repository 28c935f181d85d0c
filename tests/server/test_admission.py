"""Which connections become sessions, and what the others may cost."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from devstral_lsp.server.admission import (
    MAX_UNAUTHENTICATED,
    NO_TOKEN,
    WRONG_TOKEN,
    Admission,
    take_token,
)

TOKEN = "0123456789abcdef" * 2


def admission(wrong_token_delay_s: float = 0.0) -> Admission:
    token = take_token({"DEVSTRAL_TOKEN": TOKEN})
    return Admission(token, wrong_token_delay_s=wrong_token_delay_s)


def initialize(options: Any = None, **other: Any) -> dict[str, Any]:
    params = {"initializationOptions": options}
    return {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params, **other}


async def first(message: Any) -> tuple[bytes | None, list[Any]]:
    """What becomes of a connection that begins with this message, and what it is answered."""
    body = message if isinstance(message, bytes) else json.dumps(message).encode()
    answers: list[Any] = []

    async def receive() -> bytes:
        return body

    async def answer(error: bytes) -> None:
        answers.append(json.loads(error))

    return await admission().first_message(receive, answer), answers


async def test_initialize_with_the_token_is_admitted_as_it_came() -> None:
    message = initialize({"token": TOKEN, "fim": {}})
    assert await first(message) == (json.dumps(message).encode(), [])


@pytest.mark.parametrize(
    ("message", "msg_id", "code", "why"),
    [
        (initialize({"token": TOKEN[1:]}), 1, -32803, WRONG_TOKEN),
        (initialize({"token": ""}), 1, -32803, NO_TOKEN),
        (initialize({"token": [TOKEN]}), 1, -32803, NO_TOKEN),
        (initialize({"devstral": {"token": TOKEN}}), 1, -32803, NO_TOKEN),
        (initialize(TOKEN), 1, -32803, NO_TOKEN),
        (initialize(None, params=None), 1, -32803, NO_TOKEN),
        (initialize(None, params=[TOKEN]), 1, -32803, NO_TOKEN),
        (initialize({"token": TOKEN}, id=None), None, -32002, NO_TOKEN),
        (initialize({"token": TOKEN}, id=True), None, -32002, NO_TOKEN),
        (initialize({"token": TOKEN}, method="shutdown"), 1, -32002, NO_TOKEN),
        (initialize({"token": TOKEN}, method=None), 1, -32002, NO_TOKEN),
        ([initialize({"token": TOKEN})], None, -32600, NO_TOKEN),
        (b"\xff\xfe", None, -32600, NO_TOKEN),
        (b"[" * 100_000, None, -32600, NO_TOKEN),
        (b"9" * 10_000, None, -32600, NO_TOKEN),
    ],
)
async def test_anything_else_is_answered_once_and_not_admitted(
    message: Any, msg_id: object, code: int, why: str
) -> None:
    admitted, (answer,) = await first(message)
    assert admitted is None
    assert answer["id"] == msg_id
    assert answer["error"] == {"code": code, "message": why, "data": {"retry": False}}


async def test_a_connection_that_ends_is_answered_nothing() -> None:
    async def receive() -> None:
        return None

    async def answer(_: bytes) -> None:
        raise AssertionError("there is nobody to answer")

    assert await admission().first_message(receive, answer) is None


async def test_the_right_token_is_not_held_up_by_wrong_ones() -> None:
    door = admission(wrong_token_delay_s=3600)
    guesses = [asyncio.ensure_future(door.refusal(f"guess {n}")) for n in range(1000)]
    await asyncio.sleep(0)
    assert await door.refusal(TOKEN) == ""
    assert not any(each.done() for each in guesses)
    for each in guesses:
        each.cancel()
    await asyncio.gather(*guesses, return_exceptions=True)


def test_the_oldest_connection_without_a_token_makes_room() -> None:
    door, closed = admission(), list[int]()
    keys = [door.enter(lambda n=n: closed.append(n)) for n in range(MAX_UNAUTHENTICATED)]  # type: ignore[misc]
    door.leave(keys[0])
    door.enter(lambda: closed.append(100))
    assert closed == []
    last = door.enter(lambda: closed.append(101))
    assert closed == [1]
    door.leave(last)
    door.close()
    assert sorted(closed) == [*range(1, MAX_UNAUTHENTICATED), 100]
    door.enter(lambda: closed.append(102))
    assert closed[-1] == 102, "it would hold up the end"
