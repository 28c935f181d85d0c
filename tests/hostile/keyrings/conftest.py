"""A Mistral that lets in one key, and a real keyring that may hold it. No variable does."""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from tests.hostile.keyrings import install
from tests.hostile.keyrings.desktop import Desktop
from tests.support.editor import Editor, environment
from tests.support.fake_mistral import KEY, FakeMistral
from tests.support.installed import Unavailable

SOON_S = 10.0
"""What nobody waits longer for on a busy machine; a question to the user may take a minute."""

ENDS_S = 6.0
"""What a server may take to end, on a busy machine: less than a command for a key may take."""

ANSWER = "return a + b"
PROGRAM = (sys.executable, "-m", "devstral_lsp")
CODE = "def add(a, b):\n    │\n"


_NUMBERS = itertools.count()


@pytest.fixture(autouse=True)
def ctrl_c() -> Iterator[None]:
    """Ctrl-C counts, as on a terminal. Where the tests run in the background it may be ignored, and
    what they start would inherit that.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


class Commands:
    """Our commands as processes, in one environment. Each fails the test that tells the key."""

    def __init__(self, environ: Mapping[str, str], folder: Path) -> None:
        self._environ = environ
        self._file = folder / "add.py"
        self._file.write_text(CODE.replace("│", ""))

    def doctor(self) -> str:
        return self._told((*PROGRAM, "doctor"))

    def doctor_on_a_terminal(self) -> str:
        """All that stands on it in the end, in one line."""
        command = [*PROGRAM, "doctor"]
        spawn = (sys.executable, "-c", f"import pty; pty.spawn({command!r})")
        return " ".join(self._told(spawn).split())

    def complete(self) -> str:
        return self._told((*PROGRAM, "complete", f"{self._file}:2"))

    def interrupted(self, *words: str, after_s: float = 3.0) -> int:
        """The exit code of one whose user presses Ctrl-C, which goes to all that it started."""
        process = self._start((*PROGRAM, *words), start_new_session=True)
        with process:
            try:
                process.communicate(timeout=after_s)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGINT)
            try:
                process.communicate(timeout=SOON_S)
            finally:
                process.kill()
        return process.returncode

    def _told(self, command: Sequence[str]) -> str:
        with self._start(command) as process:
            try:
                told = process.communicate(timeout=SOON_S * 2)[0].decode()
            finally:
                process.kill()
        assert KEY not in told
        assert "Traceback" not in told
        return told

    def _start(self, command: Sequence[str], **how: bool) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=dict(self._environ),
            **how,  # type: ignore[call-overload]
        )


@pytest.fixture(scope="session")
def packages() -> Path:
    return _had(install.packages)


@pytest.fixture
def desktop() -> Iterator[Desktop]:
    root = _had(install.secret_service)
    # A socket's path may be of some hundred bytes only, and those of pytest's folders are long.
    with tempfile.TemporaryDirectory() as folder, Desktop(root, Path(folder)) as started:
        yield started


@pytest.fixture
async def mistral() -> AsyncIterator[FakeMistral]:
    async with FakeMistral(strict=False) as fake:
        yield fake


@pytest.fixture
def environ(mistral: FakeMistral, tmp_path: Path) -> dict[str, str]:
    home = tmp_path / "home"
    home.mkdir()
    return environment(
        home,
        DEVSTRAL_FIM_BASE_URL=mistral.url,
        DEVSTRAL_CHAT_BASE_URL=mistral.url,
        DEVSTRAL_CACHE=str(home / "cache"),
        DEVSTRAL_LOG_FILE=str(home / "log"),
        DEVSTRAL_LOG_LEVEL="debug",
    )


@pytest.fixture
async def start(environ: dict[str, str]) -> AsyncIterator[Callable[..., object]]:
    """Starts an editor with a server of its own. Nobody may have told the key in the end."""
    started: list[Editor] = []

    async def begin(**variables: str) -> Editor:
        editor = await Editor.start({**environ, **variables})
        started.append(editor)
        return editor

    yield begin
    for editor in started:
        async with asyncio.timeout(ENDS_S):
            await editor.stop()
        assert KEY not in "".join([*editor.shown, *editor.logged])
    assert KEY not in _written(environ["DEVSTRAL_LOG_FILE"])


async def suggested(editor: Editor) -> list[object]:
    """What is shown in a new document, asked as soon as the server is there."""
    async with asyncio.timeout(SOON_S):
        place = editor.open(CODE, f"file:///nowhere/{next(_NUMBERS)}.py")
        return [item.insert_text for item in await editor.inline(place)]


def _written(log: str) -> str:
    return Path(log).read_text() if Path(log).exists() else ""


def _had(installing: Callable[[], Path]) -> Path:
    try:
        return installing()
    except Unavailable as error:
        pytest.skip(f"KEYRINGS ARE NOT TESTED: {error}")
