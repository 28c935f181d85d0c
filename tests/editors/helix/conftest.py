"""One Helix for all tests of this folder; each test opens a file of its own in it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from tests.editors.helix.install import Helix, install
from tests.editors.helix.session import Session, running
from tests.support.installed import Unavailable


@pytest.fixture(scope="session")
def program() -> Helix:
    """Helix; installed if it is not there yet."""
    try:
        return install()
    except Unavailable as error:
        pytest.skip(f"HELIX IS NOT TESTED: {error}")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def _helix(
    program: Helix, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Session]:
    async with running(program, tmp_path_factory.mktemp("helix")) as session:
        yield session


@pytest.fixture
def helix(_helix: Session) -> Iterator[Session]:
    yield _helix
    _helix.model.restore()
