"""One Emacs for each client, for all tests; each test opens a file of its own in it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

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


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def _eglot(emacs: Emacs, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Session]:
    async with running(emacs, tmp_path_factory.mktemp("emacs"), "eglot") as session:
        yield session


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def _lsp_mode(
    emacs: Emacs, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Session]:
    async with running(emacs, tmp_path_factory.mktemp("emacs"), "lsp-mode") as session:
        yield session


@pytest.fixture
def eglot(_eglot: Session) -> Iterator[Session]:
    yield _eglot
    _eglot.model.restore()


@pytest.fixture
def lsp_mode(_lsp_mode: Session) -> Iterator[Session]:
    yield _lsp_mode
    _lsp_mode.model.restore()


@pytest.fixture(params=["eglot", "lsp_mode"])
def session(request: pytest.FixtureRequest) -> Session:
    """Either client."""
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Session)
    return found
