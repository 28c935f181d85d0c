"""One VS Code for all tests of this folder; each test opens a file of its own in it."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.editors.vscode.install import Tools, install
from tests.editors.vscode.session import Session, running
from tests.support.installed import Unavailable

_FAILED = pytest.StashKey[bool]()


@pytest.fixture(scope="session")
def tools() -> Tools:
    """VS Code and what drives it; installed if it is not there yet."""
    try:
        return install()
    except Unavailable as error:
        pytest.skip(f"VS CODE IS NOT TESTED: {error}")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def _vscode(tools: Tools, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Session]:
    async with running(tools, tmp_path_factory.mktemp("vscode")) as session:
        yield session


@pytest.fixture
def vscode(_vscode: Session) -> Iterator[Session]:
    yield _vscode
    _vscode.model.restore()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    """Tell `_picture_of_a_failure` how the test went."""
    report = yield
    if report.when == "call":
        item.stash[_FAILED] = report.failed
    return report


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def _picture_of_a_failure(
    request: pytest.FixtureRequest, pictures: Path
) -> AsyncIterator[None]:
    yield
    if request.node.stash.get(_FAILED, False) and "_vscode" in request.fixturenames:
        session = request.getfixturevalue("_vscode")
        await session.window.picture(pictures / f"failed-{request.node.name}.png")
        await session.window.press("Escape")


@pytest.fixture
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pictures of the screen go: EDITOR_TESTS_PICTURES, or nowhere that lasts."""
    named = os.environ.get("EDITOR_TESTS_PICTURES")
    return Path(named) if named else tmp_path_factory.mktemp("pictures")
