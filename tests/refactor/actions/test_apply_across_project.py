from __future__ import annotations

import pytest

from devstral_lsp.refactor.actions.apply_across_project import ACTION
from devstral_lsp.refactor.selection_context import SelectionContext
from devstral_lsp.refactor.types import RefactorRefused
from devstral_lsp.server import project_task
from tests.refactor.actions.marked import selection, titles

NAME = "apply_across_project"
COMMENT = "# devstral: rename `f` to `walk`│\ndef f(n):\n    return f(n)\n"


def test_offered_for_a_comment_that_asks_for_something() -> None:
    assert titles(NAME, COMMENT, "python") == ["Apply across the project: rename `f` to `walk`"]


@pytest.mark.parametrize("marked", ["x = │1\n", "# TODO: later│\nx = 1\n", "# noqa│\n"])
def test_not_offered_elsewhere(marked: str) -> None:
    assert titles(NAME, marked, "python") == []


def test_not_offered_unasked() -> None:
    assert ACTION.offers(SelectionContext(selection(COMMENT, "python", automatic=True))) == ()


def test_the_model_is_told_what_to_do_with_the_comment() -> None:
    (offer,) = ACTION.offers(SelectionContext(selection(COMMENT, "python")))
    assert offer.argument.startswith("rename `f` to `walk`")
    assert "Remove that comment" in offer.argument


def test_it_is_no_refactor_of_a_span() -> None:
    place = SelectionContext(selection(COMMENT, "python"))
    (offer,) = ACTION.offers(place)
    with pytest.raises(RefactorRefused):
        ACTION.model_task(offer, place.selection.snapshot, NoProject())


def test_the_server_knows_it_by_its_name() -> None:
    assert ACTION.name == project_task.ACTION


class NoProject:
    path = "a.py"

    def has(self, path: str) -> bool:
        return False
