"""What git ignores, asked file by file."""

from __future__ import annotations

from pathlib import Path

import pytest

from devstral_lsp.context.gitignore import is_ignored
from tests.context.asking import write

IGNORE = {
    ".git/info/exclude": "notes.py\n",
    ".gitignore": "*.gen.py\nbuild/\n/top.py\n",
    "lib/.gitignore": "!keep.gen.py\nlocal.py\n",
}


@pytest.mark.parametrize(
    ("name", "ignored"),
    [
        ("a.py", False),
        ("a.gen.py", True),
        ("lib/a.gen.py", True),
        ("lib/keep.gen.py", False),
        ("lib/local.py", True),
        ("local.py", False),
        ("build/a.py", True),
        ("lib/build/deep/a.py", True),
        ("top.py", True),
        ("lib/top.py", False),
        ("notes.py", True),
        ("node_modules/x/index.js", True),
        (".env", True),
    ],
)
def test_as_git_has_it(tmp_path: Path, name: str, ignored: bool) -> None:
    write(tmp_path, IGNORE)
    assert is_ignored(tmp_path / name, [tmp_path]) is ignored


def test_the_files_above_a_workspace_folder_count_too(tmp_path: Path) -> None:
    write(tmp_path, IGNORE)
    assert is_ignored(tmp_path / "lib/a.gen.py", [tmp_path / "lib"])


def test_a_changed_ignore_file_is_read_again(tmp_path: Path) -> None:
    write(tmp_path, {".gitignore": "a.py\n"})
    assert is_ignored(tmp_path / "a.py", [tmp_path])
    write(tmp_path, {".gitignore": "another.py\n"})
    assert not is_ignored(tmp_path / "a.py", [tmp_path])


def test_nothing_outside_of_the_roots(tmp_path: Path) -> None:
    write(tmp_path, {"in/a.py": "", "out/b.py": ""})
    (tmp_path / "in/link.py").symlink_to(tmp_path / "out/b.py")
    roots = [tmp_path / "in"]
    assert not is_ignored(tmp_path / "in/a.py", roots)
    assert is_ignored(tmp_path / "out/b.py", roots)
    assert is_ignored(tmp_path / "in/../out/b.py", roots)
    assert is_ignored(tmp_path / "in/link.py", roots), "links are followed before it is decided"


def test_a_private_name_on_either_side_of_a_link_is_enough(tmp_path: Path) -> None:
    write(tmp_path, {"notes.py": "", "secrets.py": ""})
    (tmp_path / "credentials.py").symlink_to(tmp_path / "notes.py")
    (tmp_path / "link.py").symlink_to(tmp_path / "secrets.py")
    ignored = [is_ignored(path, [tmp_path]) for path in sorted(tmp_path.iterdir())]
    assert ignored == [True, True, False, True]
