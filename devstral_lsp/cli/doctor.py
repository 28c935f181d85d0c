"""`devstral-lsp doctor`: prints the results of `doctor/checks.py`, each as soon as it is known."""

from __future__ import annotations

import argparse
import os
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing
from pathlib import Path

from devstral_lsp import __version__
from devstral_lsp.characters import printable
from devstral_lsp.cli.arguments import CURSOR_FORM, project_root
from devstral_lsp.cli.settings import load_settings
from devstral_lsp.cli.setup.editors import path_hint
from devstral_lsp.cli.terminal import print_result, wants_colour, wrap_text, write_json
from devstral_lsp.daemon_thread import run_loop
from devstral_lsp.doctor.checks import clear_strategy_cache, run_checks
from devstral_lsp.doctor.result import CheckResult, CheckStatus
from devstral_lsp.observability import log

WELL, UNWELL = 0, 1
"""Exit codes."""

_EPILOG = f"""\
It sends short texts of its own to the endpoints, never yours, and shows no key.

PLACE is {CURSOR_FORM}. With --prompt nothing is sent: it shows the text that a completion there
would send, with secrets replaced, and why each piece of another file is or is not included.

exit code: 0 all well or warnings only, 1 something does not work, or nothing would be sent
"""
_SIGNS = {
    CheckStatus.OK: ("✓", "green"),
    CheckStatus.WARNING: ("!", "yellow"),
    CheckStatus.FAILURE: ("✗", "bold red"),
}
_STATUS_WIDTH = max(len(status.value) for status in CheckStatus)
_CHECK_WIDTH = len("completion")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = _EPILOG
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")
    either = parser.add_mutually_exclusive_group()
    either.add_argument("--prompt", metavar="PLACE", help="show what would be sent at a place")
    either.add_argument(
        "--forget",
        action="store_true",
        help="first delete what earlier sessions found out about endpoints",
    )


def run(arguments: argparse.Namespace) -> int:
    if arguments.prompt is not None:
        from devstral_lsp.cli.prompt import show_prompt

        return show_prompt(arguments.prompt, as_json=arguments.json)
    folder = project_root(Path.cwd())
    resolved = load_settings(folder, os.environ)
    log.configure(resolved.settings.log, log.Redactor())
    show = None if arguments.json else _show_in_colour() if wants_colour() else _show_plain
    first = list(_first_results(forgets=arguments.forget))
    results = run_loop(_collect(run_checks(resolved, os.environ, folder, first), show))
    if arguments.json:
        write_json(_as_json(results), indent=2)
    else:
        print_result(_verdict(results))
    return UNWELL if any(each.status is CheckStatus.FAILURE for each in results) else WELL


def _first_results(*, forgets: bool) -> Iterator[CheckResult]:
    """The results that need no settings."""
    if forgets:
        yield clear_strategy_cache(os.environ)
    if hint := path_hint():
        # No warning: the extension for VS Code, for example, knows the path of its server.
        yield CheckResult("command", CheckStatus.OK, "runs, but is not on the PATH", hint)


async def _collect(
    checks: AsyncGenerator[CheckResult, None], show: Callable[[CheckResult], None] | None
) -> list[CheckResult]:
    results = []
    async with aclosing(checks):
        async for result in checks:
            if show is not None:
                show(result)
            results.append(result)
    return results


def _show_plain(result: CheckResult) -> None:
    lead = f"{result.status.value:{_STATUS_WIDTH}}  {result.check:{_CHECK_WIDTH}}  "
    print_result(wrap_text(lead, result.message))
    if result.hint:
        print_result(wrap_text(" " * len(lead), f"-> {result.hint}"))


def _show_in_colour() -> Callable[[CheckResult], None]:
    """Returns a function that prints a result as wide as the terminal."""
    from rich.table import Table
    from rich.text import Text

    from devstral_lsp.cli.console import console

    terminal = console()

    def show(result: CheckResult) -> None:
        sign, style = _SIGNS[result.status]
        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column(width=1)
        table.add_column(width=_CHECK_WIDTH)
        table.add_column(overflow="fold")
        # Escaped before the layout, which cuts off what becomes too long for its column later.
        message, hint = printable(result.message), printable(result.hint)
        table.add_row(Text(sign, style), Text(result.check, "bold"), Text(message))
        if hint:
            table.add_row("", "", Text(f"→ {hint}", style))
        terminal.print(table)

    return show


def _as_json(results: list[CheckResult]) -> dict[str, object]:
    return {
        "version": __version__,
        "well": all(each.status is not CheckStatus.FAILURE for each in results),
        "findings": [each.to_json for each in results],
    }


def _verdict(results: list[CheckResult]) -> str:
    failures = sum(each.status is CheckStatus.FAILURE for each in results)
    warnings = sum(each.status is CheckStatus.WARNING for each in results)
    counts = [_count(failures, "failure"), _count(warnings, "warning")]
    return ", ".join(count for count in counts if count) or "All is well."


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}" if number else ""
