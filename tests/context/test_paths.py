"""The name that a model is told for a document."""

from __future__ import annotations

from pathlib import Path

import pytest

from devstral_lsp.context.paths import MAX_FOLDERS, display_path, repository_root, uri_to_path
from tests.support.looks import looked_at


@pytest.mark.parametrize(
    ("uri", "language", "folders", "name"),
    [
        ("file:///w/src/a.py", "python", ["/w"], "src/a.py"),
        ("file:///w/src/a.py", "python", ["/w", "/w/src"], "a.py"),
        ("file:///w/src/a.py", "python", ["/w/src", "/w"], "a.py"),
        ("file:///w/a%20b/%C3%A9.py", "python", ["/w"], "a b/é.py"),
        ("file:///elsewhere/x/a.py", "python", ["/w"], "a.py"),
        ("untitled:Untitled-1", "typescriptreact", ["/w"], "untitled.tsx"),
        ("untitled:Untitled-1", "brainfuck", ["/w"], "untitled"),
        ("vscode-notebook-cell:/w/n.ipynb#W0sZm", "python", ["/w"], "n.py"),
        ("file:///w/a%0A%2B%2B%2B%2B%2B%20b.py", "python", ["/w"], "a +++++ b.py"),
    ],
)
def test_name(uri: str, language: str, folders: list[str], name: str) -> None:
    assert display_path(uri, language, [Path(folder) for folder in folders]) == name


def test_outside_of_all_folders_it_counts_from_the_repository(tmp_path: Path) -> None:
    (tmp_path / "repo/.git").mkdir(parents=True)
    uri = (tmp_path / "repo/lib/a.py").as_uri()
    assert display_path(uri, "python", [Path("/w")]) == "lib/a.py"


def test_a_drive_letter_loses_the_slash_before_it() -> None:
    assert uri_to_path("file:///c%3A/Users/a.py") == Path("c:/Users/a.py")


def test_other_schemes_name_no_file() -> None:
    assert uri_to_path("output:tasks") is None


def test_a_bounded_number_of_folders_is_looked_through(monkeypatch: pytest.MonkeyPatch) -> None:
    looked = looked_at(monkeypatch)
    assert repository_root(Path("/no" * 20_000)) is None
    assert 0 < len(looked) <= MAX_FOLDERS
