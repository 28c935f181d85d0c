"""`doctor --prompt`: what would be sent at a place, and why."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from devstral_lsp.cli.main import main
from tests.context.asking import write
from tests.support.fake_mistral import KEY, FakeMistral

Captured = pytest.CaptureFixture[str]
PASSWORD = "hunter2-Zx9qLm4T"
FILES = {
    "store.py": "class Store:\n    def fetch_row(self, key: str) -> str: ...\n    rows: int = 0\n",
    "secret_store.py": "class Hidden:\n    def never_said(self): ...\n",
    ".gitignore": "secret_store.py\n",
    "app.py": (
        "from secret_store import Hidden\nfrom store import Store\n\n\n"
        f'PASSWORD = "{PASSWORD}"\n\n\ndef load(store: Store):\n    return store.\n\n\nafter = 1\n'
    ),
}
PLACE = "app.py:9"


async def _run(*arguments: str) -> int:
    return await asyncio.to_thread(main, ["doctor", *arguments])


async def test_it_shows_the_prompt_and_why_and_sends_nothing(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    write(project, FILES)
    async with FakeMistral() as fake:
        monkeypatch.setenv("DEVSTRAL_FIM_BASE_URL", fake.url)
        monkeypatch.setenv("MISTRAL_API_KEY", KEY)
        assert await _run("--prompt", PLACE) == 0
    assert not fake.received
    assert fake.connections == 0
    shown = capsys.readouterr().out
    assert "this would be sent to mistral" in shown
    assert "members  store.py  the value before the dot" in shown
    assert "+++++ store.py\nclass Store:\n    def fetch_row(self, key: str) -> str" in shown
    assert "+++++ app.py\nfrom secret_store" in shown
    assert shown.rstrip().endswith("after = 1")


async def test_without_an_endpoint_it_says_so(project: Path, capsys: Captured) -> None:
    write(project, FILES)
    assert await _run("--prompt", PLACE) == 0
    shown = capsys.readouterr().out
    assert "none is set up yet" in shown
    assert "fetch_row" in shown


async def test_secrets_are_replaced_as_they_would_be(
    project: Path, home: Path, capsys: Captured
) -> None:
    write(project, FILES)
    await _run("--prompt", PLACE)
    assert PASSWORD not in capsys.readouterr().out
    (home / "config.toml").write_text("[privacy]\nredact_secrets = false\n")
    await _run("--prompt", PLACE)
    assert PASSWORD in capsys.readouterr().out


async def test_an_ignored_file_is_not_even_named(project: Path, capsys: Captured) -> None:
    write(project, {**FILES, "app.py": FILES["app.py"].replace("store: Store", "store: Hidden")})
    await _run("--prompt", PLACE, "--json")
    shown = json.loads(capsys.readouterr().out)
    assert "never_said" not in shown["prompt"]
    assert "secret_store.py" not in {each["file"] for each in shown["choices"]}


async def test_json_tells_of_each_piece_what_became_of_it(project: Path, capsys: Captured) -> None:
    write(project, {**FILES, "other.py": "def load(store):\n    return store.fetch_row('a')\n"})
    assert await _run("--prompt", f"{PLACE}:18", "--json") == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["file"], shown["line"], shown["column"]) == ("app.py", 9, 18)
    assert shown["prompt"].endswith("return store.")
    assert shown["suffix"].startswith("\n\n\nafter")
    head = shown["prompt"][: shown["context_characters"]]
    kept = [each for each in shown["choices"] if each["kept"]]
    assert {"source", "file", "reason", "tokens", "kept", "left_out"} == set(kept[0])
    assert all(f"+++++ {each['file']}\n" in head for each in kept)
    assert ("members", "store.py") in {(each["source"], each["file"]) for each in kept}
    for each in shown["choices"]:
        assert bool(each["left_out"]) is not each["kept"]


@pytest.mark.parametrize(
    ("text", "settings", "said"),
    [
        ("x = 1\n", "[completion]\nenabled = false\n", "switched off"),
        ("x = 1\n", '[fim]\nprovider = "mistrall"\n', "mistral"),
    ],
)
async def test_where_nothing_would_be_sent_it_says_why(
    project: Path, home: Path, capsys: Captured, text: str, settings: str, said: str
) -> None:
    write(project, {"app.py": text})
    (home / "config.toml").write_text(settings)
    assert await _run("--prompt", "app.py:1") == 1
    shown = capsys.readouterr()
    assert said in shown.err
    assert shown.out == ""


async def test_a_document_that_is_kept_from_assistants_is_not_shown(
    project: Path, capsys: Captured
) -> None:
    write(project, {**FILES, ".aiignore": "app.py\n"})
    assert await _run("--prompt", PLACE) == 1
    shown = capsys.readouterr()
    assert ".aiignore keeps it from assistants" in shown.err
    assert shown.out == ""


async def test_a_place_that_does_not_exist_is_bad_usage(project: Path, capsys: Captured) -> None:
    assert await _run("--prompt", "nowhere.py:1") == 2
    assert "there is no file nowhere.py" in capsys.readouterr().err
