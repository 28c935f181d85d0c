"""Every fault of a network, at every phase of an exchange, over every wire, for every provider.

What must hold: a failure is a ProviderError with a sentence to act on, within its deadline; what a
connection that went bad was to answer is asked of a new one; no text is wrong; and the next request
after recovery is answered, by the same provider.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import time
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from devstral_lsp.errors import (
    EndpointUnreachable,
    InvalidResponse,
    ProviderError,
    ServerOverloaded,
)
from devstral_lsp.providers.base import ConnectionOptions
from tests.support.fault_injector import (
    H1_FAULTS,
    H2_FAULTS,
    Fault,
    FaultInjector,
    Wire,
    authority,
)
from tests.support.subjects import KEY, SUBJECTS, Subject
from tests.support.tunnels import NAME

TIMEOUT_MS = 4000
DEADLINE_S = 2 * TIMEOUT_MS / 1000 + 4
"""A wait for the kept connection, one for a new one, and some for a busy machine."""
AT_ONCE = 4
GOLDEN = Path(__file__).parent.parent / "fixtures" / "fault_messages.json"

WIRES: tuple[Wire, ...] = ("http", "https", "h2", "proxy")
CASES = [
    pytest.param(subject, wire, id=f"{subject}-{wire}")
    for subject in SUBJECTS
    for wire in WIRES
    # Chat goes the same way as gaps do, so that one wire will do for each of its decoders.
    if not subject.chats or wire == "http"
]


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of one request."""

    text: str
    error: ProviderError | None
    took_s: float


async def _ask(subject: Subject, provider: Any) -> Heard:
    pieces: list[str] = []
    error: ProviderError | None = None
    began_s = time.monotonic()
    try:
        async with aclosing(subject.ask(provider)) as chunks:
            async for chunk in chunks:
                pieces.append(chunk.text)
    except ProviderError as raised:
        error = raised
    return Heard("".join(pieces), error, time.monotonic() - began_s)


def _expected(subject: Subject, wire: Wire, fault: Fault) -> tuple[type[ProviderError], ...]:
    """The classes of error that the request may come to."""
    is_mute = fault.kind == "silent" or (wire == "h2" and fault.kind in ("garbage", "oversized"))
    if subject.name == "ollama" and is_mute and fault.phase != "body":
        return (ServerOverloaded,)  # it may be loading its model
    if wire != "h2" and fault.phase == "body" and fault.kind == "garbage":
        return (InvalidResponse, EndpointUnreachable)  # the latter where the body comes in chunks
    return (EndpointUnreachable,)


async def _suffer(subject: Subject, wire: Wire, fault: Fault) -> str:
    """What the user read of the fault, "" for nothing."""
    wanted = "return a + b"
    async with subject.fake(key=KEY) as fake:
        fake.answer_always(subject.answer("return a", " + b"))
        async with FaultInjector(fake.url, wire) as injector:
            way = ConnectionOptions(proxy=injector.proxy)
            endpoint = subject.endpoint(injector.url, timeout_ms=TIMEOUT_MS, connection=way)
            provider = subject.provider(endpoint)
            try:
                before = await _ask(subject, provider)
                assert (before.text, before.error) == (wanted, None)
                injector.strike(fault)
                during = await _ask(subject, provider)
                assert during.took_s < DEADLINE_S
                assert wanted.startswith(during.text)
                if during.error is None:
                    assert during.text == wanted
                else:
                    assert type(during.error) in _expected(subject, wire, fault)
                    assert not fault.only_kept or during.text, "a new connection was to be asked"
                injector.strike(None)
                after = await _ask(subject, provider)
                assert (after.text, after.error) == (wanted, None)
                assert after.took_s < DEADLINE_S
                told = re.sub(rf"localhost:\d+|{NAME}", "HOST", str(during.error or ""))
                return re.sub(r"[\d.]+ s\b", "N s", told)
            except AssertionError as error:
                error.add_note(f"{subject} over {wire}: {fault}")
                raise
            finally:
                await provider.close()


def _faults(wire: Wire) -> list[Fault]:
    pairs = H2_FAULTS if wire == "h2" else H1_FAULTS
    return [
        Fault(phase, kind, only_kept)
        for phase, kind in pairs
        for only_kept in (False, True)
        if not (only_kept and phase == "connect")
    ]


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("subject", "wire"), CASES)
async def test_every_fault_is_survived(
    subject: Subject, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Read once for all, while the file that a setting names is read for each connection.
    monkeypatch.setenv("SSL_CERT_FILE", str(authority(wire)))
    gate = asyncio.Semaphore(AT_ONCE)

    async def suffer(fault: Fault) -> str:
        async with gate:
            return await _suffer(subject, wire, fault)

    faults = _faults(wire)
    told = await asyncio.gather(*(suffer(fault) for fault in faults))
    found = {
        f"{fault.phase} {fault.kind}": message
        for fault, message in zip(faults, told, strict=True)
        if message
    }
    if subject.name == "mistral" and not subject.chats:
        golden = json.loads(GOLDEN.read_text("utf-8")) if GOLDEN.exists() else {}
        if os.environ.get("WRITE_GOLDEN"):
            golden[wire] = found
            GOLDEN.write_text(json.dumps(golden, indent=2, sort_keys=True) + "\n", "utf-8")
        assert golden[wire] == found
