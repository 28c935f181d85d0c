"""README.md documents the settings, commands and editors that there are, and leads nowhere else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from devstral_lsp.cli.main import COMMANDS
from devstral_lsp.cli.setup.catalog import editors
from devstral_lsp.config.layers import resolve
from devstral_lsp.config.sources import USER_FILE_VARIABLE, user_file
from devstral_lsp.config.table import END, START, table

PROJECT = Path(__file__).parent.parent
TEXT = (PROJECT / "README.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    """What stands below a heading of the second rank, up to the next one."""
    _, found, rest = TEXT.partition(f"\n## {title}\n")
    assert found, title
    return rest.partition("\n## ")[0]


def settings_examples() -> list[str]:
    """The blocks of TOML, but for the one that is Helix' own."""
    blocks = re.findall(r"^```toml\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)
    return [block for block in blocks if "language-server" not in block]


def test_readme_holds_the_table_of_settings() -> None:
    assert (TEXT.count(START), TEXT.count(END)) == (1, 1)
    shown = TEXT.partition(START)[2].partition(END)[0]
    assert shown.strip() == table(), "paste the output of `python -m devstral_lsp.config.table`"


def test_readme_has_examples_of_settings() -> None:
    assert len(settings_examples()) > 3


@pytest.mark.parametrize("example", settings_examples())
def test_every_example_of_settings_is_right(tmp_path: Path, example: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(example, encoding="utf-8")
    resolved = resolve([user_file({USER_FILE_VARIABLE: str(path)})])
    assert [problem.sentence for problem in resolved.problems] == []


def test_readme_names_every_command_and_no_other() -> None:
    named = re.findall(r"^\| `devstral-lsp ?([a-z]*)", section("Commands"), re.MULTILINE)
    assert sorted(each or "serve" for each in named) == sorted(COMMANDS)


def test_readme_names_every_editor_that_init_knows() -> None:
    listed = section("Editors").partition("EDITOR is ")[2].partition(";")[0]
    assert re.findall(r"`([a-z-]+)`", listed) == list(editors())


def test_every_link_within_the_project_leads_somewhere() -> None:
    targets = re.findall(r"\]\((?!https?:)([^)]+)\)", TEXT)
    headings = re.findall(r"^#+ (.+)$", TEXT, re.MULTILINE)
    anchors = {f"#{heading.lower().replace(' ', '-')}" for heading in headings}
    assert "#start" in targets
    lost = [
        target
        for target in targets
        if target not in anchors and (target.startswith("#") or not (PROJECT / target).is_file())
    ]
    assert lost == []
