"""`devstral-lsp doctor`: shows the results of `doctor/checks.py`, each as it comes."""

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
would send, secrets replaced, and why each piece of other files is in it or is not.

exit code: 0 all well or warnings only, 1 something does not work, or nothing would be sent
"""
_SIGNS = {
    CheckStatus.OK: ("✓", "green"),
    CheckStatus.WARNING: ("!", "yellow"),
    CheckStatus.FAILURE: ("✗", "bold red"),
}
_MARK_WIDTH = max(len(mark.value) for mark in CheckStatus)
_CHECK_WIDTH = len("completion")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = _EPILOG
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")
    either = parser.add_mutually_exclusive_group()
    either.add_argument("--prompt", metavar="PLACE", help="show what would be sent at a place")
    either.add_argument(
        "--forget",
        action="store_true",
        help="first forget what earlier sessions found out about endpoints",
    )


def run(arguments: argparse.Namespace) -> int:
    if arguments.prompt is not None:
        from devstral_lsp.cli.prompt import show_prompt

        return show_prompt(arguments.prompt, as_json=arguments.json)
    folder = project_root(Path.cwd())
    resolved = load_settings(folder, os.environ)
    log.configure(resolved.settings.log, log.Redactor())
    show = None if arguments.json else _show_in_colour() if wants_colour() else _show_plain
    first = list(_beforehand(forgets=arguments.forget))
    examination = run_checks(resolved, os.environ, folder, first)
    findings = run_loop(_collect(examination, show))
    if arguments.json:
        write_json(_as_json(findings), indent=2)
    else:
        print_result(_verdict(findings))
    return UNWELL if any(each.mark is CheckStatus.FAILURE for each in findings) else WELL


def _beforehand(*, forgets: bool) -> Iterator[CheckResult]:
    """What is found without the settings."""
    if forgets:
        yield clear_strategy_cache(os.environ)
    if advice := path_hint():
        # No warning: the extension for VS Code, for one, knows where its server lies.
        yield CheckResult(
            "command", CheckStatus.OK, "runs, and is not found by its name alone", advice
        )


async def _collect(
    examination: AsyncGenerator[CheckResult, None], show: Callable[[CheckResult], None] | None
) -> list[CheckResult]:
    findings = []
    async with aclosing(examination):
        async for finding in examination:
            if show is not None:
                show(finding)
            findings.append(finding)
    return findings


def _show_plain(finding: CheckResult) -> None:
    said = f"{finding.mark.value:{_MARK_WIDTH}}  {finding.check:{_CHECK_WIDTH}}  "
    print_result(wrap_text(said, finding.message))
    if finding.hint:
        print_result(wrap_text(" " * len(said), f"-> {finding.hint}"))


def _show_in_colour() -> Callable[[CheckResult], None]:
    """Draws for a terminal, wrapped within its columns."""
    from rich.table import Table
    from rich.text import Text

    from devstral_lsp.cli.console import console

    terminal = console()

    def show(finding: CheckResult) -> None:
        sign, style = _SIGNS[finding.mark]
        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column(width=1)
        table.add_column(width=_CHECK_WIDTH)
        table.add_column(overflow="fold")
        # Before they are laid out: what is longer than its column then would be cut off.
        said, advice = printable(finding.message), printable(finding.hint)
        table.add_row(Text(sign, style), Text(finding.check, "bold"), Text(said))
        if advice:
            table.add_row("", "", Text(f"→ {advice}", style))
        terminal.print(table)

    return show


def _as_json(findings: list[CheckResult]) -> dict[str, object]:
    return {
        "version": __version__,
        "well": all(each.mark is not CheckStatus.FAILURE for each in findings),
        "findings": [
            {
                "check": each.check,
                "mark": each.mark.value,
                "said": each.message,
                "advice": each.hint,
            }
            for each in findings
        ],
    }


def _verdict(findings: list[CheckResult]) -> str:
    failures = sum(each.mark is CheckStatus.FAILURE for each in findings)
    warnings = sum(each.mark is CheckStatus.WARNING for each in findings)
    counts = [_count(failures, "failure"), _count(warnings, "warning")]
    return ", ".join(count for count in counts if count) or "All is well."


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}" if number else ""
