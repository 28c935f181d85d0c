"""The project's own rules, as they are quoted to a model."""

from __future__ import annotations

from pathlib import Path

import pytest

from devstral_lsp.providers.base import Notice
from devstral_lsp.refactor.conventions import MAX_LENGTH, conventions_of


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
    assert len(said) <= MAX_LENGTH
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


@pytest.mark.parametrize(
    "hidden", ["\U000e0049\U000e0067", "\u202e", "\u200b\u200c", "a\ufe0f", "x\ufeff"], ids=ascii
)
def test_a_file_that_hides_text_is_not_followed_and_the_user_is_told(
    tmp_path: Path, hidden: str
) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "AGENTS.md").write_text("Use tabs.", encoding="utf-8")
    (tmp_path / "inner" / "AGENTS.md").write_text(f"Be kind.{hidden}", encoding="utf-8")
    told: list[Notice] = []
    assert conventions_of(tmp_path / "inner" / "a.py", tmp_path, notify=told.append) == "Use tabs."
    (notice,) = told
    assert "inner/AGENTS.md" in notice.message
    assert "Remove them" in notice.message


def test_emoji_a_byte_order_mark_and_other_scripts_hide_nothing(tmp_path: Path) -> None:
    said = "Be kind 👩\u200d💻 ❤\ufe0f. می\u200cخواهم"
    (tmp_path / "AGENTS.md").write_text(f"\ufeff{said}", encoding="utf-8")
    assert conventions_of(tmp_path / "a.py", tmp_path) == f"\ufeff{said}"


def test_a_layout_that_hides_text_is_left_out(tmp_path: Path) -> None:
    config = "root = true\n[*]\nindent_style = tab\nquote_type = single\U000e0049\n"
    (tmp_path / ".editorconfig").write_text(config, encoding="utf-8")
    said = conventions_of(tmp_path / "a.py", tmp_path)
    assert "indent_style = tab" in said
    assert "quote_type" not in said
