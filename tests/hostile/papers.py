"""The documents of a hostile session: everything that an editor may have open.

Each holds the word CANARY, which must never appear where no source text may be.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

from tests.hostile.sheet import Sheet

CANARY = "kanarienvogel"

_FUNCTION = (
    f"def total(items):\n    {CANARY} = 0\n    for item in items:\n        {CANARY} += item\n"
    f"    return {CANARY}\n\n\ndef again(items):\n    for item in ite\n"
)
_SCRIPT = f"function {CANARY}(a, b) {{\n\tif (a) {{\n\t\treturn a + b;\n\t}}\n\tfoo()\n}}\n"

TEXTS: dict[str, tuple[str, str]] = {
    "file:///nowhere/unix.py": ("python", _FUNCTION * 3),
    "file:///nowhere/windows.py": ("python", _FUNCTION.replace("\n", "\r\n") * 2),
    "file:///nowhere/old%20mac.js": ("javascript", _SCRIPT.replace("\n", "\r") * 2),
    "file:///nowhere/mixed.ts": (
        "typescript",
        f"const a = 1\r\nconst b = 2\rconst {CANARY} = a + b\n\r\r\n\x0c\u2028\x85\x1cconst d",
    ),
    "file:///nowhere/astral.py": ("python", f'\ufeff# 😀𐐀漢é\n{CANARY} = "😀é😀"; x = f(\n' * 4),
    "file:///nowhere/half.py": ("python", f'x = "\ud83d"\n{CANARY} = "\ude00"\n\ud83d \ude00\n'),
    "file:///nowhere/tabs.go": ("go", f"func {CANARY}() {{\n\tif x {{\n\t\t\n\t}}\n}}\n"),
    "file:///nowhere/large.py": ("python", _FUNCTION * 12_000),
    "file:///nowhere/binary": ("plaintext", f"\0\1\2ELF{CANARY}\ufffd\x7f\r\0" * 400),
    "file:///nowhere/one-line.json": ("json", f'{{"{CANARY}": [' + '"a", ' * 40_000),
    "file:///nowhere/.env": ("plaintext", f"{CANARY}=1\n"),
    "file:///nowhere/empty.rs": ("rust", ""),
    "untitled:Untitled-1": ("markdown", f"# {CANARY}\n\nSome prose, then ```python\nx = \n```\n"),
    "git:/nowhere/unix.py?ref": ("python", _FUNCTION),
    "odd": (f"no-{'such' * 50}", f"{CANARY} (\n" * 20),
}
"""Languages and texts by URI."""

UNREADABLE = ("file://[nowhere/a.py", "file:///nowhere/%00.py", "file:///nowhere/\ud83d.py")
"""URIs that name nothing. A document of that name is as good as not open."""

BOOK = "file:///nowhere/book.ipynb"
CELLS = tuple(f"vscode-notebook-cell:/nowhere/book.ipynb#W{number}" for number in range(3))
CELL_TEXT = f"import os\n{CANARY} = os.path\nfor item in {CANARY}"

TYPED = (
    "a", "i", "t", "e", "m", "s", ".", "(", "()", "\n", "\n    ", "\n\t", "é", "😀", "\ud83d", "\0",
    "x = ", "return ", "\t", "\r\n", "\r", "self.", f"{CANARY}.", "for item in ", ")", "}", '"', "",
    "def f(a, b):\n    ", "\u2028", "\ufeff", "if x:\n        ",
)  # fmt: skip


@dataclass
class Paper:
    """One document. `sheet` is None while it is not open."""

    uri: str
    language: str
    text: str
    encoding: str
    in_book: bool = False
    version: int = 0
    cursor: int = 0
    sheet: Sheet | None = None

    def open(self, rng: Random) -> dict[str, Any]:
        """Begin anew; gives the item of `didOpen`."""
        self.version = rng.choice((0, 1, 7, -3))
        if self.uri not in UNREADABLE:
            self.sheet = Sheet(self.text, self.encoding)
            self.move(rng.randint(0, len(self.text)))
        return self.item()

    def item(self) -> dict[str, Any]:
        return {
            "uri": self.uri,
            "languageId": self.language,
            "version": self.version,
            "text": self.text,
        }

    def move(self, offset: int) -> None:
        """Put the cursor somewhere, or right before the line end that it would fall into."""
        assert self.sheet is not None
        offset = min(max(offset, 0), len(self.sheet.text))
        self.cursor = self.sheet.offset(self.sheet.position(offset))

    def change(self, changes: list[dict[str, Any]], version: int) -> None:
        """What the server is to make of these changes."""
        self.version = version
        if self.sheet is not None:
            self.sheet = self.sheet.changed(changes)
            self.move(self.cursor)


def papers(encoding: str) -> dict[str, Paper]:
    """All documents, none of them open."""
    files = [Paper(uri, language, text, encoding) for uri, (language, text) in TEXTS.items()]
    unreadable = [Paper(uri, "python", _FUNCTION, encoding) for uri in UNREADABLE]
    cells = [Paper(uri, "python", CELL_TEXT, encoding, in_book=True) for uri in CELLS]
    return {paper.uri: paper for paper in (*files, *unreadable, *cells)}
