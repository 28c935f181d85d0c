"""Settings as a user writes them, a server process, an endpoint that fails and one that helps."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.conftest import StartEditor
from tests.support.answers import Answer, failure
from tests.support.clients import VSCODE
from tests.support.fake_mistral import KEY, FakeMistral
from tests.support.fake_ollama import FakeOllama

pytestmark = pytest.mark.long

SETTINGS = """
[fim]
provider = "codestral"
base_url = "{codestral}"
fallbacks = [{{ provider = "ollama", base_url = "{ollama}" }}, "local"]
"""


def write(file: str, settings: str) -> None:
    Path(file).write_text(settings)


async def test_the_own_server_answers_while_codestral_does_not(
    start: StartEditor, environ: dict[str, str]
) -> None:
    limit = failure(429, {"message": "Requests rate limit exceeded"}, retry_after="60")
    cache = Path(environ["HOME"]) / "cache"
    async with (
        FakeMistral(lambda _: limit, strict=False) as codestral,
        FakeOllama(lambda _: Answer(text=["return", " a * b"])) as ollama,
    ):
        settings = SETTINGS.format(codestral=codestral.url, ollama=ollama.url)
        write(environ["DEVSTRAL_CONFIG"], settings)
        editor = await start(VSCODE, CODESTRAL_API_KEY=KEY, DEVSTRAL_CACHE=str(cache))
        for number in range(2):
            place = editor.open("def f(a, b):\n    │", f"file:///nowhere/f{number}.py")
            (item,) = await editor.inline(place)
            assert item.insert_text == "return a * b"
        await editor.until(lambda: editor.shown_about("Meanwhile ollama answers."))
        assert len(editor.shown_about("Meanwhile ollama answers.")) == 1
        assert any("Meanwhile ollama answers." in line for line in editor.logged)
    assert len(codestral.completions) == 1
    assert all("authorization" not in request.headers for request in ollama.received)
    (remembered,) = (cache / "paths").iterdir()
    assert '"path": "suffix"' in remembered.read_text()
