"""Shows changes as a diff before they are applied, and asks the user which of them to apply.

A client that declares `devstralReview` gets the diff together with the question, and may return it
without the hunks that the user left out. Another client that can show documents opens the diff as a
file, and then asks the question.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from devstral_lsp.characters import on_one_line, printable
from devstral_lsp.edits.line_edits import apply_edits
from devstral_lsp.refactor.types import FileChange
from devstral_lsp.server.client_capabilities import ClientCapabilities
from devstral_lsp.server.context import ServerContext
from devstral_lsp.server.explanations import Explanations
from devstral_lsp.server.plain_text import label_text
from devstral_lsp.server.questions import USER_DECISION_TIMEOUT_S, CannotAsk, ask
from devstral_lsp.text import Edit

REVIEW = "devstral/review"
"""To the client: {question, diff}. Its answer: {apply, diff?}."""

_APPLY, _DISCARD, _LEAVE_OUT = "Apply", "Discard", "Leave out"
_HUNK = re.compile(r"^@@ -(\d{1,9})(?!\d)[^\n]*+\n((?:[ +\\-][^\n]*\n)*)", re.MULTILINE)
"""Where a hunk begins, and its lines. Editors rewrite the rest of its head: "1" becomes "1,1"."""
_FILE = re.compile(r"^diff ", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class FileDiff:
    """A change as a diff: its heading, and the text of each hunk with its edit."""

    change: FileChange
    head: str
    hunks: tuple[tuple[str, Edit], ...]

    @property
    def text(self) -> str:
        return self.head + "".join(text for text, _ in self.hunks)

    def without_left_out(self, shown: str) -> FileChange | None:
        """The change, reduced to the hunks that `shown`, the diff as edited by the user, contains.

        None if it contains none of them.
        """
        left = set(_HUNK.findall(shown))
        kept = tuple(edit for text, edit in self.hunks if left.issuperset(_HUNK.findall(text)))
        if len(kept) == len(self.hunks):
            return self.change
        return replace(self.change, edits=kept) if kept else None


def needs_question(changes: Sequence[FileChange], can: ClientCapabilities) -> bool:
    """Whether the server must ask the user, because the editor shows no preview.

    True if several files change, or one that is not open, or one that needs a confirmation of its
    own; and for any other change that needs a confirmation, if the client can show it.
    """
    if can.edits.annotations:
        return False
    shows = can.reviews_changes or can.edits.shows_documents
    return _is_elsewhere(changes) or (shows and any(each.needs_confirmation for each in changes))


async def confirm_changes(
    server: ServerContext, explanations: Explanations, title: str, changes: Sequence[FileChange]
) -> list[FileChange]:
    """Ask the user and return the changes to make. No answer is a refusal.

    Files that need a confirmation of their own are asked about separately, those with the same
    reason together; a refusal leaves these out. Raises CannotAsk.
    """
    try:
        return await _confirm(server, explanations, title, changes)
    except CannotAsk:
        if _is_elsewhere(changes):
            raise
        return list(changes)


async def _confirm(
    server: ServerContext, explanations: Explanations, title: str, changes: Sequence[FileChange]
) -> list[FileChange]:
    own = [each for each in changes if each.needs_own_yes]
    others = [each for each in changes if not each.needs_own_yes]
    what = title or "The refactoring"
    confirmed: list[FileChange] = []
    if others:
        files = "1 file" if len(others) == 1 else f"{len(others)} files"
        question = f"{what} changes {files}: {change_names(others, what)}."
        kind = types.MessageType.Info
        confirmed = await _ask_about(server, explanations, kind, question, others, _DISCARD)
        if not confirmed:
            return []
    for reason in dict.fromkeys(each.caution for each in own):
        alike = [each for each in own if each.caution == reason]
        question = f"{what}: {change_names(alike, what)}? Careful: {reason}."
        kind = types.MessageType.Warning
        confirmed += await _ask_about(server, explanations, kind, question, alike, _LEAVE_OUT)
    return confirmed


async def _ask_about(
    server: ServerContext,
    explanations: Explanations,
    kind: types.MessageType,
    question: str,
    changes: Sequence[FileChange],
    refusal: str,
) -> list[FileChange]:
    """Show the changes and ask. `refusal` is the label of the button that refuses them."""
    diffs = await asyncio.to_thread(lambda: list(map(file_diff, changes)))
    whole = "".join(each.text for each in diffs)
    if server.client.reviews_changes:
        shown = await _review(server, question, whole)
        return [] if shown is None else _left_in(diffs, shown)
    if server.client.edits.shows_documents:
        await explanations.show_document(question, whole, ".diff")
    answer = await ask(server, kind, question, _APPLY, refusal)
    return list(changes) if answer == _APPLY else []


def file_diff(change: FileChange) -> FileDiff:
    """The change as a unified diff in which hidden characters are escapes."""
    from devstral_lsp.edits.unified_diff import heading, hunks  # It loads `difflib`.

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


def diff_of(changes: Sequence[FileChange]) -> str:
    """The changes as a diff to read."""
    return "".join(file_diff(each).text for each in changes)


def patch_of(changes: Sequence[FileChange]) -> str:
    """The changes as a patch for `git apply` and `patch -p1` in the workspace folder."""
    from devstral_lsp.edits.unified_diff import git_heading, unified  # It loads `difflib`.

    parts = []
    for each in changes:
        name, old_name = each.path or _name(each.uri), ""
        if each.renamed_from:
            root = _path(each.uri).removesuffix(name)
            old_name = _path(each.renamed_from).removeprefix(root)
        old = "" if each.is_new else str(each.before)
        new = "" if each.is_deleted else str(apply_edits(each.before, each.edits))
        parts.append(
            git_heading(name, old_name, is_new=each.is_new, is_deleted=each.is_deleted)
            + unified(old, new, name, old_name, is_new=each.is_new, is_deleted=each.is_deleted)
        )
    return "".join(parts)


def _left_in(diffs: Sequence[FileDiff], shown: str) -> list[FileChange]:
    """The changes without those that the user removed from the diff."""
    parts = {part.partition("\n")[0]: part for part in _FILE.split(shown)}
    kept = []
    for each in diffs:
        part = parts.get(each.head.partition("\n")[0].removeprefix("diff "))
        change = None if part is None else each.without_left_out(part)
        if change is not None:
            kept.append(change)
    return kept


def _name(uri: str) -> str:
    return PurePosixPath(_path(uri)).name


def _path(uri: str) -> str:
    return unquote(urlsplit(uri).path)


async def _review(server: ServerContext, question: str, diff: str) -> str | None:
    """The diff as the user edited it; None if the user refused."""
    params = {"question": label_text(question), "diff": diff}
    with suppress(TimeoutError, JsonRpcException):
        async with asyncio.timeout(USER_DECISION_TIMEOUT_S):
            answer = await server.protocol.send_request(REVIEW, params)
        if isinstance(answer, dict) and answer.get("apply") is True:
            left = answer.get("diff")
            return left if isinstance(left, str) else diff
    return None


def _is_elsewhere(changes: Sequence[FileChange]) -> bool:
    """Whether anything changes except lines of one open document, which the editor can undo."""
    return len(changes) > 1 or any(
        each.version is None or each.is_deleted or each.needs_own_yes for each in changes
    )


def change_names(changes: Iterable[FileChange], title: str) -> str:
    """The labels of the changes; the name of the file if a label only repeats the title."""
    labels = ((each.label if each.label != title else "", each) for each in changes)
    return ", ".join(sorted({label or Path(each.uri).name for label, each in labels}))
