"""The ways in which a user starts a refactor, each with what it lets a reply do."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.refactor.corpus import Snippet
from benchmarks.refactor.good import Reply
from devstral_lsp.config.refactor_settings import CustomAction
from devstral_lsp.edits.line_edits import apply_edits
from devstral_lsp.languages import get_language
from devstral_lsp.refactor.actions import follow_comment, instruct, rewrites
from devstral_lsp.refactor.custom_actions import custom_actions
from devstral_lsp.refactor.errors import UnusableReply
from devstral_lsp.refactor.file_edits import ReplyFiles
from devstral_lsp.refactor.prompt_context import DocumentLocation
from devstral_lsp.refactor.reply_to_edits import ReplyReader
from devstral_lsp.refactor.task.overlay import ToolError, WorkspaceOverlay
from devstral_lsp.refactor.task.tools import TOOLS
from devstral_lsp.refactor.task.tools.base import ToolContext
from devstral_lsp.refactor.types import ActionOffer, ModelTask, RefactorTask
from devstral_lsp.text import Snapshot

WORDS = "Make the names clearer and the code faster."
"""An instruction that asks for nothing to go."""
_NOWHERE = DocumentLocation("file", None, None)
_OWN = CustomAction(title="Own", prompt=WORDS)


class Refused(Exception):
    """No edit that would land without a marked confirmation came of the reply."""


@dataclass(frozen=True, slots=True)
class Entry:
    """`result` gives the document after a reply, or raises Refused with the reason.

    `keeps_names` says that it lets no definition be renamed, or another one come.
    """

    name: str
    result: Callable[[Snippet, Reply], str]
    keeps_names: bool = False


def _asked(model_task: Callable[[ActionOffer, Snapshot], ModelTask]) -> Callable[..., str]:
    def result(snippet: Snippet, reply: Reply) -> str:
        offer = ActionOffer(title="", span=snippet.span, argument=WORDS)
        task = model_task(offer, snippet.snapshot)
        files = ReplyFiles(lambda: WorkspaceOverlay([Path("/nowhere")], {}), "", "file")
        reader = ReplyReader(RefactorTask(offer, snippet.snapshot, task), reply.form, files)
        try:
            draft = reader.draft(reply.raw)
        except UnusableReply as error:
            raise Refused(str(error)) from None
        return str(apply_edits(snippet.snapshot.text, draft.edits))

    return result


def _edit_file(snippet: Snippet, reply: Reply) -> str:
    """The task's tool, which gets code without any wrapping."""
    code = reply.raw.removeprefix("<new_code>\n").rpartition("</new_code>")[0]
    if not code or not reply.raw.startswith("<new_code>\n"):
        raise Refused("No argument of the tool looks like that.")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, f"file{get_language(snippet.language).extensions[0]}")
        file.write_text(str(snippet.snapshot.text), encoding="utf-8")
        overlay = WorkspaceOverlay([Path(folder)], {})
        arguments = {"path": file.name, "old": snippet.code, "new": code}
        try:
            TOOLS["edit_file"].run(ToolContext(overlay, {}, 9), arguments)
        except ToolError as error:
            raise Refused(str(error)) from None
        return str(overlay.read(file.name))


def _keeping(offer: ActionOffer, snapshot: Snapshot) -> ModelTask:
    return ModelTask(instruction=WORDS)


ENTRIES = (
    Entry("action", _asked(_keeping), keeps_names=True),
    Entry(
        "action that may remove",
        _asked(lambda offer, text: rewrites.SIMPLIFY.model_task(offer, text, _NOWHERE)),
        keeps_names=True,
    ),
    Entry(
        "rewrite, instruction",
        _asked(lambda offer, text: instruct.ACTION.model_task(offer, text, _NOWHERE)),
    ),
    Entry(
        "follow comment",
        _asked(lambda offer, text: follow_comment.ACTION.model_task(offer, text, _NOWHERE)),
    ),
    Entry(
        "own action",
        _asked(
            lambda offer, text: next(iter(custom_actions([_OWN]).values())).model_task(
                offer, text, _NOWHERE
            )
        ),
    ),
    Entry("task", _edit_file),
)
