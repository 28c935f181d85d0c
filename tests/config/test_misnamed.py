"""Files that were meant as settings files and have another name."""

from __future__ import annotations

from pathlib import Path

import pytest

from devstral_lsp.config.readers import (
    PROJECT_FILE,
    find_misnamed_project_file,
    find_misnamed_user_file,
    read_project_file,
)
from tests.support.looks import looked_at

MEANT = ["config.toml.txt", "Config.toml", "config.tml", "settings.toml", "config", "config.json"]
OTHERS = ["config.toml.bak", "config.toml~", ".config.toml.swp", "history.json", "readme.txt"]


@pytest.mark.parametrize("name", [*MEANT, *OTHERS])
def test_which_files_were_meant_as_the_user_file(name: str, tmp_path: Path) -> None:
    (tmp_path / name).touch()
    found = find_misnamed_user_file(tmp_path / "config.toml")
    assert found == (tmp_path / name if name in MEANT else None)


def test_a_user_file_in_a_folder_of_another_name(tmp_path: Path) -> None:
    (tmp_path / "devstral").mkdir()
    (tmp_path / "devstral" / "config.toml").touch()
    path = tmp_path / "devstral-lsp" / "config.toml"
    assert find_misnamed_user_file(path) == tmp_path / "devstral" / "config.toml"
    assert find_misnamed_user_file(tmp_path / "nowhere" / "at" / "all" / "config.toml") is None


@pytest.mark.parametrize("name", ["devstral.toml", ".devstral.json", ".devstral-lsp.toml"])
def test_which_files_were_meant_as_the_project_file(name: str, tmp_path: Path) -> None:
    (tmp_path / name).touch()
    assert find_misnamed_project_file([tmp_path], PROJECT_FILE) == tmp_path / name
    (problem,) = read_project_file([tmp_path]).problems
    assert f"{tmp_path / name}: the settings in it are not read" in problem.sentence
    (tmp_path / PROJECT_FILE).touch()
    assert read_project_file([tmp_path]).problems == ()


@pytest.mark.parametrize("name", ["devstral.toml", PROJECT_FILE])
def test_a_link_counts_and_is_not_followed(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A clone's author cannot widen by it what a file in its place would have restricted."""
    (tmp_path / name).symlink_to("/net/evil.example/share")
    followed = looked_at(monkeypatch, ("stat", "open", "scandir"))
    (problem,) = read_project_file([tmp_path]).problems
    assert str(tmp_path / name) in problem.sentence
    assert [each for each in followed if each.endswith(name)] == []


def test_what_is_no_file_was_not_meant(tmp_path: Path) -> None:
    (tmp_path / "devstral.toml").mkdir()
    assert find_misnamed_project_file([tmp_path, tmp_path / "a\0b"], PROJECT_FILE) is None
