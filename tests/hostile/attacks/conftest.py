"""What an attack needs: a real server in a folder that the test makes, and a fake endpoint.

Each test builds what an attacker would leave (a cloned folder, a reply, a client), does what a user
would do in an editor or a terminal, and holds that the attack came to nothing and that the server
still answers.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.hostile.attacks.started import startup_log, until_started
from tests.support.editor import Editor, environment
from tests.support.fake_mistral import KEY, FakeMistral

StartEditor = Callable[..., Awaitable[Editor]]


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """A home folder of its own, no key and no settings."""
    home = tmp_path / "home"
    home.mkdir()
    return environment(home)


@pytest.fixture
async def mistral() -> AsyncIterator[FakeMistral]:
    """An endpoint that answers `return a + b` until told otherwise."""
    async with FakeMistral(strict=False) as fake:
        yield fake


@pytest.fixture
async def start(environ: dict[str, str], mistral: FakeMistral) -> AsyncIterator[StartEditor]:
    """Starts an editor on a server process of its own, over stdio, that asks `mistral`.

    Names in capitals are variables of the server's environment; others go into `initialize`, such
    as `root_uri`.
    """
    started: list[Editor] = []

    async def begin(*capabilities: Any, **named: Any) -> Editor:
        variables = {name: named.pop(name) for name in list(named) if name.isupper()}
        asked = {"DEVSTRAL_FIM_BASE_URL": mistral.url, "MISTRAL_API_KEY": KEY}
        log = startup_log(variables, Path(environ["HOME"]))
        editor = await Editor.start({**environ, **asked, **variables}, *capabilities, **named)
        started.append(editor)
        await until_started(log)
        return editor

    yield begin
    for editor in started:
        await editor.stop()
