"""What a file says it imports."""

from __future__ import annotations

import pytest

from devstral_lsp.languages.language import Import
from devstral_lsp.syntax.imports import HEAD, imports_of

CASES = [
    ("python", "from a.b import C, D as E\n", [Import("a.b", ("C", "D"))]),
    ("python", "from a import (\n    B,  # why\n    C,\n)\n", [Import("a", ("B", "C"))]),
    ("python", "from . import x\n", [Import(".", ("x",))]),
    ("python", "from ..y import z\n", [Import("..y", ("z",))]),
    ("python", "import a.b as c, d\n", [Import("a.b"), Import("d")]),
    ("python", "if X:\n    from a import b\nfrom a import ", [Import("a", ("b",))]),
    ("python", "from a import *\n", [Import("a")]),
    ("typescript", "import A, { B, type C as D } from './x'\n", [Import("./x", ("A", "B", "C"))]),
    ("typescript", "import * as ns from '../y.js'\n", [Import("../y.js")]),
    ("typescript", "import type { T } from '@/t'\n", [Import("@/t", ("T",))]),
    ("typescript", "import {\n  A,\n  B,\n} from './x'\n", [Import("./x", ("A", "B"))]),
    ("typescript", "export * from './z'\nimport './side'\n", [Import("./z"), Import("./side")]),
    ("javascript", "const { q } = require('./r')\n", [Import("./r", ("q",)), Import("./r")]),
    ("go", 'import (\n\t"fmt"\n\tq "a/b"\n)\n', [Import("fmt"), Import("a/b")]),
    ("go", 'import "z"\n', [Import("z")]),
    (
        "rust",
        "use crate::a::{b::C, d::{self, E as F}};\npub mod inner;\n",
        [
            Import("crate::a::b", ("C",)),
            Import("crate::a::d"),
            Import("crate::a::d", ("E",)),
            Import("self::inner"),
        ],
    ),
    ("java", "import com.x.Bar;\nimport static a.B.c;\n", [Import("com.x.Bar"), Import("a.B.c")]),
    ("c", '#include "a/b.h"\n#include <stdio.h>\n', [Import("a/b.h")]),
    ("ruby", "require_relative 'x/y'\nrequire \"z\"\n", [Import("x/y"), Import("z")]),
    ("php", "<?php\nuse App\\Foo\\Bar;\nrequire_once __DIR__ . '/a.php';\n",
     [Import("App\\Foo\\Bar"), Import("a.php")]),
    ("lua", "local a = require('x.y')\n", [Import("x.y")]),
    ("shellscript", "source ./lib.sh\n", [Import("./lib.sh")]),
    ("shellscript", '. "$DIR/other.sh"\n', [Import("other.sh")]),
    ("brainfuck", "import a\n", []),
]  # fmt: skip


@pytest.mark.parametrize(("language_id", "text", "expected"), CASES)
def test_imports(language_id: str, text: str, expected: list[Import]) -> None:
    assert list(imports_of(text, language_id)) == expected


def test_only_the_head_of_a_file_is_read() -> None:
    assert imports_of("x = 1\n" * HEAD + "import a\n", "python") == ()


@pytest.mark.parametrize("language_id", sorted({case[0] for case in CASES}))
def test_hostile_text_takes_no_time(language_id: str) -> None:
    for text in ("import " * 5_000, "use a::{" * 3_000, "from a import (" * 2_000, "{" * HEAD):
        assert isinstance(imports_of(text, language_id), tuple)
