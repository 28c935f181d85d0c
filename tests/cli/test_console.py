"""What rich draws has colours of ours and nothing else that a terminal would obey."""

from __future__ import annotations

import re

import pytest
from rich.markdown import Markdown
from rich.table import Table
from rich.text import Text

from devstral_lsp.cli.console import ProgressBar, console
from tests.cli.test_terminal import HOSTILE

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def _shown(text: str) -> str:
    """Without colours and line ends."""
    return _COLOUR.sub("", text).replace("\n", "")


def _table() -> Table:
    table = Table.grid()
    table.add_row(Text(HOSTILE, "bold"), HOSTILE)
    return table


DRAWN = {
    "a text": Text(HOSTILE, "bold"),
    "a string": f"[bold]{HOSTILE.replace('[', '')}[/]",
    "a table": _table(),
    "markdown": Markdown(
        f"# {HOSTILE}\n\n[a](https://a.example) `{HOSTILE}`\n\n```\n{HOSTILE}\n```"
    ),
}


@pytest.mark.parametrize("drawn", DRAWN.values(), ids=DRAWN)
def test_only_colours_come_out(capsys: pytest.CaptureFixture[str], drawn: object) -> None:
    console().print(drawn)
    shown = capsys.readouterr().out
    assert "\x1b[" in shown
    assert _shown(shown).isprintable()


def test_a_progress_bar_shows_words_on_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    bar = ProgressBar(1)
    bar.describe(f"a\n{HOSTILE}")
    bar.advance()
    bar.stop()
    assert "\x1b[2J" not in capsys.readouterr().err
