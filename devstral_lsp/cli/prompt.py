"""`devstral-lsp doctor --prompt`: shows the prompt of a completion, and why it contains what.

Sends nothing. The text is redacted as for an endpoint.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from devstral_lsp.app import App
from devstral_lsp.cli.arguments import Cursor, CursorArgument, cursor_at, project_root
from devstral_lsp.cli.settings import load_settings, problems_of
from devstral_lsp.cli.terminal import print_error, print_result, write_json
from devstral_lsp.completion.preview import PromptPreview
from devstral_lsp.completion.types import CompletionRequest, TriggerKind
from devstral_lsp.config.merge import ResolvedSettings
from devstral_lsp.daemon_thread import run_loop
from devstral_lsp.observability import log
from devstral_lsp.providers.base import FimRequest

SHOWN, NOTHING = 0, 1
"""Exit codes."""
DEADLINE_MS = 2000
"""For gathering context: a new process reads everything for the first time."""


@dataclass(frozen=True, slots=True)
class _ShownPrompt:
    file: str
    cursor: Cursor
    preview: PromptPreview
    endpoint: str
    """The provider that would be used; "" if there is none."""


def show_prompt(place: str, *, as_json: bool) -> int:
    """Show what a completion at FILE:LINE[:COL] would send. Raises InvalidInput."""
    target = CursorArgument.of(place)
    cursor = cursor_at(target, from_stdin=False)
    folder = project_root(Path(os.path.realpath(target.file)))
    resolved = load_settings(folder, os.environ, {"context.deadline_ms": DEADLINE_MS})
    log.configure(resolved.settings.log, log.Redactor())
    for sentence in problems_of(resolved):
        print_error(sentence)
    found = run_loop(_preview(target.file, cursor, folder, resolved))
    request = found.preview.request
    if as_json:
        write_json(_as_json(found), indent=2)
    elif request is None:
        print_error(found.preview.reason)
    else:
        print_result("\n".join(_lines(found, request)))
    return SHOWN if request is not None else NOTHING


async def _preview(
    file: str, cursor: Cursor, folder: Path, resolved: ResolvedSettings
) -> _ShownPrompt:
    app = App(resolved)
    try:
        app.set_workspace_folders([folder])
        app.changed(cursor.snapshot)
        request = CompletionRequest(
            snapshot=cursor.snapshot, offset=cursor.offset, trigger=TriggerKind.INVOKED
        )
        preview = await app.preview(request)
        return _ShownPrompt(file, cursor, preview, app.provider if app.provider != "local" else "")
    finally:
        await app.close()


def _lines(found: _ShownPrompt, request: FimRequest) -> Iterator[str]:
    preview, cursor = found.preview, found.cursor
    endpoint = found.endpoint or "an endpoint (none is set up yet)"
    yield f"At {found.file}:{cursor.line}:{cursor.column}, this would be sent to {endpoint}."
    for title, is_left_out in (("Context, in order:", False), ("Left out:", True)):
        chosen = [each for each in preview.choices if bool(each.left_out) is is_left_out]
        if chosen:
            yield f"\n{title}"
        for each in chosen:
            reason = f"{each.reason}: {each.left_out}" if each.left_out else each.reason
            piece = each.snippet
            yield f"  {each.tokens:5} tokens  {piece.source}  {piece.path}  {reason}"
    yield f"\nBefore the cursor, {request.context_length} characters of context first:\n"
    yield request.prompt
    yield "\nAfter the cursor:\n"
    yield request.suffix


def _as_json(found: _ShownPrompt) -> dict[str, object]:
    """Lines and columns count from 1, columns in code points; tokens are estimates."""
    preview, request = found.preview, found.preview.request
    return {
        "file": found.file,
        "line": found.cursor.line,
        "column": found.cursor.column,
        "endpoint": found.endpoint or None,
        "reason": preview.reason or None,
        "prompt": request.prompt if request else None,
        "suffix": request.suffix if request else None,
        "context_characters": request.context_length if request else 0,
        "choices": [
            {
                "source": each.snippet.source,
                "file": each.snippet.path,
                "reason": each.reason,
                "tokens": each.tokens,
                "kept": not each.left_out,
                "left_out": each.left_out or None,
            }
            for each in preview.choices
        ],
    }
