"""Where an editor's files are taken to lie."""

from __future__ import annotations

from pathlib import Path

import pytest

from devstral_lsp.cli.setup.editors import setup_of


@pytest.mark.parametrize(
    ("editor", "there", "targets"),
    [
        ("emacs", [], [".emacs.d/devstral/devstral.el", ".emacs.d/init.el"]),
        (
            "emacs",
            [".config/emacs/"],
            [".config/emacs/devstral/devstral.el", ".config/emacs/init.el"],
        ),
        ("emacs", [".emacs.d/", ".emacs"], [".emacs.d/devstral/devstral.el", ".emacs"]),
        ("emacs", [".emacs", ".emacs.el"], [".emacs.d/devstral/devstral.el", ".emacs.el"]),
        ("vim", [], [".vimrc"]),
        ("vim", [".vim/vimrc"], [".vim/vimrc"]),
    ],
)
def test_the_files_that_are_there_are_taken(
    tmp_path: Path, editor: str, there: list[str], targets: list[str]
) -> None:
    for each in there:
        path = tmp_path / each
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir() if each.endswith("/") else path.touch()
    found = [each.target for each in setup_of(editor, {"HOME": str(tmp_path)}).steps]
    assert found == [tmp_path / each for each in targets]


def test_other_folders_can_be_named(tmp_path: Path) -> None:
    environ = {"HOME": "/nowhere", "XDG_CONFIG_HOME": str(tmp_path)}
    (step,) = setup_of("helix", environ).steps
    assert step.target == tmp_path / "helix" / "languages.toml"
