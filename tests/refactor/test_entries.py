"""Replies through the whole pipeline, from what the user points at to the document."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from devstral_lsp.edits.line_edits import apply_edits
from devstral_lsp.refactor.actions import instruct
from devstral_lsp.refactor.errors import LossyReply, UnusableReply
from devstral_lsp.refactor.file_edits import ReplyFiles
from devstral_lsp.refactor.parse_reply import ReplyFormat
from devstral_lsp.refactor.prompt_context import DocumentLocation
from devstral_lsp.refactor.reply_to_edits import ReplyReader
from devstral_lsp.refactor.task.overlay import WorkspaceOverlay
from devstral_lsp.refactor.types import RefactorSelection, RefactorTask
from devstral_lsp.text import Snapshot, Span, Text


def instructed(
    marked: str,
    code: str,
    language: str = "python",
    *,
    words: str = "improve it",
    raw: bool = False,
) -> str:
    """The document after an instruction for what stands between two `|`, or at one."""
    parts = marked.split("|")
    text = Text.of("".join(parts))
    span = Span(len(parts[0]), len("".join(parts[:2])) if len(parts) > 2 else len(parts[0]))
    snapshot = Snapshot("file:///a", 1, language, text)
    offer = instruct.offer_of(RefactorSelection(snapshot, span), words)
    asked = instruct.ACTION.model_task(offer, snapshot, DocumentLocation("a", None, None))
    files = ReplyFiles(lambda: WorkspaceOverlay([Path("/nowhere")], {}), "", "a")
    form = ReplyFormat.TAGGED if raw else ReplyFormat.SCHEMA
    reply = code if raw else json.dumps({"code": code, "imports": []})
    draft = ReplyReader(RefactorTask(offer, snapshot, asked), form, files).draft(reply)
    return str(apply_edits(text, draft.edits))


class TestInsert:
    @pytest.mark.parametrize(
        ("marked", "wanted"),
        [
            (
                "import os\n\n\n|\nx = 1\n",
                "import os\n\n\ndef f():\n    return 1\n\n\nx = 1\n",
            ),
            (
                "def a():\n    pass\n|\n\ndef b():\n    pass\n",
                "def a():\n    pass\n\n\ndef f():\n    return 1\n\n\ndef b():\n    pass\n",
            ),
            ("def a():\n    pass\n|", "def a():\n    pass\n\n\ndef f():\n    return 1\n"),
            (
                "class A:\n    def a(self):\n        pass\n|\n    def b(self):\n        pass\n",
                "class A:\n    def a(self):\n        pass\n\n    def f():\n        return 1\n\n"
                "    def b(self):\n        pass\n",
            ),
            (
                "class A:\n    def a(self):\n        pass\n|",
                "class A:\n    def a(self):\n        pass\n\n\ndef f():\n    return 1\n",
            ),
        ],
        ids=["above a statement", "between functions", "at the end", "between methods", "below"],
    )
    def test_a_cursor_on_a_blank_line_inserts(self, marked: str, wanted: str) -> None:
        assert instructed(marked, "def f():\n    return 1\n") == wanted

    @pytest.mark.parametrize(
        ("language", "marked", "code", "wanted"),
        [
            (
                "java",
                "class A {\n\tint a() {\n\t\treturn 1;\n\t}\n|\n}\n",
                "int b() {\n    return 2;\n}\n",
                "\tint b() {\n\t\treturn 2;\n\t}\n}\n",
            ),
            (
                "java",
                "class A {\n  int a() {\n    return 1;\n  }\n|\n}\n",
                "int b() {\n    return 2;\n}\n",
                "  int b() {\n    return 2;\n  }\n}\n",
            ),
            (
                "ruby",
                "class A\n  def a\n    1\n  end\n|\nend\n",
                "def b\n  2\nend\n",
                "  def b\n    2\n  end\nend\n",
            ),
            (
                "css",
                ".a {\n  color: red;\n}\n|\n.c {\n  color: red;\n}\n",
                ".b {\n  color: blue;\n}\n",
                ".b {\n  color: blue;\n}\n\n.c {\n  color: red;\n}\n",
            ),
        ],
        ids=["in tabs", "of another width", "before an end", "a rule"],
    )
    def test_at_the_end_of_a_block(
        self, language: str, marked: str, code: str, wanted: str
    ) -> None:
        above = marked.partition("|")[0]
        assert instructed(marked, code, language) == f"{above}\n{wanted}"

    def test_a_paragraph_stands_between_blank_lines(self) -> None:
        made = instructed("# A\n\nOne.\n|\n# B\n\nTwo.\n", "## C\n\nThree.\n", "markdown")
        assert made == "# A\n\nOne.\n\n## C\n\nThree.\n\n# B\n\nTwo.\n"

    def test_statements_within_a_function(self) -> None:
        made = instructed("def a():\n    x = 1\n|\n    return x\n", "y = 2\n")
        assert made == "def a():\n    x = 1\n    y = 2\n    return x\n"


def test_a_partial_reply_leaves_the_rest() -> None:
    marked = (
        "|class K:\n    def m(self):\n        return 1\n\n    def n(self):\n        return 2\n|"
    )
    made = instructed(marked, "    def m(self):\n        return 11\n")
    assert made == marked.replace("|", "").replace("return 1\n", "return 11\n")


def test_a_method_of_php_is_placed_without_an_opening_tag() -> None:
    marked = (
        "<?php\n|class K {\n    public function a() {\n        return 1;\n    }\n\n"
        "    public function b() {\n        return 2;\n    }\n}\n|"
    )
    made = instructed(marked, "    public function a() {\n        return 11;\n    }\n", "php")
    assert made == marked.replace("|", "").replace("return 1;", "return 11;")


@pytest.mark.parametrize(
    ("language", "marked"),
    [
        ("yaml", "|a: 1\nb: 2\n|"),
        ("html", "|<ul>\n<li>a</li>\n</ul>\n|"),
        ("sql", "|SELECT a\nFROM b;\n|"),
        ("shellscript", "|echo a\necho b\n|"),
        ("json", '|{"a": 1}\n|'),
        ("toml", "|a = 1\n|"),
        ("dockerfile", "|FROM a\nRUN b\n|"),
        ("python", "|x = f(1)\n|"),
        ("graphql", "|type A {\n  b: Int\n}\n|"),
        ("xml", "|<a>\n  <b/>\n</a>\n|"),
        ("kotlin", "|val a = 1\n|"),
        ("haskell", "|a = 1\n|"),
        ("perl", "|my $a = 1;\n|"),
        ("elixir", "|a = 1\n|"),
    ],
)
@pytest.mark.parametrize(
    "words",
    [
        "Done! I changed the file as you asked.",
        "Fertig",
        "I cannot help with that request because it is unclear",
    ],
)
def test_prose_in_the_place_of_code_is_refused(language: str, marked: str, words: str) -> None:
    with pytest.raises(UnusableReply):
        instructed(marked, words, language)


@pytest.mark.parametrize(("language", "head"), [("markdown", "# "), ("latex", "\\section ")])
def test_an_answer_in_the_place_of_a_document_is_lost(language: str, head: str) -> None:
    marked = f"|{head}One\n\nTwo words.\n\nAnd more.\n|"
    with pytest.raises(LossyReply):
        instructed(marked, "I have updated the file.\nLet me know!\n", language)
    assert instructed(marked, f"{head}Eins\n\nZwei Worte.\n\nUnd mehr.\n", language)


def test_a_document_after_a_sentence_that_announces_it() -> None:
    reply = "Sure! Here is the document:\n\n# T\n\n```bash\nnpm ci\n```\n"
    made = instructed("|# T\n\n```bash\nnpm i\n```\n|", reply, "markdown", raw=True)
    assert made == "# T\n\n```bash\nnpm ci\n```\n"


@pytest.mark.parametrize(
    ("language", "marked", "code", "wanted"),
    [
        (
            "javascript",
            "|function f(a) {\n  if (a) {\n    g(a);\n  }\n}\n|",
            "function f(a) {\n    if (!a) {\n        return;\n    }\n    g(a);\n}\n",
            "function f(a) {\n  if (!a) {\n    return;\n  }\n  g(a);\n}\n",
        ),
        (
            "python",
            "|def f(a):\n    if a:\n        g(a)\n        h(a)\n|",
            "def f(a):\n  if not a:\n    return\n  g(a)\n  h(a)\n",
            "def f(a):\n    if not a:\n        return\n    g(a)\n    h(a)\n",
        ),
        (
            "javascript",
            "function a() {\n  return 1;\n}\n\n|function b() { return 2; }\n|",
            "function b() {\n    return 3;\n}\n",
            "function a() {\n  return 1;\n}\n\nfunction b() {\n  return 3;\n}\n",
        ),
    ],
    ids=["narrower", "wider", "as the file"],
)
def test_the_width_of_a_level_is_the_documents(
    language: str, marked: str, code: str, wanted: str
) -> None:
    assert instructed(marked, code, language) == wanted


@pytest.mark.parametrize(
    "line",
    ["# wait…", "# 1–2", "# a — b", "# a\u2009b", "# „a“ «b»", "# a，b：c", "# 5′ 3″", "# ﬁne"],
)
def test_letters_that_models_write_in_another_form_stay(line: str) -> None:
    plain = line.translate({0x2014: "-", 0x2013: "-", 0x2009: " ", 0xFF0C: ",", 0xFF1A: ":"})
    for signs, sign in (("„“«»″", '"'), ("′", "'"), ("…", "..."), ("ﬁ", "fi")):
        plain = plain.translate({ord(each): sign for each in signs})
    assert plain != line
    made = instructed(f"|{line}\ny = 1\n|", f"{plain}\ny = 2\n")
    assert made == f"{line}\ny = 2\n"


@pytest.mark.parametrize(
    "code",
    [
        "    b = h(a)\n    return b\n",
        "def f(a):\n    b = await g(a)\n    return b\n",
        "def f(a):\n    b = g(a)\n    break\n    return b\n",
    ],
)
def test_what_only_the_compiler_rejects_is_refused(code: str) -> None:
    with pytest.raises(UnusableReply, match="where it may not"):
        instructed("|def f(a):\n    b = g(a)\n    return b\n|", code)


def test_a_document_with_fences_is_unwrapped_from_prose() -> None:
    reply = "Sure!\n\n```md\n# T\n\n```bash\nnpm ci\n```\n\nThe end.\n```\n\nI fixed it."
    marked = "|# T\n\n```bash\nnpm i\n```\n\nEnd.\n|"
    made = instructed(marked, reply, "markdown", raw=True)
    assert made == "# T\n\n```bash\nnpm ci\n```\n\nThe end.\n"


def test_what_is_asked_to_go_goes() -> None:
    marked = "|def f(a):\n    print(a)\n    return a\n|"
    reply = "def f(a):\n    return a\n"
    assert instructed(marked, reply, words="remove the debug output") == reply
    with pytest.raises(LossyReply) as caught:
        instructed(marked, reply, words="add a docstring")
    assert "1 line of code" in str(caught.value)


def test_a_definition_that_is_asked_to_go_goes() -> None:
    marked = "|def f():\n    return 1\n\n\ndef g():\n    return 2\n|"
    reply = "def f():\n    return 1\n"
    assert instructed(marked, reply, words="delete g") == reply


@pytest.mark.parametrize(
    ("marked", "wanted"),
    [
        (
            "def f():\n    return 1\n\n\n|def g():\n    return 2\n|\n\ndef h():\n    return 3\n",
            "def f():\n    return 1\n\n\ndef h():\n    return 3\n",
        ),
        ("a = 1\n|b = 2\n|c = 3\n", "a = 1\nc = 3\n"),
        ("|b = 2\n|\nc = 3\n", "\nc = 3\n"),
        ("a = 1\n\n|b = 2\n|", "a = 1\n\n"),
    ],
)
def test_what_is_deleted_leaves_no_doubled_blank_lines(marked: str, wanted: str) -> None:
    assert instructed(marked, "", words="delete this") == wanted


class TestTheDocumentsOwnWays:
    def test_another_width_of_indentation(self) -> None:
        marked = "|function f(a) {\n  if (a) {\n    g(a);\n  }\n}\n|"
        reply = "function f(a) {\n    if (a) {\n        g(a);\n        h(a);\n    }\n}\n"
        wanted = "function f(a) {\n  if (a) {\n    g(a);\n    h(a);\n  }\n}\n"
        assert instructed(marked, reply, "javascript") == wanted

    def test_a_width_shown_by_lines_with_words_alone(self) -> None:
        """A lone bracket stands at any depth."""
        made = instructed(
            "|fun f(): Int {\n    g()\n    return 1\n}\n|",
            "fun f(): Int {\n  g()\n  if (x) {\n    return 2\n  }\n  return 1\n}\n",
            "kotlin",
        )
        wanted = "    g()\n    if (x) {\n        return 2\n    }\n    return 1\n"
        assert made == f"fun f(): Int {{\n{wanted}}}\n"

    def test_continued_lines_show_no_width(self) -> None:
        rest = (
            "            Supplier<A> first,\n            Supplier<A> second) {\n"
            "        return of(\n"
            "                first,\n                second\n        );\n    }\n"
        )
        marked = f"class A {{\n|    static <A> B<A> f(\n{rest}|}}\n"
        reply = f"static <A> B<A> f(\n{rest}".replace("of(\n", "of(\n                // Both.\n")
        assert instructed(marked, reply, "java") == f"class A {{\n    {reply}}}\n"

    def test_lines_that_differ_in_quotes_and_spaces_alone(self) -> None:
        marked = "|# T\n\nIt’s a “test”\u00a0here.\n\nOne line.\n|"
        reply = '# T\n\nIt\'s a "test" here.\n\nAnother line.\n'
        made = instructed(marked, reply, "markdown")
        assert made == marked.replace("|", "").replace("One", "Another")

    def test_letters_are_composed_where_that_is_all(self) -> None:
        assert instructed("|cafe\u0301\n|", "café\n", "markdown") == "café\n"


@pytest.mark.parametrize(
    ("language", "marked", "reply", "wanted"),
    [
        (
            "python",
            "import os\n\n\nclass A:\n|    def f(self):\n        return os.name\n|",
            "Sure:\n\n```python\nfrom pathlib import Path\n\ndef f(self):\n"
            "    return Path(os.name)\n```\n",
            "import os\nfrom pathlib import Path\n\n\nclass A:\n    def f(self):\n"
            "        return Path(os.name)\n",
        ),
        (
            "java",
            "import a.B;\n\nclass A {\n|    int f() {\n        return 1;\n    }\n|}\n",
            "```java\nimport a.C;\n\n    int f() {\n        return C.ONE;\n    }\n```",
            "import a.B;\nimport a.C;\n\nclass A {\n    int f() {\n        return C.ONE;\n"
            "    }\n}\n",
        ),
        ("python", "|x = 1\n|", '{"code": "x = 2\\n", "imports": [], "note": "more"}', "x = 2\n"),
        ("python", "|x = 1\n|", '{"code": "x = 2\\n", "imports": [],}', "x = 2\n"),
        (
            "python",
            "#!/usr/bin/env python\n# coding: utf-8\n|def f(x):\n    return x\n|",
            '{"code": "def f(x):\\n    return Path(x)\\n", '
            '"imports": ["from pathlib import Path"]}',
            "#!/usr/bin/env python\n# coding: utf-8\n\nfrom pathlib import Path\n\ndef f(x):\n"
            "    return Path(x)\n",
        ),
        (
            "python",
            "import os\n\n\n|def f(x):\n    return os.stat(x)\n|",
            '{"code": "def f(x):\\n    log.info(x)\\n    return os.stat(x)\\n", '
            '"imports": ["import logging", "log = logging.getLogger(__name__)"]}',
            "import os\nimport logging\n\nlog = logging.getLogger(__name__)\n\n\ndef f(x):\n"
            "    log.info(x)\n    return os.stat(x)\n",
        ),
        (
            "go",
            'package a\n\n|func F() string {\n\treturn "a"\n}\n|',
            '{"code": "func F() string {\\n\\treturn fmt.Sprint(1)\\n}\\n", "imports": ["fmt"]}',
            'package a\n\nimport "fmt"\n\nfunc F() string {\n\treturn fmt.Sprint(1)\n}\n',
        ),
        (
            "vue",
            "<script setup>\nimport { b } from './b'\n\n|const a = b()|\n</script>\n",
            '{"code": "const a = c(b())", "imports": ["import { c } from \'vue\'"]}',
            "<script setup>\nimport { b } from './b'\nimport { c } from 'vue'\n\n"
            "const a = c(b())\n</script>\n",
        ),
        (
            "svelte",
            "<script>\n  import { b } from './b';\n|  let a = b();|\n</script>\n",
            '{"code": "  let a = c(b());", "imports": ["import { c } from \'svelte\';"]}',
            "<script>\n  import { b } from './b';\n  import { c } from 'svelte';\n"
            "  let a = c(b());\n</script>\n",
        ),
    ],
)
def test_good_replies_are_taken(language: str, marked: str, reply: str, wanted: str) -> None:
    assert instructed(marked, reply, language, raw=True) == wanted


def test_a_path_of_an_import_at_the_outer_level_of_go_is_refused() -> None:
    marked = 'package a\n\n|func F() string {\n\treturn "a"\n}\n|'
    reply = '"fmt"\n\nfunc F() string {\n\treturn fmt.Sprint(1)\n}\n'
    with pytest.raises(UnusableReply):
        instructed(marked, reply, "go")


@pytest.mark.parametrize("head", ["  void", "void"])
def test_a_comment_at_the_margin_moves_nothing(head: str) -> None:
    marked = "struct A {\n|  void f() {\n#   pragma b\n    g();\n    h();\n    i();\n  }\n|};\n"
    body = " f() {\n// in parallel\n#   pragma b\n    g();\n    h();\n    i();\n  }\n"
    made = instructed(marked, f"<new_code>\n{head}{body}</new_code>", "cpp", raw=True)
    assert made == f"struct A {{\n  void{body}}};\n"
