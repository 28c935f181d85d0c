"""The user's own actions: checked one by one, and gathered from all layers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from devstral_lsp.config.merge import ResolvedSettings, SettingsLayer, resolve
from devstral_lsp.config.readers import read_editor_settings, read_environment, read_project_file
from devstral_lsp.config.setting_spec import Layer

GOOD = {"title": "Translate comments", "prompt": "Translate the comments to English."}


def resolved(*layers: tuple[Layer, object]) -> ResolvedSettings:
    return resolve(
        [SettingsLayer(layer, layer.value, {"refactor.actions": raw}) for layer, raw in layers]
    )


def sentence(entry: Mapping[str, object]) -> str:
    """What is wrong with the second of two entries. The first one counts nevertheless."""
    result = resolved((Layer.USER, [GOOD, entry]))
    assert [each.title for each in result.settings.refactor.actions] == ["Translate comments"]
    (problem,) = result.problems
    return problem.sentence


def test_what_need_not_be_said() -> None:
    (action,) = resolved((Layer.USER, [GOOD])).settings.refactor.actions
    assert (action.kind, action.languages, action.scope) == ("refactor.rewrite", (), "selection")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"title": ""}, "entry 2 needs a `title`"),
        ({"title": "a\nb"}, "entry 2 needs a `title`"),
        ({"title": "x" * 81}, "entry 2 needs a `title`"),
        ({"title": None}, "entry 2 needs `title`."),
        ({"prompt": " "}, 'entry 2 ("Sort") needs a `prompt`'),
        ({"prompt": "In {langauge}"}, 'entry 2 ("Sort") has a `prompt` with an unknown variable'),
        ({"prompt": "In {}"}, "with an unknown variable"),
        ({"prompt": "In {language.name}"}, "with an unknown variable"),
        ({"prompt": "In {path!r}"}, "with an unknown variable"),
        ({"prompt": "In {path:>99}"}, "with an unknown variable"),
        ({"prompt": "In {path:{names}}"}, "with an unknown variable"),
        ({"prompt": "A { brace"}, "an unbalanced brace"),
        ({"kind": "refactoring"}, 'entry 2 ("Sort") needs a `kind`'),
        ({"kind": "refactor."}, "needs a `kind`"),
        ({"kind": ""}, "needs a `kind`"),
        ({"scope": "project"}, '`scope` must be one of "selection", "file"'),
        ({"languages": 3}, "`languages` must be a list of strings"),
        ({"promt": "x"}, "Did you mean `prompt`?"),
    ],
)
def test_what_is_wrong_is_told_and_the_others_count(change: dict[str, object], words: str) -> None:
    assert words in sentence({"title": "Sort", "prompt": "Sort.", **change})


def test_a_title_that_might_be_a_key_is_not_repeated() -> None:
    key = "aB3" * 10 + "xY"
    assert key not in sentence({"title": key, "prompt": "{x}"})


@pytest.mark.parametrize(
    "change",
    [
        {"prompt": "{language} {path} {names} {{x}}"},
        {"kind": "quickfix"},
        {"kind": "source.sort-members"},
        {"kind": "refactor.rewrite.mine"},
        {"scope": "file", "languages": ["python", "go"]},
    ],
)
def test_what_is_right(change: dict[str, object]) -> None:
    assert resolved((Layer.USER, [{**GOOD, **change}])).problems == ()


def test_all_layers_add_their_own() -> None:
    titled = [[{**GOOD, "title": layer.value}] for layer in list(Layer)[1:]]
    result = resolved(*zip(list(Layer)[1:], titled, strict=True))
    titles = [each.title for each in result.settings.refactor.actions]
    assert titles == ["user file", "environment", "editor", "project file"]
    assert result.problems == ()


@pytest.mark.parametrize("raw", ["Sort.", {"title": "Sort"}, 3])
def test_no_list_is_no_action(raw: object) -> None:
    result = resolved((Layer.USER, [GOOD]), (Layer.EDITOR, raw))
    assert len(result.settings.refactor.actions) == 1
    assert "must be a list of tables" in result.problems[0].sentence


def test_in_a_file_in_the_environment_and_from_an_editor(tmp_path: Path) -> None:
    (tmp_path / ".devstral.toml").write_text(
        '[[refactor.actions]]\ntitle = "One"\nprompt = "a"\n'
        '[[refactor.actions]]\ntitle = "Two"\nprompt = "b"\n'
    )
    told = read_environment({"DEVSTRAL_REFACTOR_ACTIONS": '[{"title": "Three", "prompt": "c"}]'})
    said = read_editor_settings(
        {"devstral": {"refactor": {"actions": [{"title": "Four", "prompt": "d"}]}}}
    )
    result = resolve([told, said, read_project_file([tmp_path])])
    assert [each.title for each in result.settings.refactor.actions] == [
        "Three", "Four", "One", "Two",
    ]  # fmt: skip
    assert result.problems == ()
