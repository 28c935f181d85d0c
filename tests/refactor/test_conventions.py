"""The project's own rules, as they are quoted to a model."""

from __future__ import annotations

from pathlib import Path

from devstral_lsp.refactor.conventions import LONGEST, conventions_of


def test_the_nearest_rules_count(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    (tmp_path / "AGENTS.md").write_text("Use tabs.\r\nKeep it short.\n")
    assert conventions_of(inner / "a.py", tmp_path) == "Use tabs.\nKeep it short."
    (inner / "AGENTS.md").write_text("Use spaces.\n")
    assert conventions_of(inner / "a.py", tmp_path) == "Use spaces."
    assert conventions_of(tmp_path / "a.py", inner) == ""


def test_the_layout_of_the_file_follows(tmp_path: Path) -> None:
    (tmp_path / "AGENTS.md").write_text("Be kind.")
    (tmp_path / ".editorconfig").write_text("[*.py]\nindent_size = 2\ncharset = utf-8\n")
    said = "Layout of this file (.editorconfig):\nindent_size = 2"
    assert conventions_of(tmp_path / "a.py", tmp_path) == f"Be kind.\n\n{said}"
    assert conventions_of(tmp_path / "a.js", tmp_path) == "Be kind."


def test_long_rules_are_cut_at_a_line(tmp_path: Path) -> None:
    (tmp_path / "AGENTS.md").write_text("One more rule.\n" * 2000)
    said = conventions_of(tmp_path / "a.py", tmp_path)
    assert len(said) <= LONGEST
    assert set(said.splitlines()) == {"One more rule."}


def test_what_git_ignores_or_lies_elsewhere_is_not_quoted(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "diary").write_text("private")
    (root / "AGENTS.md").symlink_to(tmp_path / "diary")
    assert conventions_of(root / "a.py", root) == ""
    (root / "AGENTS.md").unlink()
    (root / "AGENTS.md").write_text("notes")
    (root / ".gitignore").write_text("AGENTS.md\n")
    assert conventions_of(root / "a.py", root) == ""
