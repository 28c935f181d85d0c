"""One Neovim of each kind for all tests of this folder; each test opens a file of its own in it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
import pytest_asyncio

from tests.editors.nvim.install import install
from tests.editors.nvim.session import Session, running
from tests.support.answers import Answer
from tests.support.installed import Unavailable

SetPace = Callable[..., None]

KINDS = {"0.12": {}, "0.12, own ghost": {"ghost": "own"}, "0.11": {}, "0.10": {}}
"""Versions of Neovim, and the options of the plugin."""


@pytest_asyncio.fixture(scope="session", loop_scope="session", params=KINDS)
async def nvim(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Session]:
    version = request.param.partition(",")[0]
    try:
        neovim = install(version)
    except Unavailable as error:
        pytest.skip(f"NEOVIM {version} IS NOT TESTED: {error}")
    folder = tmp_path_factory.mktemp("nvim")
    async with running(neovim, folder, options=KINDS[request.param]) as session:
        yield session


@pytest.fixture
def pace(nvim: Session) -> Iterator[SetPace]:
    """Sets how the model answers in one test: `pace(first_ms=1)` makes it wait for a gate."""

    def set_pace(**how: Any) -> None:
        nvim.model.pace = Answer(**how)

    yield set_pace
    nvim.model.pace, nvim.model.pieces_of_lines = Answer(), False
    nvim.model.gates.clear()
