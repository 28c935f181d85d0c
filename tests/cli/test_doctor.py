"""`doctor`: what it shows and how it ends. What is checked is in tests/test_checkup.py."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from devstral_lsp.cli.main import main
from devstral_lsp.providers.fim.strategy_cache import StrategyCache
from tests.support.fake_mistral import KEY, FakeMistral
from tests.support.verdicts import written

Captured = pytest.CaptureFixture[str]


async def _run(*arguments: str) -> int:
    return await asyncio.to_thread(main, ["doctor", *arguments])


def _set_up(monkeypatch: pytest.MonkeyPatch, fake: FakeMistral) -> None:
    """A key, and `fake` for completions and conversations."""
    for name in ("DEVSTRAL_FIM_BASE_URL", "DEVSTRAL_CHAT_BASE_URL"):
        monkeypatch.setenv(name, fake.url)
    monkeypatch.setenv("MISTRAL_API_KEY", KEY)


async def test_without_a_key_it_warns_says_what_to_do_and_ends_well(
    project: Path, capsys: Captured
) -> None:
    assert await _run() == 0
    lines = capsys.readouterr().out.splitlines()
    key = next(at for at, line in enumerate(lines) if line.startswith("warning  key "))
    assert "-> Create a key in Mistral's console, then set MISTRAL_API_KEY" in lines[key + 1]
    assert lines[-1] == "1 warning"


async def test_all_is_well_with_a_key_and_an_endpoint(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    async with FakeMistral(strict=False) as fake:
        _set_up(monkeypatch, fake)
        assert await _run() == 0
    shown = capsys.readouterr().out
    assert shown.splitlines()[-1] == "All is well."
    assert KEY not in shown


async def test_a_failure_ends_with_1_also_as_json(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    async with FakeMistral(key="another-key", strict=False) as fake:
        _set_up(monkeypatch, fake)
        assert await _run("--json") == 1
    shown = capsys.readouterr()
    told = json.loads(shown.out)
    assert told["well"] is False
    assert {frozenset(finding) for finding in told["findings"]} == {
        frozenset({"check", "mark", "said", "advice"})
    }
    marks = {finding["check"]: finding["mark"] for finding in told["findings"]}
    assert marks["completion"] == "failure"
    assert KEY not in shown.out + shown.err


async def test_a_terminal_shows_it_in_colour_and_in_full(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "60")
    assert await _run() == 0
    shown = capsys.readouterr().out
    assert "\x1b[" in shown
    assert "✓" in shown
    assert "console" in shown


async def test_malformed_settings_are_warnings(project: Path, home: Path, capsys: Captured) -> None:
    (home / "config.toml").write_text("[fim]\nmax_tokns = 3")
    assert await _run() == 0
    shown = capsys.readouterr().out
    assert "warning  settings" in shown
    assert 'Did you mean "fim.max_tokens"?' in shown


async def test_what_was_found_out_is_forgotten_first(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setenv("DEVSTRAL_CACHE", str(project / "cache"))
    StrategyCache(project / "cache" / "paths").put("http://nas:1", "m", "suffix")
    assert await _run("--forget") == 0
    assert "1 selected in earlier sessions, now deleted" in capsys.readouterr().out.splitlines()[0]
    assert written(StrategyCache(project / "cache" / "paths")) == []
