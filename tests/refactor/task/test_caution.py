"""Which links make a file one that others run, and that looking for them costs little."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from devstral_lsp.refactor.task.caution import MAX_LINKS, caution_of, caution_of_link
from tests.support.looks import looked_at


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    (root / "tools").mkdir(parents=True)
    (root / "tools/run.py").write_text("x = 1\n")
    return root


@pytest.mark.parametrize(
    ("link", "target", "reason"),
    [
        (".husky", "tools", "hook"),
        ("tools/conftest.py", "run.py", "pytest"),
        ("conftest.py", "../root/tools/run.py", "pytest"),
        ("plain.py", "tools/run.py", ""),
        ("conftest.py", "tools/other.py", ""),
        ("conftest.py", "conftest.py", "cannot be followed"),
    ],
)
def test_a_link_to_the_file(root: Path, link: str, target: str, reason: str) -> None:
    (root / link).symlink_to(target)
    caution = caution_of(root / "tools/run.py", root, "x = 1\n")
    assert reason in caution
    assert bool(reason) == bool(caution)


def test_no_link_is_followed_out_of_the_folder(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """To look at /net/host mounts it, which may take minutes."""
    (root / "hop").symlink_to("/net/evil.example/hop")
    for name, target in (
        ("conftest.py", "/net/evil.example/share/run.py"),
        (".husky", "hop/tools"),
        ("tools/setup.py", "../../../../../../../../../../net/evil.example/run.py"),
    ):
        (root / name).symlink_to(target)
    looked = looked_at(monkeypatch)
    assert caution_of(root / "tools/run.py", root, "x = 1\n") == ""
    assert "out of the folder" in caution_of_link(root / "conftest.py", root)
    assert [each for each in looked if each.startswith("/net")] == []
    assert looked


def test_a_bounded_number_of_links_is_followed(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be told for want of work is told to the user."""
    for index in range(MAX_LINKS * 3):
        (root / f"link{index}").symlink_to("tools/other.py")
    looked = looked_at(monkeypatch)
    assert caution_of(root / "tools/run.py", root, "x = 1\n") == ""
    for index in range(MAX_LINKS * 3):
        (root / f".link{index}").symlink_to("tools/other.py")
    assert "more links" in caution_of(root / "tools/run.py", root, "x = 1\n")
    assert len(looked) < MAX_LINKS * 20


def test_links_that_multiply_each_others_way(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each step of a chain has a thousand names."""
    for index in range(30):
        (root / f".chain{index}").symlink_to("tools/../" * 400 + f".chain{index + 1}")
    looked = looked_at(monkeypatch)
    assert caution_of(root / "tools/run.py", root, "x = 1\n")
    assert len(looked) < 50_000


def test_a_folder_of_which_a_part_is_looked_through(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("devstral_lsp.refactor.task.caution.MAX_ENTRIES", 20)
    assert caution_of(root / "tools/run.py", root, "x = 1\n") == ""
    for index in range(20):
        (root / f"a{index}").touch()
    assert "more files" in caution_of(root / "tools/run.py", root, "x = 1\n")


def test_where_a_document_leads(root: Path, tmp_path: Path) -> None:
    (root / "conftest.py").write_text("x = 1\n")
    (tmp_path / "linked").symlink_to(root)
    for name, target, reason in (
        ("in.py", "tools/run.py", ""),
        ("sly.py", "conftest.py", "pytest"),
        ("out.py", "../elsewhere.py", "out of the folder"),
        ("loop.py", "loop.py", "is not known"),
        ("pipe.py", "/dev/zero", "out of the folder"),
    ):
        (root / name).symlink_to(target)
        for opened in (root, tmp_path / "linked"):
            caution = caution_of_link(opened / name, opened)
            assert reason in caution
            assert bool(reason) == bool(caution)
    assert caution_of_link(root / "new.py", root) == ""
    assert caution_of_link(tmp_path / "beside.py", root) == ""
    assert os.path.islink(root / "loop.py")
