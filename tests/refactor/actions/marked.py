"""Selections in short texts: `│` stands at both ends of one, or alone for a cursor."""

from __future__ import annotations

from collections.abc import Sequence

from devstral_lsp.languages import file_extension
from devstral_lsp.refactor.actions import ACTIONS
from devstral_lsp.refactor.selection_context import SelectionContext
from devstral_lsp.refactor.types import ActionOffer, ModelTask, RefactorSelection
from devstral_lsp.text import Snapshot, Span, Text

MARK = "│"


class Files:
    """A project whose files are a list."""

    def __init__(self, path: str = "src/pkg/module.py", *files: str) -> None:
        self.path = path
        self._files = files

    def has(self, path: str) -> bool:
        return any(each == path or each.startswith(f"{path}/") for each in self._files)


def selection(
    marked: str, language: str = "python", *, automatic: bool = False
) -> RefactorSelection:
    """The selection that the marks show."""
    head, *rest = marked.split(MARK)
    assert 1 <= len(rest) <= 2, "one mark or two"
    start, text = len(head), "".join([head, *rest])
    end = start + len(rest[0]) if len(rest) == 2 else start
    uri = f"file:///project/src/pkg/module{file_extension(language)}"
    snapshot = Snapshot(uri, 1, language, Text.of(text))
    return RefactorSelection(snapshot, Span(start, end), automatic=automatic)


def offers(name: str, marked: str, language: str = "python") -> Sequence[ActionOffer]:
    """What one action offers where the user asks."""
    return ACTIONS[name].offers(SelectionContext(selection(marked, language)))


def titles(name: str, marked: str, language: str = "python") -> list[str]:
    """The titles of what it offers and can do."""
    return [offer.title for offer in offers(name, marked, language) if not offer.disabled]


def touched(name: str, marked: str, language: str = "python") -> str:
    """What the edit of its one offer may touch."""
    (offer,) = offers(name, marked, language)
    return selection(marked, language).snapshot.text.slice(offer.span.start, offer.span.end)


def model_task(
    name: str, marked: str, language: str = "python", project: Files | None = None
) -> ModelTask:
    """What is asked for its one offer."""
    (offer,) = offers(name, marked, language)
    snapshot = selection(marked, language).snapshot
    return ACTIONS[name].model_task(offer, snapshot, project or Files())
