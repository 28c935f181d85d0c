from __future__ import annotations

import pytest

from devstral_lsp.config.refactor_settings import CustomAction, RefactorSettings
from devstral_lsp.refactor.registry import actions_for, collect_offers
from devstral_lsp.refactor.types import NamePolicy
from tests.refactor.actions.marked import Files, selection

FUNCTION = "x = 1\n\ndef f(a):\n    return│ a\n"


def own(**told: object) -> RefactorSettings:
    made = CustomAction(**{"title": "Translate", "prompt": "To French.", **told})  # type: ignore[arg-type]
    return RefactorSettings(actions=(made,))


def touched(settings: RefactorSettings, marked: str, language: str = "python") -> list[str]:
    chosen = selection(marked, language)
    found = collect_offers(chosen, actions=actions_for(settings))
    return [
        chosen.snapshot.text.slice(each.span.start, each.span.end)
        for each in found
        if each.action == "own_translate"
    ]


@pytest.mark.parametrize(
    ("told", "marked", "language", "expected"),
    [
        ({}, FUNCTION, "python", ["def f(a):\n    return a"]),
        ({}, "a = 1\n\n│b = 2\n", "python", ["b = 2"]),
        ({}, "a = 1\n│\nb = 2\n", "python", []),
        ({"scope": "file"}, "a = 1\n│\nb = 2\n", "python", ["a = 1\n\nb = 2\n"]),
        ({"languages": ("go",)}, FUNCTION, "python", []),
        ({"languages": ("javascript",)}, "│a\nb│\n", "javascriptreact", ["a\nb"]),
        ({"languages": ("plaintext",)}, "│a\nb│\n", "plaintext", ["a\nb"]),
        ({"languages": ("plaintext",)}, "│a\nb│\n", "zig", []),
    ],
)
def test_where_it_is_offered(
    told: dict[str, object], marked: str, language: str, expected: list[str]
) -> None:
    assert touched(own(**told), marked, language) == expected


def test_the_prompt_s_variables() -> None:
    settings = own(prompt="{{x}} {language} in {path}: {names}", kind="quickfix")
    chosen = selection("│def f(a):\n    return a\n\ndef g(a):\n    return a│\n")
    action = actions_for(settings)["own_translate"]
    (offer,) = [each for each in collect_offers(chosen, actions={"own_translate": action})]
    model_task = action.model_task(offer, chosen.snapshot, Files("src/m.py"))
    assert model_task.instruction == "{x} Python in src/m.py: f, g"
    assert model_task.names is NamePolicy.CHANGED
    assert offer.kind == "quickfix"


def test_within_a_function_its_name_is_the_one() -> None:
    settings = own(prompt="{names}")
    action = actions_for(settings)["own_translate"]
    chosen = selection("def f(a):\n│    b = a\n    c = b│\n    return c\n")
    (offer,) = collect_offers(chosen, actions={"own_translate": action})
    assert action.model_task(offer, chosen.snapshot, Files()).instruction == "f"


def test_of_two_with_the_same_title_the_first_counts() -> None:
    first = CustomAction(title="A b", prompt="one")
    second = CustomAction(title="a B", prompt="two", kind="refactor")
    actions = actions_for(RefactorSettings(actions=(first, second)))
    assert actions["own_a_b"].kind == "refactor.rewrite"
