"""`complete`: the engine's answer at one place, or why there is none."""

from __future__ import annotations

import asyncio
import io
import json
from pathlib import Path
from typing import Any

import pytest

from devstral_lsp.cli.main import main
from tests.support.answers import Answer, failure
from tests.support.fake_mistral import KEY, FakeMistral
from tests.support.familiar import BEGUN, COLUMN, LINE, REST, UNFINISHED

OTHERS = """\
def roof(width, breadth_in_metres):
    if width < 0 or breadth_in_metres < 0:
        raise ValueError("a roof has no negative side")
    slope = width / breadth_in_metres
    return slope * width * thatching_factor
"""
Captured = pytest.CaptureFixture[str]


@pytest.fixture
def code(project: Path) -> Path:
    """A file in whose last line `local` knows what comes."""
    file = project / "a.py"
    file.write_text(UNFINISHED)
    return file


async def _run(*arguments: str) -> int:
    """The command in a thread, as it makes an event loop of its own."""
    return await asyncio.to_thread(main, ["complete", *arguments])


def _use(fake: FakeMistral, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEVSTRAL_FIM_BASE_URL", fake.url)
    monkeypatch.setenv("MISTRAL_API_KEY", KEY)


async def test_without_a_key_local_answers_and_one_message_says_how_to_set_one(
    code: Path, capsys: Captured
) -> None:
    assert await _run(f"a.py:{LINE}") == 0
    shown = capsys.readouterr()
    assert shown.out.startswith(f"a.py:{LINE}:{COLUMN}  local, ")
    assert f"> {LINE}  {BEGUN}⟦{REST}⟧\n" in shown.out
    assert shown.err.count("MISTRAL_API_KEY") == 1


async def test_json_is_one_object_and_nothing_else(code: Path, capsys: Captured) -> None:
    assert await _run(f"a.py:{LINE}:{COLUMN}", "--json", "--provider", "local") == 0
    shown = capsys.readouterr()
    told = json.loads(shown.out)
    assert told.pop("elapsed_ms") >= 0
    here = {"line": LINE, "column": COLUMN}
    assert told == {
        "file": "a.py",
        "line": LINE,
        "column": COLUMN,
        "text": REST,
        "range": {"start": here, "end": here},
        "provider": "local",
        "reason": None,
    }
    assert shown.err == ""


async def test_a_model_answers_through_the_same_engine(
    code: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    async with FakeMistral([Answer(text=("depth", " + 1"))], strict=False) as fake:
        _use(fake, monkeypatch)
        assert await _run(f"a.py:{LINE}", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["text"], told["provider"]) == ("depth + 1", "mistral")
    assert fake.completions[0].body["prompt"].endswith(UNFINISHED)


async def test_the_text_and_the_model_may_be_given(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    async with FakeMistral([Answer(text=("compute(1)",))], strict=False) as fake:
        _use(fake, monkeypatch)
        _type("# unsaved\nx = \n", monkeypatch)
        assert await _run("new.py:2", "--stdin", "--model", "codestral-2508") == 0
    assert "> 2  x = ⟦compute(1)⟧" in capsys.readouterr().out
    body = fake.completions[0].body
    assert body["prompt"].endswith("# unsaved\nx = ")
    assert body["model"] == "codestral-2508"


def _type(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))


async def test_a_failing_endpoint_is_told_and_local_takes_over(
    code: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    async with FakeMistral(lambda _: failure(503, {}), strict=False) as fake:
        _use(fake, monkeypatch)
        assert await _run(f"a.py:{LINE}") == 0
    shown = capsys.readouterr()
    assert "local, " in shown.out
    assert "is in trouble (status 503)" in shown.err


async def test_a_provider_that_is_asked_for_by_name_is_the_only_one(
    code: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    async with FakeMistral(lambda _: failure(503, {}), strict=False) as fake:
        _use(fake, monkeypatch)
        monkeypatch.setenv("DEVSTRAL_FIM_FALLBACKS", "mistral")
        assert await _run(f"a.py:{LINE}", "--provider", "mistral") == 1
        assert len(fake.completions) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "is in trouble (status 503)" in shown.err


async def test_the_other_files_of_the_project_are_read(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    for number in range(3):
        (project / f"shapes{number}.py").write_text(OTHERS)
    (project / "src").mkdir()
    (project / "src" / "new.py").write_text(OTHERS.removesuffix("ing_factor\n"))
    assert await _run("src/new.py:5", "--provider", "local") == 0
    assert "thatch⟦ing_factor⟧" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("project_file", "says"),
    [
        ("[completion]\nenabled = false", "completion.enabled is false (set by the project file)"),
        (
            '[completion]\ndisabled_languages = ["python"]',
            'completion.disabled_languages (set by the project file) holds "python"',
        ),
        ("[local]\nenabled = false", "no endpoint can be used, and `local` is switched off"),
    ],
)
async def test_nothing_to_suggest_says_why_and_ends_with_1(
    code: Path, project: Path, project_file: str, says: str, capsys: Captured
) -> None:
    (project / ".devstral.toml").write_text(project_file)
    assert await _run(f"a.py:{LINE}", "--json") == 1
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert told["text"] is told["range"] is told["provider"] is None
    assert says in told["reason"]


@pytest.mark.parametrize(
    ("provider", "says"),
    [
        ("codestral", "codestral needs a key and none is set: set CODESTRAL_API_KEY"),
        ("openrouter", "openrouter needs a key and none is set: set OPENROUTER_API_KEY"),
        ("tgi", "Where to find tgi is not known"),
    ],
)
async def test_a_provider_that_was_named_and_cannot_be_asked_is_told_and_nobody_else(
    code: Path, provider: str, says: str, capsys: Captured
) -> None:
    assert await _run(f"a.py:{LINE}", "--provider", provider) == 1
    told, reason = capsys.readouterr().err.splitlines()
    assert told.startswith(says)
    assert reason == f"Nothing to suggest: {provider} cannot be used, and you chose no other."


async def test_an_empty_file_has_nothing_to_suggest(project: Path, capsys: Captured) -> None:
    (project / "a.py").touch()
    assert await _run("a.py:1", "--provider", "local") == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == "local has nothing to suggest here.\n"


@pytest.mark.parametrize(
    ("user_file", "says"),
    [
        ("[fim]\nmax_tokns = 3", 'Did you mean "fim.max_tokens"?'),
        ("[fim]\nmax_tokens = -1", "fim.max_tokens"),
        ("this is not toml", "this is not TOML"),
    ],
)
async def test_malformed_settings_are_told_and_not_fatal(
    code: Path, home: Path, user_file: str, says: str, capsys: Captured
) -> None:
    (home / "config.toml").write_text(user_file)
    assert await _run(f"a.py:{LINE}") == 0
    shown = capsys.readouterr()
    assert says in shown.err
    assert f"⟦{REST}⟧" in shown.out


@pytest.mark.parametrize(
    ("place", "says"),
    [
        ("a.py", "such as a.py:1."),
        ("a.py:x", "such as a.py:1."),
        ("a.py:3:-1", "such as a.py:1."),
        (":3", "such as main.py:1."),
        ("b.py:1", "there is no file b.py. Did you mean a.py?"),
        (".:1", "is a folder"),
        (f"a.py:{LINE + 1}", f"its last line is {LINE}"),
        (f"a.py:{LINE}:{COLUMN + 1}", f"right after its text, is {COLUMN}"),
    ],
)
async def test_a_bad_place_ends_with_2_and_prints_nothing(
    code: Path, place: str, says: str, capsys: Captured
) -> None:
    assert await _run(place, "--json") == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("devstral-lsp complete: ")
    assert says in shown.err


async def test_no_key_is_ever_printed(
    code: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    async with FakeMistral(key="another-key", strict=False) as fake:
        _use(fake, monkeypatch)
        assert await _run(f"a.py:{LINE}", "--provider", "mistral") == 1
    shown = capsys.readouterr()
    assert "refused the key from MISTRAL_API_KEY" in shown.err
    assert KEY not in shown.out + shown.err
