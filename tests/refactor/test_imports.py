from __future__ import annotations

import pytest

from devstral_lsp.edits.line_edits import apply_edits
from devstral_lsp.edits.parsed_document import ParsedDocument
from devstral_lsp.refactor.errors import UnusableReply
from devstral_lsp.refactor.imports import import_edits
from devstral_lsp.text import Snapshot, Text


def added(document: str, lines: str, language: str = "python") -> str:
    """The document with import lines, which have ";;" between them here."""
    snapshot = Snapshot("file:///a", 1, language, Text.of(document))
    return str(
        apply_edits(snapshot.text, import_edits(ParsedDocument(snapshot), lines.split(";;")))
    )


CASES = {
    "after the last": (
        "python",
        "import os\n\nx = 1\n",
        "import re",
        "import os\nimport re\n\nx = 1\n",
    ),
    "beside its own package": (
        "python",
        "from a.b import c\nimport os\n\nx = 1\n",
        "from a.d import e",
        "from a.b import c\nfrom a.d import e\nimport os\n\nx = 1\n",
    ),
    "known already": ("python", "import os\nx = 1\n", "import os", "import os\nx = 1\n"),
    "known in another spelling": (
        "python",
        "from a import (\n    b,\n    c,\n)\nx = 1\n",
        "from a import b, c",
        "from a import (\n    b,\n    c,\n)\nx = 1\n",
    ),
    "known in part": (
        "python",
        "from a import b\nx = 1\n",
        "from a import b, c",
        "from a import b\nfrom a import c\nx = 1\n",
    ),
    "known by another name": (
        "python",
        "import numpy as np\nx = 1\n",
        "import numpy",
        "import numpy as np\nimport numpy\nx = 1\n",
    ),
    "after a docstring": (
        "python",
        '#!/usr/bin/env python\n"""What it is\nfor."""\n\nx = 1\n',
        "import re",
        '#!/usr/bin/env python\n"""What it is\nfor."""\n\nimport re\n\nx = 1\n',
    ),
    "after a licence": (
        "python",
        "# Copyright\n# Me\n\n# about x\nx = 1\n",
        "import re",
        "# Copyright\n# Me\n\nimport re\n\n# about x\nx = 1\n",
    ),
    "into an empty file": ("python", "", "import re", "import re\n"),
    "before the first line": ("python", "x = 1\n", "import re", "import re\n\nx = 1\n"),
    "the future comes first": (
        "python",
        '"""Doc."""\n\nimport os\n',
        "from __future__ import annotations",
        '"""Doc."""\n\nfrom __future__ import annotations\n\nimport os\n',
    ),
    "not into a guard": (
        "python",
        "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    import re\n",
        "import re",
        "from typing import TYPE_CHECKING\nimport re\n\nif TYPE_CHECKING:\n    import re\n",
    ),
    "not into a string": (
        "python",
        'x = """\nimport os\n"""\n',
        "import re",
        'import re\n\nx = """\nimport os\n"""\n',
    ),
    "not beside an import further down": (
        "python",
        "import os\n\nx = 1\n\nimport sys\n",
        "import re",
        "import os\nimport re\n\nx = 1\n\nimport sys\n",
    ),
    "CRLF": (
        "python",
        "import os\r\n\r\nx = 1\r\n",
        "import re",
        "import os\r\nimport re\r\n\r\nx = 1\r\n",
    ),
    "no final line end": ("python", "import os", "import re", "import os\nimport re"),
    "two": (
        "python",
        "import os\n",
        "import re;;from a import b",
        "import os\nimport re\nfrom a import b\n",
    ),
    "over several lines": (
        "python",
        "import os\n",
        "from a import (\n    b,\n    c,\n)",
        "import os\nfrom a import (\n    b,\n    c,\n)\n",
    ),
    "JavaScript": (
        "javascript",
        "import a from 'a';\nimport {\n  b,\n} from 'b';\n\nrun();\n",
        'import c from "c";',
        "import a from 'a';\nimport {\n  b,\n} from 'b';\nimport c from \"c\";\n\nrun();\n",
    ),
    "JavaScript, known in part": (
        "typescript",
        "import { a } from 'x';\n",
        "import { a, b } from 'x';",
        "import { a } from 'x';\nimport { b } from 'x';\n",
    ),
    "JavaScript, none yet": (
        "javascript",
        "'use strict';\nrun();\n",
        "const a = require('a');",
        "'use strict';\n\nconst a = require('a');\n\nrun();\n",
    ),
    "Go's block": (
        "go",
        'package a\n\nimport (\n\t"fmt"\n)\n\nfunc f() {}\n',
        'import "os";;"strings"',
        'package a\n\nimport (\n\t"fmt"\n\t"os"\n\t"strings"\n)\n\nfunc f() {}\n',
    ),
    "Go, none yet": (
        "go",
        "// Package a.\npackage a\n\nfunc f() {}\n",
        'import "os"',
        '// Package a.\npackage a\n\nimport "os"\n\nfunc f() {}\n',
    ),
    "Rust": (
        "rust",
        "//! About.\n#![allow(x)]\n\nuse std::fmt;\n\nfn f() {}\n",
        "use std::io::{self, Read};",
        "//! About.\n#![allow(x)]\n\nuse std::fmt;\nuse std::io::{self, Read};\n\nfn f() {}\n",
    ),
    "Rust, none yet": (
        "rust",
        "//! About.\n\n/// Does.\nfn f() {}\n",
        "use std::io;",
        "//! About.\n\nuse std::io;\n\n/// Does.\nfn f() {}\n",
    ),
    "Java": (
        "java",
        "/* Licence */\npackage a.b;\n\nclass A {}\n",
        "import java.util.List;",
        "/* Licence */\npackage a.b;\n\nimport java.util.List;\n\nclass A {}\n",
    ),
    "C, beside its like": (
        "c",
        '#include <stdio.h>\n#include "a.h"\n\nint f(void);\n',
        "#include <string.h>",
        '#include <stdio.h>\n#include <string.h>\n#include "a.h"\n\nint f(void);\n',
    ),
    "C, behind the guard": (
        "c",
        "#ifndef A_H\n#define A_H\n\nint f(void);\n\n#endif\n",
        "#include <stdio.h>",
        "#ifndef A_H\n#define A_H\n\n#include <stdio.h>\n\nint f(void);\n\n#endif\n",
    ),
    "C#": (
        "csharp",
        "using System;\n\nclass A {}\n",
        "using System.IO;",
        "using System;\nusing System.IO;\n\nclass A {}\n",
    ),
    "PHP": (
        "php",
        "<?php\n\nnamespace A;\n\nclass B {}\n",
        "use C\\D;",
        "<?php\n\nnamespace A;\n\nuse C\\D;\n\nclass B {}\n",
    ),
    "Ruby": (
        "ruby",
        "require 'a'\n\ndef f\nend\n",
        "require 'b'",
        "require 'a'\nrequire 'b'\n\ndef f\nend\n",
    ),
}


@pytest.mark.parametrize(("language", "document", "lines", "expected"), CASES.values(), ids=CASES)
def test_a_missing_line_goes_where_the_file_keeps_them(
    language: str, document: str, lines: str, expected: str
) -> None:
    assert added(document, lines, language) == expected
    assert added(expected, lines, language) == expected, "asked again, nothing is missing"


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        ("python", "os.system('x')"),
        ("python", "import os;;run(1)"),
        ("python", "from a import ("),
        ("javascript", "import('a').then(run)"),
        ("go", "func init() {}"),
        ("java", "System.exit(0);"),
        ("cobol", "import a"),
    ],
)
def test_what_is_no_import_is_refused(language: str, lines: str) -> None:
    with pytest.raises(UnusableReply):
        added("x\n", lines, language)


def test_nothing_to_add() -> None:
    assert added("x = 1\n", "") == "x = 1\n"
    assert added("x\n", "", "cobol") == "x\n"
