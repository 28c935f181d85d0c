"""What is left of a model's Markdown loads nothing, runs nothing and shows where its links lead.

Held against another parser: markdown-it-py, which reads CommonMark as VS Code's preview does.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from devstral_lsp.refactor.safe_markdown import safe_markdown

_PARSER = MarkdownIt("commonmark", {"html": True}).enable("table").enable("strikethrough")

HARMLESS = {
    "headings and emphasis": "# Title\n\nSome *emphasis* and **more**.\n\n- one\n- two",
    "code": "Calls `handlers[i](event)` and `Vec<String>::new()`, then `a | b`.",
    "a code block": "Before.\n\n```python\nx[i](y)\nprint('<b>')\n```\n\nAfter.",
    "comparisons": "If a < b and c > d, it costs $5 in `$PATH`.",
    "a table": "| a | b |\n|---|---|\n| 1 | `x` |",
    "an address": "See <https://docs.example/a?b=c> and https://docs.example.",
    "a quote": "> It says so.",
}


@pytest.mark.parametrize("text", HARMLESS.values(), ids=HARMLESS)
def test_harmless_text_stays(text: str) -> None:
    assert safe_markdown(text) == text


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("[docs](https://a.example/x)", "docs <https://a.example/x>"),
        ('[docs](<https://a.example/x> "A title")', "docs <https://a.example/x>"),
        (
            "[https://good.example](https://bad.example)",
            "https://good.example <https://bad.example>",
        ),
        ("![](https://a.example/?q=key)", "<https://a.example/?q=key>"),
        ("[x](command:y)", r"[x]\(command:y)"),
        ("[x][r]\n\n[r]: command:y", "[x]\\[r]\n\n[r]\\: command:y"),
        ("<img src=https://a.example>", r"\<img src=https://a.example>"),
        ("<command:y>", r"\<command:y>"),
        ("- a\n  ```py\n  b[i](c)\n  ```", "- a\n\n```py\nb[i](c)\n```"),
        ("a\u202eb \U000e0041 `\x1b[2J`", "a\\u202eb \\U000e0041 `\\x1b[2J`"),
        ("---\ntitle: x\n---\n", "\n---\ntitle: x\n---"),
    ],
)
def test_what_is_rewritten(text: str, safe: str) -> None:
    assert safe_markdown(text) == safe


ATTACKS = {
    "command link": "[run](command:workbench.action.terminal.new)",
    "an entity in the scheme": "[run](comm&#97;nd:x)",
    "an escape in the scheme": r"[run](command\:x)",
    "angle brackets": "[run](<command:x>)",
    "a line within the link": "[run\nit](command:x)",
    "a line before the address": "[run](\ncommand:x\n)",
    "nested brackets": "[a [b] c](command:x)",
    "file link": "[open](file:///etc/passwd)",
    "editor link": "[open](vscode://file/etc/passwd)",
    "relative link": "[open](../../.ssh/id_rsa)",
    "data link": "[open](data:text/html,x)",
    "script link": "[open](javascript:alert(1))",
    "image": "![a](https://a.example/?q=1)",
    "image by reference": "![a][r]\n\n[r]: https://a.example/?q=1",
    "image by its own name": "![a]\n\n[a]: https://a.example/?q=1",
    "definition over lines": "[a]\n\n[a]:\nhttps://a.example\n'title'",
    "image in a link": "[![a](https://a.example/?q=1)](command:x)",
    "image on a share": r"![a](\\a.example\share\x.png)",
    "image without a scheme": "![a](//a.example/x.png)",
    "html image": "<img src='https://a.example/?q=1'>",
    "html over lines": "<a\nhref='command:x'>run</a>",
    "html comment": "<!-- x --><b>",
    "html block": "<div>\n\n[x](command:y)\n\n</div>",
    "code that is open": "`code [x](command:y)",
    "code over lines": "`foo\n` [x](command:y) `",
    "code that is escaped": r"\` [x](command:y) `",
    "code of two lengths": "`` ` [x](command:y) ` ``` ``",
    "code in a table": "| a ` | [x](command:y) | ` |\n|---|---|---|",
    "code in a formula": "$`$ ![x](https://a.example) `",
    "a block in a formula": "$$\n```\n$$\n![x](https://a.example)\n```",
    "a block that is closed in a list": "- ```\n  ```\n[x](command:y)\n```",
    "a block in a list that ends": "- ```\n[x](command:y)\n```",
    "a block in a quote that ends": "> ```\n[x](command:y)\n```",
    "a block of tildes": "~~~ a`b\n~~~\n[x](command:y)\n~~~",
    "a block of tildes in a list": "- ~~~\n  ~~~\n\n  ```\n[x](command:y)\n```",
    "a block that is no block": "``` a`b\n[x](command:y)\n```",
    "a block in front matter": "---\n```\n---\n[x](command:y)\n```",
    "a longer fence within": "```\n````\n```\n[x](command:y)",
    "a carriage return": "```\rcode\r```\r[x](command:y)",
    "an autolink with a backtick": "<https://a`> [x](command:y) `",
    "a hidden scheme": "[x](comm\u200band:y) [x](\u202ecommand:y)",
}


@pytest.mark.parametrize("text", ATTACKS.values(), ids=ATTACKS)
def test_nothing_loads_runs_or_misleads(text: str) -> None:
    for around in (text, f"Some words.\n\n{text}\n\nMore.", f"- one\n- {text}", f"> {text}"):
        assert list(_dangers(safe_markdown(around))) == []


_PIECES = st.sampled_from(
    ["`", "``", "```", "~~~", "\n", "\n\n", "    ", "  ", "- ", "> ", "1. ", "|", "|---|\n", "\\",
     "[x](command:y)", "![x](https://a.example/?q)", "[r]: command:y\n", "[x][r]", "]", "[", "(",
     "<a href='command:y'>", "<!--", "-->", "<https://a.example>", "$", "$$", "---\n", "# ", "a",
     "[x](https://a.example)", "<b>", "\r", "*", "\t"]
)  # fmt: skip


@settings(max_examples=400, deadline=None, derandomize=True)
@given(st.lists(_PIECES, max_size=16).map("".join))
def test_whatever_the_pieces(text: str) -> None:
    made = safe_markdown(text)
    assert list(_dangers(made)) == [], made


@pytest.mark.parametrize(
    "piece",
    ["[", "](", "`", "` ``", "<a ", "<https://", "![", "[](https://", "``` ", "$", "~", "|-", "\\",
     "` <a ", "`](", "- ```\n", "\n", "~~~\n"],
)  # fmt: skip
def test_long_text_takes_no_longer_than_its_length(piece: str) -> None:
    began_s = time.perf_counter()
    safe_markdown(piece * (100_000 // len(piece)))
    assert time.perf_counter() - began_s < 5.0, "a hang guard: it takes a fraction of a second"


def _dangers(markdown: str) -> Iterator[str]:
    """What any renderer would make of it, but for links whose text is their address."""
    for seen in _as_renderers_see(markdown):
        for token in _flat(_PARSER.parse(seen)):
            if token.type in ("image", "html_block", "html_inline"):
                yield f"{token.type}: {token.content}"
            href = str(token.attrs.get("href", ""))
            is_seen = token.markup == "autolink" and href.startswith(("http://", "https://"))
            if token.type == "link_open" and not is_seen:
                yield f"link to {href}"


def _as_renderers_see(markdown: str) -> Iterator[str]:
    """As it is, and without front matter and formulas, which some read before anything else."""
    yield markdown
    yield re.sub(r"\A---\n.*?\n---(?=\n|\Z)", "", markdown, flags=re.DOTALL)
    yield re.sub(r"(?<!\\)\$(?=\S)[^$\n]+(?<=\S)\$", "x", markdown)
    yield re.sub(r"^\$\$.*?\$\$", "x", markdown, flags=re.DOTALL | re.MULTILINE)


def _flat(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _flat(token.children or [])
