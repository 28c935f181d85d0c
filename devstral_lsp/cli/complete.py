"""`devstral-lsp complete`: completes at one place, and shows the completion there as ghost text.

It is the completion that an editor would get, with all settings and filters.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from devstral_lsp.app import App
from devstral_lsp.cli.arguments import CURSOR_FORM, Cursor, CursorArgument, cursor_at, project_root
from devstral_lsp.cli.ghost_text import coloured, plain, rows_of
from devstral_lsp.cli.settings import load_settings, problems_of
from devstral_lsp.cli.terminal import print_error, print_result, wants_colour, write_json
from devstral_lsp.completion.status import Status, StatusKind
from devstral_lsp.completion.types import Completion, CompletionRequest, TriggerKind
from devstral_lsp.config.merge import ResolvedSettings
from devstral_lsp.config.schema import SETTING_SPECS
from devstral_lsp.daemon_thread import run_loop
from devstral_lsp.endpoints.notices import NO_KEY, missing_key_message
from devstral_lsp.observability import log
from devstral_lsp.providers.base import LOADING_TIMEOUT_S, Notice

SHOWN, NOTHING = 0, 1
"""Exit codes."""
_READING_S = 10.0
"""How long reading the folder's files may take; what has been read by then is used."""
_LOADING_RETRY_S = 1.0
"""Between two requests to an endpoint that is loading its model."""
LOCAL_BUDGET_MS = 1000.0
"""How long `local` may take: the user is not typing, and a new process is slow at first."""

_EPILOG = f"""\
PLACE is {CURSOR_FORM}; columns are code points.
Without a column it is the end of the line.

examples:
  devstral-lsp complete app.py:12
  devstral-lsp complete app.py:12:8 --provider local
  devstral-lsp complete app.py:12 --stdin < unsaved-text

exit code: 0 shown, 1 nothing to suggest, 2 the place cannot be used
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = _EPILOG
    parser.add_argument("place", metavar="PLACE", help="where: FILE:LINE or FILE:LINE:COL")
    parser.add_argument(
        "--stdin",
        action="store_true",
        help="read the text from standard input; FILE need not exist: it determines the language "
        "and the project",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")
    parser.add_argument(
        "--provider",
        choices=SETTING_SPECS["fim.provider"].choices,
        metavar="NAME",
        help="use only this provider, regardless of the settings: %(choices)s",
    )
    parser.add_argument("--model", metavar="ID", help="the model to use")


@dataclass(slots=True)
class _AppMessages:
    """The messages of the application. `named` is the provider that --provider names, if any."""

    named: str = ""
    notices: list[Notice] = field(default_factory=list)
    statuses: list[Status] = field(default_factory=list)

    def is_loading(self) -> bool:
        """Whether the endpoint is loading its model, so that the request should be repeated."""
        return bool(self.statuses) and self.statuses[-1].is_loading

    @property
    def sentences(self) -> Iterator[str]:
        """The notices; for a named provider without a key, its notice instead of Mistral's."""
        for notice in self.notices:
            is_other = self.named and notice == NO_KEY
            yield missing_key_message(self.named) if is_other else notice.message

    @property
    def failure(self) -> str:
        """Why the endpoint did not answer; "" if it did."""
        last = self.statuses[-1] if self.statuses else None
        return last.message if last is not None and last.kind is not StatusKind.NORMAL else ""


@dataclass(frozen=True, slots=True)
class _Result:
    """The completion at `cursor`; None if there is none, and then `reason` says why."""

    cursor: Cursor
    completion: Completion | None
    elapsed_ms: float
    reason: str = ""


def run(arguments: argparse.Namespace) -> int:
    target = CursorArgument.of(arguments.place)
    cursor = cursor_at(target, from_stdin=arguments.stdin)
    folder = project_root(Path(os.path.realpath(target.file)))
    resolved = load_settings(folder, os.environ, _options(arguments))
    log.configure(resolved.settings.log, log.Redactor())
    for sentence in problems_of(resolved):
        print_error(sentence)
    messages = _AppMessages(_named(arguments))
    result = run_loop(_ask(cursor, folder, resolved, messages))
    for sentence in messages.sentences:
        print_error(sentence)
    if result.completion is not None and messages.failure and not resolved.narrowed:
        print_error(messages.failure)
    if arguments.json:
        write_json(_as_json(target.file, result))
    elif result.completion is None:
        print_error("Nothing to suggest." if resolved.narrowed else result.reason)
    else:
        _show(result, result.completion, target.file)
    return NOTHING if result.completion is None else SHOWN


