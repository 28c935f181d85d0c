"""Runs a task across the project for one session, on the files as the editor has them.

`refactor/task` decides what the model may do.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.uris import to_fs_path

from devstral_lsp.characters import printable
from devstral_lsp.paths.names import objection_to
from devstral_lsp.providers.base import Notice
from devstral_lsp.refactor.types import (
    EMPTY_TEXT,
    ActionOffer,
    Diagnostic,
    RefactorRefused,
    RefactorResult,
)
from devstral_lsp.server.action_data import ActionData
from devstral_lsp.server.context import ServerContext
from devstral_lsp.server.explanations import Explanations
from devstral_lsp.server.jobs import RefactorJob
from devstral_lsp.server.questions import CannotAsk, ask
from devstral_lsp.text import Snapshot, Span

if TYPE_CHECKING:
    from devstral_lsp.refactor.task.agent import Task
    from devstral_lsp.refactor.task.conversation import Conversation
    from devstral_lsp.refactor.task.tools.base import TaskPlan

ACTION = "apply_across_project"
"""The id of the action whose offers are tasks."""

_GO_ON, _STOP = "Go on", "Stop"

NOWHERE = Snapshot(uri="", version=None, language="", text=EMPTY_TEXT)
"""The snapshot of a task's job: a task is about no text in particular."""


def task_action_data(instruction: str, focus: str) -> ActionData:
    """The data of a task; `focus` is the URI of the document in focus, "" if there is none."""
    # Imported here because it loads the parser.
    from devstral_lsp.refactor.selection_context import truncate_title

    offer = ActionOffer(
        action=ACTION,
        title=truncate_title(instruction),
        kind="refactor",
        span=Span(0, 0),
        argument=instruction,
    )
    return ActionData(offer, focus, 0)


async def run_task(
    server: ServerContext,
    job: RefactorJob,
    explanations: Explanations,
    diagnostics: Mapping[str, Iterable[Diagnostic]],
    *,
    stop: asyncio.Event,
    started: Callable[[Conversation], None],
) -> RefactorResult:
    """Do the task. `diagnostics` are those of the open documents, by URI.

    Setting `stop` ends it with the changes so far. `started` gets its conversation. Raises
    RefactorRefused, ProviderError.
    """
    from devstral_lsp.refactor.task.agent import TaskControl, TaskLimits, run

    app = await server.app()
    notices: list[Notice] = []
    project = _Project.of(server, diagnostics)
    task = await asyncio.to_thread(_task, job.data, project, notices.append)
    for notice in notices:
        server.messages.notify(notice)
    settings = app.settings
    limits = TaskLimits(
        tokens=settings.refactor.task_tokens, answer_tokens=settings.chat.max_tokens
    )
    control = TaskControl(
        stop=stop,
        stop_reason=lambda: job.stop_reason,
        report=job.progress.report,
        agree=partial(_confirm_plan, server, explanations),
        started=started,
        observer=app.recorder,
    )
    return await run(task, await app.connect_chat(), limits, control)


async def _confirm_plan(server: ServerContext, explanations: Explanations, plan: TaskPlan) -> bool:
    """Show the plan and ask the user whether to go on.

    An editor that cannot ask goes on: it still previews the edit.
    """
    from devstral_lsp.refactor.safe_markdown import safe_markdown

    files = "\n".join(f"- `{printable(each)}`" for each in plan.files)
    if server.client.edits.shows_documents:
        text = f"# Plan\n\n{safe_markdown(plan.summary)}\n\n{files}\n"
        await explanations.show_document("Plan", text, ".md")
    names = ", ".join(plan.files)
    question = f"The task is going to change {len(plan.files)} files: {names}. {plan.summary}"
    try:
        return await ask(server, types.MessageType.Info, question, _GO_ON, _STOP) == _GO_ON
    except CannotAsk:
        return True


@dataclass(frozen=True, slots=True)
class _Project:
    """The session's folders, open documents and their diagnostics."""

    folders: tuple[Path, ...]
    documents: Mapping[Path, Snapshot]
    diagnostics: Mapping[Path, tuple[Diagnostic, ...]]
    exclude: tuple[str, ...] = ()

    @classmethod
    def of(cls, server: ServerContext, diagnostics: Mapping[str, Iterable[Diagnostic]]) -> _Project:
        """Raises RefactorRefused if no folder is open."""
        folders = server.session.folders
        if not folders:
            raise RefactorRefused("A task needs a folder to work in: open one in the editor.")
        found = ((to_fs_path(each.uri), each) for each in server.session.snapshots())
        documents = {Path(path): each for path, each in found if path}
        known = {path: tuple(diagnostics.get(each.uri, ())) for path, each in documents.items()}
        return cls(folders, documents, known, server.resolved.settings.privacy.exclude)


def _task(data: ActionData, project: _Project, notify: Callable[[Notice], None]) -> Task:
    """The task for its engine. Blocks: reads files."""
    from devstral_lsp.refactor.conventions import conventions_of
    from devstral_lsp.refactor.task.agent import Task
    from devstral_lsp.refactor.task.overlay import ToolError, WorkspaceOverlay

    overlay = WorkspaceOverlay(project.folders, project.documents, exclude=project.exclude)
    names: dict[Path, str] = {}
    for path in project.documents:
        with suppress(ToolError):  # It lies outside of the folders.
            name = overlay.name_of(path)
            if not objection_to(name):
                names[path] = name
    focus = Path(to_fs_path(data.uri) or "")
    root = next((each for each in project.folders if focus.is_relative_to(each)), None)
    beside = focus if root is not None else project.folders[0] / "x"
    return Task(
        instruction=data.offer.argument,
        overlay=overlay,
        diagnostics={
            names[path]: known for path, known in project.diagnostics.items() if path in names
        },
        conventions=conventions_of(beside, root or project.folders[0], project.exclude, notify),
        focus=names.get(focus, ""),
    )
