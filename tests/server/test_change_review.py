"""Changes are looked at as a diff before they are made: whole, in part, or not at all."""

from __future__ import annotations

import asyncio
import copy
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from devstral_lsp.refactor.types import FileChange, RefactorResult
from devstral_lsp.server.change_review import file_diff, patch_of
from devstral_lsp.text import Edit, Span, Text
from tests.server.conftest import StartInside
from tests.server.orders import TEXT, command, ordered, replaced
from tests.support.inside import Inside, Run
from tests.support.workbench import EVERYTHING

REVIEW, APPLY_EDIT = "devstral/review", "workspace/applyEdit"
REVIEWS: dict[str, Any] = {**EVERYTHING, "experimental": {"devstralReview": True}}
LINES = Text.of("".join(f"line {number}\n" for number in range(20)))
FAR_APART = FileChange(
    uri="file:///work/far.py",
    edits=(Edit(Span(0, 6), "first!"), Edit(Span(len(LINES) - 8, len(LINES) - 1), "last!")),
    before=LINES,
    path="far.py",
    needs_confirmation=True,
)


async def under_review(session: Inside, *changes: FileChange) -> dict[str, Any]:
    """Have an order done that comes to these changes, up to the review; gives its request."""
    session.engine.come_to = lambda _: RefactorResult(changes=changes, title="Simplify")
    params = command("devstral.apply", ordered(session.open(TEXT)))
    await session.result("workspace/executeCommand", params)
    await session.until(lambda: session.all(REVIEW))
    return next(each for each in session.heard if each["method"] == REVIEW)


async def made_of(session: Inside, asked: dict[str, Any], answer: Any) -> list[Any]:
    """The changes of the edit that an answer leads to; none if it leads to no edit."""
    session.reply(asked["id"], {"result": answer})
    for _ in range(20):
        await asyncio.sleep(0)
    return [
        change for each in session.all(APPLY_EDIT) for change in each["edit"]["documentChanges"]
    ]


def text_of(uri: str) -> str:
    return Path(unquote(urlsplit(uri).path)).read_text()


async def test_the_diff_and_the_question_come_together(inside: StartInside) -> None:
    session = inside(REVIEWS)
    asked = await under_review(session, FAR_APART)
    told = asked["params"]
    assert told["question"] == "Simplify changes 1 file: far.py."
    assert told["diff"].startswith(
        "diff far.py\n--- a/far.py\n+++ b/far.py\n@@ -1,4 +1,4 @@\n-line 0\n+first!\n line 1\n"
    )
    assert session.all(APPLY_EDIT) == []


async def test_what_is_agreed_to_is_made_and_needs_no_second_yes(inside: StartInside) -> None:
    session = inside(REVIEWS)
    asked = await under_review(session, FAR_APART)
    (change,) = await made_of(session, asked, {"apply": True})
    assert [each["newText"] for each in change["edits"]] == ["first!", "last!"]
    assert "changeAnnotations" not in session.all(APPLY_EDIT)[0]["edit"]


@pytest.mark.parametrize("answer", [{"apply": False}, {}, None, {"apply": "yes"}, []])
async def test_anything_but_a_yes_makes_nothing(inside: StartInside, answer: Any) -> None:
    session = inside(REVIEWS)
    asked = await under_review(session, FAR_APART)
    assert await made_of(session, asked, answer) == []
    assert session.shown == []


async def test_a_hunk_that_the_user_takes_out_is_not_made(inside: StartInside) -> None:
    session = inside(REVIEWS)
    asked = await under_review(session, FAR_APART)
    diff = asked["params"]["diff"]
    left = diff[: diff.index("@@ -17")]
    (change,) = await made_of(session, asked, {"apply": True, "diff": left})
    assert [each["newText"] for each in change["edits"]] == ["first!\nline 1\nline 2\nline 3\n"]


async def test_a_hunk_that_the_user_changes_is_not_made(inside: StartInside) -> None:
    session = inside(REVIEWS)
    asked = await under_review(session, FAR_APART)
    diff = asked["params"]["diff"].replace("+last!", "+mine")
    (change,) = await made_of(session, asked, {"apply": True, "diff": diff})
    assert len(change["edits"]) == 1


async def test_a_head_that_an_editor_has_rewritten_is_the_same_hunk(inside: StartInside) -> None:
    """Emacs writes the count of one line out, and corrects the numbers of the new file."""
    session = inside(REVIEWS)
    asked = await under_review(session, FAR_APART)
    diff = asked["params"]["diff"].replace("@@ -17,4 +17,4 @@", "@@ -17,4 +15,4 @@ def far():")
    (change,) = await made_of(session, asked, {"apply": True, "diff": diff})
    assert len(change["edits"]) == 2