def _options(arguments: argparse.Namespace) -> dict[str, object]:
    """The settings that the options override."""
    options: dict[str, object] = {"fim.provider": arguments.provider, "fim.model": arguments.model}
    if _named(arguments):
        options["local.enabled"] = arguments.provider == "local"
        options["fim.fallbacks"] = []
    return options


def _named(arguments: argparse.Namespace) -> str:
    """The only provider to use; "" for those in the settings."""
    return "" if arguments.provider in (None, "auto") else str(arguments.provider)


async def _ask(
    cursor: Cursor, folder: Path, resolved: ResolvedSettings, messages: _AppMessages
) -> _Result:
    app = App(
        resolved,
        notify=messages.notices.append,
        status=messages.statuses.append,
        thinking_ms=LOCAL_BUDGET_MS,
    )
    try:
        await app.ready()
        app.changed(cursor.snapshot)
        if app.provider == "local":
            await _read_folder(app, folder)
        started_s = time.perf_counter()
        request = CompletionRequest(
            snapshot=cursor.snapshot, offset=cursor.offset, trigger=TriggerKind.INVOKED
        )
        found = await app.completer.complete(request)
        if not found and messages.is_loading():
            print_error(f"{messages.statuses[-1].message} Waiting for it.")
        while not found and messages.is_loading() and _seconds_since(started_s) < LOADING_TIMEOUT_S:
            await asyncio.sleep(_LOADING_RETRY_S)
            found = await app.completer.complete(request)
        elapsed_ms = (time.perf_counter() - started_s) * 1000
    finally:
        await app.close()
    if found:
        return _Result(cursor, found[0], elapsed_ms)
    return _Result(cursor, None, elapsed_ms, _reason(cursor, resolved, app.provider, messages))


def _seconds_since(started_s: float) -> float:
    return time.perf_counter() - started_s


async def _read_folder(app: App, folder: Path) -> None:
    app.set_workspace_folders([folder])
    try:
        await asyncio.wait_for(app.wait_until_indexed(), _READING_S)
    except TimeoutError:
        print_error(
            f"Not all of {folder} was read within {_READING_S:.0f} s; what was read is used."
        )


def _reason(
    cursor: Cursor, resolved: ResolvedSettings, provider: str, messages: _AppMessages
) -> str:
    """Why there is nothing to suggest, as far as that is known."""
    completion, language = resolved.settings.completion, cursor.snapshot.language
    if not completion.enabled:
        layer = resolved.origins["completion.enabled"].value
        return f"Nothing to suggest: completion.enabled is false (set by the {layer})."
    if completion.mode == "off":
        layer = resolved.origins["completion.mode"].value
        return f'Nothing to suggest: completion.mode is "off" (set by the {layer}).'
    if language in completion.disabled_languages:
        layer = resolved.origins["completion.disabled_languages"].value
        return (
            f"Nothing to suggest: completion.disabled_languages (set by the {layer}) "
            f'holds "{language}".'
        )
    if messages.failure:
        return messages.failure
    if provider == "local" and not resolved.settings.local.enabled:
        if messages.named:
            return f"Nothing to suggest: {messages.named} cannot be used, and you chose no other."
        return "Nothing to suggest: no endpoint can be used, and `local` is switched off."
    return f"{provider} has nothing to suggest here."


def _as_json(file: str, result: _Result) -> dict[str, object]:
    """Lines and columns count from 1, columns in code points; the range's end is exclusive."""
    found, cursor = result.completion, result.cursor
    return {
        "file": file,
        "line": cursor.line,
        "column": cursor.column,
        "text": found.text if found else None,
        "range": _range(cursor, found) if found else None,
        "provider": found.provider if found else None,
        "elapsed_ms": round(result.elapsed_ms, 1),
        "reason": result.reason or None,
    }


def _range(cursor: Cursor, completion: Completion) -> dict[str, object]:
    """The range that the completion replaces."""
    ends = [Cursor(cursor.snapshot, at) for at in (completion.span.start, completion.span.end)]
    start, end = ({"line": each.line, "column": each.column} for each in ends)
    return {"start": start, "end": end}


def _show(result: _Result, completion: Completion, file: str) -> None:
    cursor = result.cursor
    rows = rows_of(cursor.snapshot.text, cursor.offset, completion)
    source = f"{completion.provider}, {result.elapsed_ms:.0f} ms"
    head = f"{file}:{cursor.line}:{cursor.column}"
    if not wants_colour():
        print_result(f"{head}  {source}\n{plain(rows, sys.stdout.encoding)}")
        return
    from rich.text import Text

    from devstral_lsp.cli.console import console

    terminal = console()
    terminal.print(Text.assemble((head, "bold"), f"  {source}"), soft_wrap=True)
    terminal.print(coloured(rows, file), soft_wrap=True)
