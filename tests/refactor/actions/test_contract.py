"""What holds for every action, at every place, in every language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import devstral_lsp.refactor.actions as folder
from devstral_lsp.languages import registry
from devstral_lsp.refactor.action import Action
from devstral_lsp.refactor.actions import ACTIONS, rewrites
from devstral_lsp.refactor.registry import collect_offers
from devstral_lsp.refactor.selection_context import SelectionContext
from devstral_lsp.refactor.types import (
    ActionOffer,
    Diagnostic,
    ModelTask,
    RefactorRefused,
    RefactorSelection,
)
from devstral_lsp.text import Snapshot, Span, Text
from tests.refactor.actions.marked import Files

KINDS = (
    *("quickfix", "refactor.extract.function", "refactor.extract.class"),
    *("refactor.extract.constant", "refactor.inline", "refactor.rewrite"),
    *("refactor.document", "refactor.test", "refactor.explain", "refactor.review"),
)
LANGUAGES = [*sorted(registry().ids), "typescriptreact", "plaintext", "", "zig"]
PIECES = [
    "def f(a, b=3):\n    for x in a:\n        b.append(x)\n    return 42\n",
    "class A:\n    def run(self):\n        # TODO: do it\n        pass\n",
    "function f(a, cb) {\n  // devstral: shorten\n  get(a, (err, x) => cb(err, x * 17));\n}\n",
    "export class B {\n  constructor() { this.x = new Clock(); }\n  go() { return this.x; }\n}\n",
    "func (t *T) F() int {\n\tx := g(77)\n\treturn x\n}\n",
    "impl A {\n    fn f(&self) { todo!() }\n}\n#[cfg(test)]\nmod tests {\n}\n",
    "class C { int f() { int x = 3; return g(x); } }\n",
    "<?php function f($a) { return 'häßlich'; }\n",
    "/** doc\n * more */\n", "# 😋 what is this about\n", "\n", "    ", "}\n", "\t)", "\r\n", "\r",
    "'''",
    "\ud800", "\x0c", "\u2028", "\0",
]  # fmt: skip

texts = st.lists(st.sampled_from(PIECES) | st.text(max_size=12), max_size=6).map("".join)
offsets = st.integers(-3, 400)


@st.composite
def selections(draw: st.DrawFn) -> RefactorSelection:
    start, end, *others = (draw(offsets) for _ in range(6))
    problems = tuple(
        Diagnostic(Span(at, at + draw(st.integers(0, 9))), f"unknown name 'x{at}'", code="E1")
        for at in others
    )
    snapshot = Snapshot(
        "file:///a/b.txt", 3, draw(st.sampled_from(LANGUAGES)), Text.of(draw(texts))
    )
    return RefactorSelection(
        snapshot,
        Span(start, end),
        diagnostics=problems[:2],
        other_diagnostics=problems[2:],
        automatic=draw(st.booleans()),
    )


def test_every_file_of_the_folder_is_in_the_registry() -> None:
    files = {path.stem for path in Path(folder.__file__).parent.glob("*.py")}
    rows = {each.name for each in vars(rewrites).values() if isinstance(each, Action)}
    assert files - {"__init__", "rewrites"} | rows == set(ACTIONS)


@pytest.mark.parametrize("name", ACTIONS)
def test_an_action_goes_by_its_name(name: str) -> None:
    assert ACTIONS[name].name == name
    assert re.fullmatch(r"[a-z_]+", name)
    assert ACTIONS[name].kind in KINDS


@given(selections())
@settings(max_examples=150, deadline=None)
def test_offers_are_pure_and_what_they_touch_is_whole_lines(selection: RefactorSelection) -> None:
    text = str(selection.snapshot.text)
    for action in ACTIONS.values():
        made = list(action.offers(SelectionContext(selection)))
        assert made == list(action.offers(SelectionContext(selection)))
        for offer in made:
            _check(action, offer, selection.snapshot)
    assert str(selection.snapshot.text) == text


def _check(action: Action, offer: ActionOffer, snapshot: Snapshot) -> None:
    assert offer.action == action.name
    assert offer.kind == action.kind
    assert 0 < len(offer.title) <= 100
    assert offer.title.isprintable()
    text, span = snapshot.text, offer.span
    assert 0 <= span.start <= span.end <= len(text)
    assert span.start == text.line_start(text.line_of(span.start))
    assert span.end == text.line_end(text.line_of(span.end))
    model_task = _model_task(action, offer, snapshot)
    assert model_task is None or len(model_task.instruction) > 40


def _model_task(action: Action, offer: ActionOffer, snapshot: Snapshot) -> ModelTask | None:
    """None where it is refused, in a sentence."""
    sentence = "."
    try:
        return action.model_task(offer, snapshot, Files())
    except RefactorRefused as refused:
        sentence = str(refused)
    assert sentence.endswith(".")
    return None


@given(selections(), st.sampled_from([(), ("quickfix",), ("refactor",), ("source",), ("",)]))
@settings(max_examples=60, deadline=None)
def test_all_together_give_what_is_asked_for(
    selection: RefactorSelection, only: tuple[str, ...]
) -> None:
    for offer in collect_offers(selection, only=only):
        assert not only or offer.kind.startswith(only[0])
        assert not (selection.automatic and offer.disabled)


@given(st.sampled_from(sorted(ACTIONS)), st.text(max_size=20), offsets, offsets)
@settings(max_examples=100, deadline=None)
def test_an_argument_that_somebody_made_up_is_refused_or_read(
    name: str, argument: str, start: int, length: int
) -> None:
    """An offer comes back from the editor and may hold anything."""
    text = Text.of("def f(a):\n    return a\n" * 8)
    span = Span(max(start, 0), max(start, 0) + max(length, 0))
    snapshot = Snapshot("file:///a.py", 1, "python", text)
    offer = ActionOffer(
        action=name, title="", kind=ACTIONS[name].kind, span=span, argument=argument
    )
    model_task = _model_task(ACTIONS[name], offer, snapshot)
    assert model_task is None or model_task.instruction
