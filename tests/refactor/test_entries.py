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
        ],
        ids=["above a statement", "between functions", "at the end", "between methods"],
    )
    def test_a_cursor_on_a_blank_line_inserts(self, marked: str, wanted: str) -> None:
        assert instructed(marked, "def f():\n    return 1\n") == wanted

    def test_statements_within_a_function(self) -> None:
        made = instructed("def a():\n    x = 1\n|\n    return x\n", "y = 2\n")
        assert made == "def a():\n    x = 1\n    y = 2\n    return x\n"


def test_a_partial_reply_leaves_the_rest() -> None:
    marked = (
        "|class K:\n    def m(self):\n        return 1\n\n    def n(self):\n        return 2\n|"
    )
    made = instructed(marked, "    def m(self):\n        return 11\n")
    assert made == marked.replace("|", "").replace("return 1\n", "return 11\n")


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
    ],
)
def test_prose_in_the_place_of_code_is_refused(language: str, marked: str) -> None:
    with pytest.raises(UnusableReply):
        instructed(marked, "Done! I changed the file as you asked.", language)


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