async def test_files_of_which_nothing_is_left_are_not_touched(inside: StartInside) -> None:
    session = inside(REVIEWS)
    new = replace(FAR_APART, uri="file:///work/new.py", path="new.py", is_new=True)
    new = replace(new, before=Text.of(""), edits=(Edit(Span(0, 0), "new = 1\n"),))
    asked = await under_review(session, new, FAR_APART)
    diff = asked["params"]["diff"]
    changes = await made_of(session, asked, {"apply": True, "diff": diff[diff.index("diff far") :]})
    assert ["new.py" in str(each) for each in changes] == [False]


async def test_one_change_of_the_document_in_front_needs_no_review(inside: StartInside) -> None:
    session = inside(REVIEWS)
    session.engine.come_to = replaced
    params = command("devstral.apply", ordered(session.open(TEXT)))
    await session.result("workspace/executeCommand", params)
    await session.until(lambda: session.all(APPLY_EDIT))
    assert session.all(REVIEW) == []


async def test_others_see_the_diff_as_a_file_beside_the_question(inside: StartInside) -> None:
    """Such as Helix, which shows documents and knows no annotations."""
    capabilities = copy.deepcopy(EVERYTHING)
    del capabilities["workspace"]["workspaceEdit"]["changeAnnotationSupport"]
    session = inside(capabilities)

    def several(run: Run) -> RefactorResult:
        return RefactorResult(changes=(*replaced(run).changes, FAR_APART), title="Simplify")

    session.engine.come_to = several
    params = command("devstral.apply", ordered(session.open(TEXT)))
    await session.result("workspace/executeCommand", params)
    await session.until(lambda: session.all("window/showMessageRequest"))
    (shown,) = session.all("window/showDocument")
    assert shown["uri"].endswith(".diff")
    assert "+first!" in text_of(shown["uri"])


KINDS = {
    "a new file": (
        replace(FAR_APART, is_new=True, before=Text.of(""), edits=(Edit(Span(0, 0), "x\n"),)),
        "diff far.py\n--- /dev/null\n+++ b/far.py\n@@ -0,0 +1 @@\n+x\n",
    ),
    "a deleted file": (
        replace(FAR_APART, is_deleted=True, before=Text.of("x\n"), edits=()),
        "diff far.py\n--- a/far.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n",
    ),
    "a renamed file": (
        replace(FAR_APART, renamed_from="file:///work/old%20name.py", edits=()),
        "diff far.py\nrename from old name.py\nrename to far.py\n",
    ),
    "a file that runs by itself": (
        replace(FAR_APART, before=Text.of(""), edits=(), caution="pytest imports it"),
        "diff far.py\ncareful: pytest imports it\n",
    ),
    "hidden characters": (
        replace(FAR_APART, before=Text.of(""), edits=(Edit(Span(0, 0), "a\u202eb\n"),)),
        "diff far.py\n--- a/far.py\n+++ b/far.py\n@@ -0,0 +1 @@\n+a\\u202eb\n",
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_change_is_shown(kind: str) -> None:
    change, text = KINDS[kind]
    assert file_diff(change).text == text


def test_git_makes_every_kind_of_change_of_a_patch(tmp_path: Path) -> None:
    def uri(name: str) -> str:
        return (tmp_path / name).as_uri()

    old = {
        "crlf.py": "a\r\nb\r\n",
        "open end.py": "a\nb",
        "gone.py": "x\n",
        "old/é.py": "1\n2\n3\n",
    }
    (tmp_path / "old").mkdir()
    for name, text in old.items():
        (tmp_path / name).write_bytes(text.encode())
    edit = (Edit(Span(0, 1), "new"),)
    before = {name: Text.of(text) for name, text in old.items()}
    patch = patch_of(
        [
            FileChange(uri=uri(name), path=name, before=before[name], edits=edit)
            for name in ("crlf.py", "open end.py")
        ]
        + [
            FileChange(
                uri=uri("gone.py"), path="gone.py", before=before["gone.py"], is_deleted=True
            ),
            FileChange(uri=uri("empty.py"), path="empty.py", is_new=True),
            FileChange(
                uri=uri("made.py"), path="made.py", is_new=True, edits=(Edit(Span(0, 0), "é\n"),)
            ),
            FileChange(
                uri=uri("new/é.py"),
                path="new/é.py",
                renamed_from=uri("old/é.py"),
                before=before["old/é.py"],
                edits=edit,
            ),
        ]
    )
    command = ["git", "-c", "core.autocrlf=false", "apply", "--whitespace=nowarn", "-"]
    subprocess.run(command, input=patch.encode(), cwd=tmp_path, check=True)
    files = sorted(each for each in tmp_path.rglob("*") if each.is_file())
    assert {each.relative_to(tmp_path).as_posix(): each.read_bytes() for each in files} == {
        "crlf.py": b"new\r\nb\r\n",
        "empty.py": b"",
        "made.py": "é\n".encode(),
        "new/é.py": b"new\n2\n3\n",
        "open end.py": b"new\nb",
    }
