"""Files that editors are driven with: one to refactor, and some that are hard to put text into."""

from __future__ import annotations

from collections.abc import Mapping

from tests.support import replies
from tests.support.answers import Answer

CODE = """\
import os

FLAG = "\U0001f3f3\ufe0f\u200d\U0001f308 שלום"


def total(values):
    result = 0
    for value in values:
        result = result + value
    return result


print(os.name, FLAG)
"""
SUMMED = "def total(values):\n    return sum(values)\n"
FSUMMED = "def total(values):\n    return fsum(values)\n"
LOOP = CODE[CODE.index("    result = 0") : CODE.index("\n\nprint")]
AFTER = CODE.replace(LOOP, "    return sum(values)\n")
"""CODE with SUMMED in it."""


def crlf(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode()


NAMES, USES = b"one = 1\r\n", b"print(one)\n"
"""Two files of a project; RENAMED is what a task changes in both."""
RENAMED = tuple(each.replace(b"one", b"first") for each in (NAMES, USES))


def renaming(names: str, uses: str) -> list[Answer]:
    """What a model says to change NAMES and USES, in files that are called so, into RENAMED."""
    return [
        replies.calling("edit_file", path=names, old="one = 1", new="first = 1"),
        replies.calling("edit_file", path=uses, old="one", new="first"),
        Answer(text=("Renamed one to first.",)),
    ]


_FAMILY = "\U0001f469\u200d\U0001f469\u200d\U0001f467"
INDENTED = "tabs.go"
FILES: Mapping[str, tuple[bytes, str, str, bytes]] = {
    "crlf.py": (
        b"def one():\r\n    return 1\r\n\r\n",
        "def two(value):\n    half = value // 2\n    return half\n",
        "def tw",
        b"def one():\r\n    return 1\r\n\r\n"
        b"def two(value):\r\n    half = value // 2\r\n    return half\r\n",
    ),
    "tabs.sh": (
        b"first() {\n\techo one\n}\n",
        'second() {\n\tfor each in "$@"; do\n\t\techo "$each"\n\tdone\n}\n',
        "seco",
        b"first() {\n\techo one\n}\n"
        b'second() {\n\tfor each in "$@"; do\n\t\techo "$each"\n\tdone\n}\n',
    ),
    INDENTED: (
        b"package main\n\nfunc sum(all []int) int {\n\ttotal := 0\n",
        "\tfor _, each := range all {\n\t\ttotal += each\n\t}\n\treturn total\n}\n",
        "for _, each := ra",
        b"package main\n\nfunc sum(all []int) int {\n\ttotal := 0\n"
        b"\tfor _, each := range all {\n\t\ttotal += each\n\t}\n",
    ),
    "emoji.py": (
        f'name = "{_FAMILY} \U0001f389"\n'.encode(),
        f'label = "{_FAMILY}\U0001f389" + name_of(family)\n',
        f'label = "{_FAMILY}\U0001f389" + na',
        f'name = "{_FAMILY} \U0001f389"\n'
        f'label = "{_FAMILY}\U0001f389" + name_of(family)\n'.encode(),
    ),
    "right_to_left.py": (
        'שלום = "שלום עולם"  # ברכה\n'.encode(),
        "print(שלום, end=sep)\n",
        "print(שלו",
        'שלום = "שלום עולם"  # ברכה\nprint(שלום, end=sep)\n'.encode(),
    ),
}
"""Before; what the model knows; what is typed on a new line at the end; after.

The line that is typed has the indentation of the one above it, by which INDENTED is hard.
"""
