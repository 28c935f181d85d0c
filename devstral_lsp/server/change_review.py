"""Shows changes as a diff before they are made, and asks the user which of them to make.

A client that declares `devstralReview` gets the diff together with the question, and may send it
back without the hunks that the user left out. Any other one that can show documents opens the diff
as a file, and then asks the question.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from devstral_lsp.characters import on_one_line, printable
from devstral_lsp.edits.line_edits import apply_edits
from devstral_lsp.refactor.types import FileChange
from devstral_lsp.server.plain_text import label_text
from devstral_lsp.server.questions import USER_DECISION_TIMEOUT_S, ask
from devstral_lsp.text import Edit

if TYPE_CHECKING:
    from devstral_lsp.server.server import Server

REVIEW = "devstral/review"
"""To the client: {question, diff}. Its answer: {apply, diff?}."""

_APPLY = "Apply"
_HUNK = re.compile(r"^@@ -(\d{1,9})(?!\d)[^\n]*+\n((?:[ +\\-][^\n]*\n)*)", re.MULTILINE)
"""Where a hunk begins, and its lines. Editors rewrite the rest of its head: "1" becomes "1,1"."""
_FILE = re.compile(r"^diff ", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class FileDiff:
    """A change as it is shown: a head, and the text of each hunk with the edit that makes it."""

    change: FileChange
    head: str
    hunks: tuple[tuple[str, Edit], ...]

    @property
    def text(self) -> str:
        return self.head + "".join(text for text, _ in self.hunks)

    def without_left_out(self, shown: str) -> FileChange | None:
        """The change as far as `shown`, this diff as the user left it, still has its hunks.

        None if it has none of them.
        """
        left = set(_HUNK.findall(shown))
        kept = tuple(edit for text, edit in self.hunks if left.issuperset(_HUNK.findall(text)))
        if len(kept) == len(self.hunks):
            return self.change
        return replace(self.change, edits=kept) if kept else None


async def agreed_changes(
    server: Server,
    kind: types.MessageType,
    question: str,
    changes: Sequence[FileChange],
    refusal: str,
) -> list[FileChange]:
    """What the user agrees to after a look at the changes. No answer is a refusal.

    `refusal` is the label of the button that says no.
    """
    diffs = await asyncio.to_thread(lambda: list(map(file_diff, changes)))
    whole = "".join(each.text for each in diffs)
    if server.client.reviews_changes:
        shown = await _review(server, question, whole)
        return [] if shown is None else _left_in(diffs, shown)
    if server.client.edits.shows_documents:
        await server.refactoring.explanations.show_document(question, whole, ".diff")
    answer = await ask(server, kind, question, _APPLY, refusal)
    return list(changes) if answer == _APPLY else []


def file_diff(change: FileChange) -> FileDiff:
    """The change as a unified diff in which hidden characters are escapes."""
    from devstral_lsp.edits.unified_diff import heading, hunks  # It brings `difflib`.

    name = change.path or _name(change.uri)
    old = "" if change.is_new else str(change.before)
    new = "" if change.is_deleted else str(apply_edits(change.before, change.edits))
    lines = [f"diff {name}"]
    if change.caution:
        lines.append(f"careful: {on_one_line(change.caution)}")
    if change.renamed_from:
        lines += [f"rename from {_name(change.renamed_from)}", f"rename to {name}"]
    head = "\n".join(lines) + "\n"
    places = hunks(old, new)
    if places:
        head += heading(name, is_new=change.is_new, is_deleted=change.is_deleted)
    return FileDiff(
        change, printable(head), tuple((printable(each.text), each.edit) for each in places)
    )


def _left_in(diffs: Sequence[FileDiff], shown: str) -> list[FileChange]:
    """The changes without what is no longer in the diff. A file is found by its head."""
    parts = {part.partition("\n")[0]: part for part in _FILE.split(shown)}
    kept = []
    for each in diffs:
        part = parts.get(each.head.partition("\n")[0].removeprefix("diff "))
        change = None if part is None else each.without_left_out(part)
        if change is not None:
            kept.append(change)
    return kept


def _name(uri: str) -> str:
    return PurePosixPath(unquote(urlsplit(uri).path)).name


async def _review(server: Server, question: str, diff: str) -> str | None:
    """The diff as the user left it; None if nothing of it is to be made."""
    params = {"question": label_text(question), "diff": diff}
    with suppress(TimeoutError, JsonRpcException):
        async with asyncio.timeout(USER_DECISION_TIMEOUT_S):
            answer = await server.protocol.send_request(REVIEW, params)
        if isinstance(answer, dict) and answer.get("apply") is True:
            left = answer.get("diff")
            return left if isinstance(left, str) else diff
    return None
