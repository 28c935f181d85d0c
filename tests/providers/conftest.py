"""What the tests of the providers share: providers that talk to a fake."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any, Protocol

import pytest

from devstral_lsp.providers import PROVIDERS
from devstral_lsp.providers.base import Endpoint, Notice, Secret
from devstral_lsp.providers.mistral import MistralProvider
from tests.support.fake_mistral import KEY, FakeMistral
from tests.support.fake_server import FakeServer

GOOD_KEY = Secret(KEY, "MISTRAL_API_KEY")

Jump = Callable[[float], None]


@pytest.fixture
async def jump(monkeypatch: pytest.MonkeyPatch) -> Jump:
    """Lets so many seconds pass on the event loop's clock."""
    loop, passed = asyncio.get_running_loop(), [0.0]
    real = loop.time
    monkeypatch.setattr(loop, "time", lambda: real() + passed[0])

    def by(seconds: float) -> None:
        passed[0] += seconds

    return by


class Connect(Protocol):
    def __call__(
        self,
        fake: FakeMistral | str,
        *,
        model: str = ...,
        key: Secret | None = ...,
        timeout_ms: int = ...,
    ) -> MistralProvider: ...


@pytest.fixture
def notices() -> list[Notice]:
    """What the providers of `connect` wanted the user to read."""
    return []


@pytest.fixture
async def connect(notices: list[Notice]) -> AsyncIterator[Connect]:
    """Makes providers for a fake and closes them after the test."""
    async with AsyncExitStack() as stack:

        def make(
            fake: FakeMistral | str,
            *,
            model: str = "codestral-latest",
            key: Secret | None = GOOD_KEY,
            timeout_ms: int = 5000,
        ) -> MistralProvider:
            url = fake if isinstance(fake, str) else fake.url
            provider = MistralProvider(
                "mistral",
                Endpoint(
                    base_url=url, key=key, model=model, timeout_ms=timeout_ms, notify=notices.append
                ),
            )
            stack.push_async_callback(provider.close)
            return provider

        yield make


class Made(Protocol):
    def __call__(self, name: str, fake: FakeServer | str, **endpoint: Any) -> Any: ...


@pytest.fixture
async def made(notices: list[Notice]) -> AsyncIterator[Made]:
    """Makes providers of any name for a fake and closes them after the test."""
    async with AsyncExitStack() as stack:

        def make(name: str, fake: FakeServer | str, **endpoint: Any) -> Any:
            url = fake if isinstance(fake, str) else fake.url
            provider = PROVIDERS[name].build_fim(
                Endpoint(**{"base_url": url, "notify": notices.append, **endpoint})
            )
            stack.push_async_callback(provider.close)
            return provider

        yield make
