"""Places at which something else was shown than what the model meant, through the whole engine."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from devstral_lsp.completion.engine import CompletionEngine
from devstral_lsp.completion.filters import apply_filters
from devstral_lsp.completion.types import (
    Completion,
    CompletionKind,
    CompletionRequest,
    CursorContext,
    Draft,
)
from devstral_lsp.config.schema import CompletionSettings, Settings
from devstral_lsp.local.provider import LocalProvider
from devstral_lsp.providers.base import FimProvider
from devstral_lsp.text import Snapshot, Text
from tests.support.scripted import ManualClock, ScriptedProvider, settle

PLACES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "places.json").read_text(encoding="utf-8")
)
SETTINGS = Settings(completion=CompletionSettings(debounce_ms=0, speculate=False))


def _name(place: dict[str, Any]) -> str:
    return f"{place['kind']}-{place['language']}"


@dataclass
class Editor:
    """A document that a user types in; it takes what is shown."""

    completer: CompletionEngine
    language: str
    version: int = 0

    async def shown(self, before: str, after: str) -> Completion | None:
        self.version += 1
        text = Text.of(before + after)
        snapshot = Snapshot("file:///a", self.version, self.language, text)
        request = CompletionRequest(snapshot=snapshot, offset=len(before))
        found = await self.completer.complete(request)
        await settle()
        return found[0] if found else None


def _editor(place: dict[str, Any]) -> Editor:
    answers = [place["said"]] * 3
    local: FimProvider | None = LocalProvider() if place["kind"].startswith("local-dis") else None
    clock = ManualClock().as_clock()
    completer = CompletionEngine(SETTINGS, fim=ScriptedProvider(*answers), local=local, clock=clock)
    return Editor(completer, place["language"])


@pytest.mark.parametrize("place", [each for each in PLACES if "partial" not in each], ids=_name)
async def test_what_is_right_is_shown(place: dict[str, Any]) -> None:
    before, after = place["before"], place["after"]
    editor = _editor(place)
    try:
        found = await editor.shown(before, after)
        if "typed" in place:
            before += place["typed"]
            found = await editor.shown(before, after)
    finally:
        await editor.completer.close()
    if "shown" in place:
        assert (found and found.text) == place["shown"]
        return
    assert found is not None
    document = before + after
    span = found.span
    assert document[: span.start] + found.text + document[span.end :] == place["document"]


@pytest.mark.parametrize("place", [each for each in PLACES if "partial" in each], ids=_name)
def test_what_says_a_part_of_a_line_is_left_as_it_is(place: dict[str, Any]) -> None:
    at = CursorContext(before=place["before"], after=place["after"], language_id=place["language"])
    draft = Draft(text=place["said"], kind=CompletionKind.STATEMENT, may_end_anywhere=True)
    assert apply_filters(draft, at).draft == draft
