"""One Emacs for all tests of a file; each test opens a file of its own in it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.editors.emacs.install import Emacs, install
from tests.editors.emacs.session import Session, running
from tests.support.installed import Unavailable


@pytest.fixture(scope="session")
def emacs() -> Emacs:
    """Emacs; installed if it is not there yet."""
    try:
        return install()
    except Unavailable as error:
        pytest.skip(f"EMACS IS NOT TESTED: {error}")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def eglot(emacs: Emacs, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Session]:
    async with running(emacs, tmp_path_factory.mktemp("emacs"), "eglot") as session:
        yield session


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lsp_mode(
    emacs: Emacs, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Session]:
    async with running(emacs, tmp_path_factory.mktemp("emacs"), "lsp-mode") as session:
        yield session
