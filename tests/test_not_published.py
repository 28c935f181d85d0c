"""Nothing that users get installs `devstral-lsp` by its bare name from a package index.

It is not published. Whoever took the name there would run code on the machines of those who follow
such a command; so commands name a clone, a wheel or a Git URL.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent.parent
WHAT_USERS_GET = ("README.md", "docs", "editors", "devstral_lsp", "benchmarks", ".ci")
NO_TEXT = (".png", ".svg", ".pyc", ".whl", ".vsix")
MADE_BY_TOOLS = {"node_modules", "out", "__pycache__"}

_SPAN = re.compile(r"(?<!`)`[^`\n]*\n[^`\n]*`(?!`)")
_QUOTES = re.compile(r"""["',()\[\]]+""")
_INSTALL = re.compile(
    r"\b(?:pip3?|pipx|uv)(?: +(?:tool|pip))? +(?:install|inject|run|upgrade|add|download)"
    r"((?: +[^\s`;&|]+)+)"
    r"|\buvx((?: +[^\s`;&|]+)+)"
)
_NAME = re.compile(r"devstral[-_.]lsp(?:[=<>~!@.].*)?", re.IGNORECASE)


def commands(text: str) -> Iterator[str]:
    """The commands that would ask an index for our name, in prose, shells and lists of words."""
    on_one_line = _SPAN.sub(lambda span: span[0].replace("\n", " "), text)
    for found in _INSTALL.finditer(_QUOTES.sub(" ", on_one_line)):
        words = (found[1] or found[2]).split()
        if any(_NAME.fullmatch(word) and not word.endswith(".whl") for word in words):
            yield found[0]


def test_nothing_installs_the_bare_name() -> None:
    files = [path for name in WHAT_USERS_GET for path in _texts(PROJECT / name)]
    assert len(files) > 100
    found = {str(path): [*commands(path.read_text(encoding="utf-8"))] for path in files}
    assert {path: each for path, each in found.items() if each} == {}


def _texts(place: Path) -> list[Path]:
    inside = place.rglob("*") if place.is_dir() else [place]
    return [
        path
        for path in inside
        if path.is_file()
        and path.suffix not in NO_TEXT
        and MADE_BY_TOOLS.isdisjoint(path.relative_to(PROJECT).parts)
    ]


@pytest.mark.parametrize(
    "text",
    [
        "pip install devstral-lsp",
        "python3 -m pip install -U devstral-lsp",
        "pip install 'devstral-lsp[keyring]'",
        "pip install devstral_lsp==0.1.0",
        "`pip install jupyterlab-lsp devstral-lsp`, then",
        "`pipx\ninstall devstral-lsp`",
        "Run `pipx install\ndevstral-lsp`.",
        "uv tool install --force devstral-lsp",
        "uv pip install devstral-lsp",
        "uvx devstral-lsp --stdio",
        "pipx run devstral-lsp",
        'commands: [[python, "-m", "pip", "install", "devstral-lsp"]]',
        'run(["uv", "tool", "install", "devstral-lsp>=0.1"])',
    ],
)
def test_a_bare_name_is_seen(text: str) -> None:
    assert [*commands(text)] != []


@pytest.mark.parametrize(
    "text",
    [
        "pipx install .",
        "pipx install ./devstral-lsp",
        "pip install ~/src/devstral-lsp",
        "uv tool install git+https://example.org/devstral-lsp",
        "pipx install server/devstral_lsp-0.1.0-py3-none-any.whl",
        "uv tool install devstral_lsp-0.1.0-py3-none-any.whl",
        "`pip install jupyterlab-lsp .` in a clone of devstral-lsp",
        "uv tool install . && devstral-lsp doctor",
        "pipx install .\ndevstral-lsp doctor",
        "code --install-extension devstral-lsp-0.1.0.vsix",
    ],
)
def test_a_clone_a_wheel_and_a_git_url_are_not(text: str) -> None:
    assert [*commands(text)] == []
