"""True statements of several lines, each marked `⟦…⟧` in a piece of its language, shown whole.

The model says what stands between the marks, stops there or runs on into what follows.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from devstral_lsp.completion.engine import CompletionEngine
from devstral_lsp.completion.types import CompletionRequest
from devstral_lsp.config.schema import CompletionSettings, Settings
from devstral_lsp.text import Snapshot, Text
from tests.support.scripted import ManualClock, ScriptedProvider

_CASE = re.compile(r"^=== (?P<title>[^\n]+)\n(?P<text>.*?)(?=^=== |\Z)", re.M | re.S)
FILES = sorted((Path(__file__).parent / "golden").glob("*.txt"))
CASES = [
    (path.stem, match["title"], match["text"].rstrip("\n") + "\n")
    for path in FILES
    for match in _CASE.finditer(path.read_text(encoding="utf-8"))
]
BY_COLUMNS, WITHIN_LINES = (
    [
        (*match["title"].split(" ", 1), match["text"].rstrip("\n") + "\n")
        for match in _CASE.finditer((Path(__file__).parent / name).read_text(encoding="utf-8"))
    ]
    for name in ("by_columns.txt", "within_lines.txt")
)
"""Languages without a grammar, and values within a line, with what an editor has closed behind the
cursor after `¦`; the title's first word is the language's id."""
SETTINGS = Settings(completion=CompletionSettings(debounce_ms=0, speculate=False))


def test_there_are_ten_in_each_of_twelve_languages() -> None:
    counted = Counter(language for language, _, _ in CASES)
    assert len(counted) >= 12
    assert {language: count for language, count in counted.items() if count < 10} == {}


@pytest.mark.parametrize("runs_on", [False, True], ids=["stops", "runs on"])
@pytest.mark.parametrize(
    ("language", "text"),
    [
        pytest.param(language, text, id=f"{language}-{title}")
        for language, title, text in CASES + BY_COLUMNS + WITHIN_LINES
    ],
)
async def test_a_statement_is_shown_whole(language: str, text: str, runs_on: bool) -> None:
    before, rest = text.split("⟦")
    inner, following = rest.split("⟧")
    truth, _, closed = inner.partition("¦")
    provider = ScriptedProvider(truth + (following if runs_on else ""))
    clock = ManualClock().as_clock()
    completer = CompletionEngine(SETTINGS, fim=provider, local=None, clock=clock)
    snapshot = Snapshot("file:///a", 1, language, Text.of(before + closed + following))
    try:
        found = await completer.complete(CompletionRequest(snapshot=snapshot, offset=len(before)))
    finally:
        await completer.close()
    assert found
    span = found[0].span
    document = before + closed + following
    document = document[: span.start] + found[0].text + document[span.end :]
    assert document.rstrip() == (before + truth + following).rstrip()
