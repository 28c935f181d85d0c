"""One Neovim of each kind for all tests of this folder; each test opens a file of its own in it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from tests.editors.nvim.install import install
from tests.editors.nvim.session import Session, running
from tests.support.installed import Unavailable

KINDS = {"0.12": {}, "0.12, own ghost": {"ghost": "own"}, "0.11": {}, "0.10": {}}
"""Versions of Neovim, and the options of the plugin."""


@pytest_asyncio.fixture(scope="session", loop_scope="session", params=KINDS)
async def _nvim(
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
def nvim(_nvim: Session) -> Iterator[Session]:
    yield _nvim
    _nvim.model.restore()
