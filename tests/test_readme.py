"""README.md documents the settings that there are."""

from __future__ import annotations

from pathlib import Path

from devstral_lsp.config.table import END, START, table

README = Path(__file__).parent.parent / "README.md"


def test_readme_holds_the_table_of_settings() -> None:
    text = README.read_text(encoding="utf-8")
    assert (text.count(START), text.count(END)) == (1, 1)
    shown = text.partition(START)[2].partition(END)[0]
    assert shown.strip() == table(), "paste the output of `python -m devstral_lsp.config.table`"
