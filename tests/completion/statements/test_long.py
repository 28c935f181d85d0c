"""Units longer than what is shown at once: accepting again and again leads to the end, with one
request, and each part is judged with those before it."""

from __future__ import annotations

import pytest

from devstral_lsp.completion.engine import CompletionEngine
from devstral_lsp.completion.extent.unit import SHOWN_LINES
from devstral_lsp.completion.types import CompletionRequest
from devstral_lsp.config.schema import CompletionSettings, Settings
from devstral_lsp.text import Snapshot, Text
from tests.support.scripted import ManualClock, ScriptedProvider, settle

SETTINGS = Settings(completion=CompletionSettings(debounce_ms=0, speculate=False))


def _lines(form: str, count: int) -> str:
    return "\n".join(form.replace("#", f"step_{i}") for i in range(count))


CLOSED_BY_A_NAMESPACE = (
    "int last;\n}  // namespace a\n\nnamespace b {\n" + "int x = 1;\n" * 500,
    "TEST(Cache, Heavy) {\n" + _lines("  check_#(1);", 24) + "\n  done();\n}",
    "\n\nvoid g() {\n  run();\n}\n}  // namespace b\n",
)
ONE_CHARACTER = (
    "",
    "fn size(n: u32) -> u8 {\n    match n {\n"
    + _lines('        0 => {\n            put("#");\n            3\n        }', 9)
    + "\n    }\n}",
    "\n",
)
ENDS_ON_ITS_LINE = (
    "module Rack\n  ",
    "class NullLogger\n" + _lines("    def #? ; end", 28) + "\n  end",
    "\nend\n",
)
LEFT_EDGE = (
    "class A:\n    ",
    "def f(self, x):\n" + _lines("    self.#(x)", 30),
    "\n\n    def g(self):\n        return 1\n",
)


@pytest.mark.parametrize(
    ("language", "before", "truth", "after"),
    [
        pytest.param("cpp", *CLOSED_BY_A_NAMESPACE, id="a namespace that began far above"),
        pytest.param("rust", *ONE_CHARACTER, id="a part of one character"),
        pytest.param("ruby", *ENDS_ON_ITS_LINE, id="methods that end on their line"),
    ],
)
async def test_accepting_on_leads_to_the_end(
    language: str, before: str, truth: str, after: str
) -> None:
    document, parts, requests = await _accepted(language, before, after, truth)
    assert document == before + truth + after
    assert requests == 1
    assert max(part.count("\n") for part in parts) <= SHOWN_LINES
    assert len(parts) <= truth.count("\n") // 10


async def test_what_was_moved_into_its_columns_goes_on_in_them() -> None:
    before, truth, after = LEFT_EDGE
    document, _, requests = await _accepted("python", before, after, truth)
    assert document == before + truth.replace("\n    ", "\n        ") + after
    assert requests == 1


async def _accepted(
    language: str, before: str, after: str, said: str
) -> tuple[str, list[str], int]:
    """The document after all that is shown was accepted, the parts, and the requests it took."""
    provider = ScriptedProvider(said, "", "")
    clock = ManualClock().as_clock()
    completer = CompletionEngine(SETTINGS, fim=provider, local=None, clock=clock)
    text, offset = before + after, len(before)
    parts: list[str] = []
    try:
        while len(text) < len(before + said + after) * 2:
            snapshot = Snapshot("file:///a", len(parts) + 1, language, Text.of(text))
            found = await completer.complete(CompletionRequest(snapshot=snapshot, offset=offset))
            await settle()
            if not found or len(provider.calls) > 1:
                break
            span, part = found[0].span, found[0].text
            text = text[: span.start] + part + text[span.end :]
            offset = span.start + len(part)
            parts.append(part)
            if text.startswith(before + said) or text.count("\n") >= (before + said + after).count(
                "\n"
            ):
                break
    finally:
        await completer.close()
    return text, parts, len(provider.calls)
