"""README.md and docs/ document the settings, commands and editors that there are, and lead there.

README stays short: whoever wants more than a start finds it in docs/.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from devstral_lsp.cli.main import COMMANDS
from devstral_lsp.cli.setup.editors import editors
from devstral_lsp.config.merge import resolve
from devstral_lsp.config.readers import USER_FILE_VARIABLE, read_user_file

PROJECT = Path(__file__).parent.parent
README = PROJECT / "README.md"
DOCS = sorted((PROJECT / "docs").glob("**/*.md"))
PAGES = [README, *DOCS]
MAX_README_BYTES = 9_000


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def section(title: str) -> str:
    """What stands below a heading of README of the second rank, up to the next one."""
    _, found, rest = text_of(README).partition(f"\n## {title}\n")
    assert found, title
    return rest.partition("\n## ")[0]


def settings_examples() -> list[str]:
    """The blocks of TOML, but for those that belong to an editor or to another tool."""
    pages = [README, *(page for page in DOCS if page.parent.name == "docs")]
    blocks = re.findall(
        r"^```toml\n(.*?)^```", "\n".join(map(text_of, pages)), re.DOTALL | re.MULTILINE
    )
    return [block for block in blocks if "language-server" not in block]


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", text_of(page), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def is_dead(page: Path, target: str) -> bool:
    """Whether a link of a page to a file or heading of the project leads nowhere."""
    path, _, anchor = target.partition("#")
    file = (page.parent / path).resolve() if path else page
    if not file.is_file():
        return True
    return bool(anchor) and anchor not in anchors(file)


def test_readme_is_short() -> None:
    assert len(README.read_bytes()) <= MAX_README_BYTES


def test_the_settings_page_holds_the_table_of_settings() -> None:
    command = [sys.executable, str(PROJECT / "docs" / "generate.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_docs_have_examples_of_settings() -> None:
    assert len(settings_examples()) > 5


@pytest.mark.parametrize("example", settings_examples())
def test_every_example_of_settings_is_right(tmp_path: Path, example: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(example, encoding="utf-8")
    resolved = resolve([read_user_file({USER_FILE_VARIABLE: str(path)})])
    assert [problem.sentence for problem in resolved.problems] == []


def test_readme_names_every_command_and_no_other() -> None:
    named = re.findall(r"^\| `devstral-lsp ?([a-z]*)", section("Commands"), re.MULTILINE)
    assert sorted(each or "serve" for each in named) == sorted(COMMANDS)


def test_readme_names_every_editor_that_init_knows() -> None:
    listed = section("Editors").partition("EDITOR is ")[2].partition(";")[0]
    assert re.findall(r"`([a-z-]+)`", listed) == list(editors())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_within_the_project_leads_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:)([^)]+)\)", text_of(page))
    assert [target for target in targets if is_dead(page, target)] == []


@pytest.mark.parametrize("page", DOCS, ids=lambda page: page.name)
def test_readme_leads_to_every_page(page: Path) -> None:
    assert f"({page.relative_to(PROJECT).as_posix()})" in text_of(README)


def test_the_files_that_the_architecture_names_are_there() -> None:
    """But for the example of a language that is added."""
    files = {
        path.relative_to(PROJECT).as_posix()
        for room in ("devstral_lsp", "tests", "docs", "editors", "benchmarks")
        for path in (PROJECT / room).rglob("*.py")
    }
    named = set(re.findall(r"[\w/]+\.py", text_of(PROJECT / "docs" / "architecture.md")))
    missing = [name for name in named if not any(f"/{each}".endswith(f"/{name}") for each in files)]
    assert missing == ["devstral_lsp/languages/zig.py"]
