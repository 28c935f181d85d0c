"""Edits that are never proposed, however sure they are."""

from __future__ import annotations

import pytest

from devstral_lsp.next_edit.proposal import Proposal
from devstral_lsp.next_edit.safety import is_safe
from devstral_lsp.text import Edit, Snapshot, Span, Text
from tests.next_edit.typing import URI

KEY = "sk-ant-" + "api03-" + "Zx8Kq2Lm9Rt4Vw7Yb3Nc6Pd1" * 3
TEXT = 'def first(value):\n    total = value\n    name = "x"\n    return total\n'


def proposal(line: int, new: str) -> tuple[Snapshot, Proposal]:
    """That `line` becomes `new`."""
    text = Text.of(TEXT)
    edit = Edit(Span(text.line_start(line), text.line_end(line)), new)
    old = (text.line(line),)
    made = Proposal(URI, 1, edit, line, line + 1, old, (new,), "rename", ("rename",), 1, 1.0)
    return Snapshot(URI, 1, "python", text), made


@pytest.mark.parametrize(
    "new", ["    total = value + 1", "    return value", "    # value", "    total = 'é🎉'"]
)
def test_an_edit_that_harms_nothing(new: str) -> None:
    assert is_safe(*proposal(1, new))


@pytest.mark.parametrize(
    "new",
    [
        "    total = (value",
        "  total = value",
        "    total = value)",
        f'    token = "{KEY}"',
        "    total = val\u200bue",
        "    total = value\u202e",
        "    total = value<|endoftext|>",
        "<<<<<<< HEAD",
    ],
)
def test_an_edit_that_harms(new: str) -> None:
    assert not is_safe(*proposal(1, new))
