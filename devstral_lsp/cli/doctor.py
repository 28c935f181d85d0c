"""`devstral-lsp doctor`: shows what `checkup.py` finds, one line each, as it is found."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing
from pathlib import Path

from devstral_lsp import __version__, log
from devstral_lsp.checkup import examine, forget
from devstral_lsp.cli.document import project_folder
from devstral_lsp.cli.program import not_found
from devstral_lsp.cli.settings import settings_for
from devstral_lsp.cli.terminal import filled, wants_colour, write
from devstral_lsp.findings import Finding, Mark
from devstral_lsp.unattended import run_loop

WELL, UNWELL = 0, 1
"""Exit codes."""

_EPILOG = """\
It sends short texts of its own to the endpoints, never yours, and shows no key.

exit code: 0 all well or warnings only, 1 something does not work
"""
_SIGNS = {
    Mark.OK: ("✓", "green"),
    Mark.WARNING: ("!", "yellow"),
    Mark.FAILURE: ("✗", "bold red"),
}
_MARK_WIDTH = max(len(mark.value) for mark in Mark)
_CHECK_WIDTH = len("completion")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = _EPILOG
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")
    parser.add_argument(
        "--forget",
        action="store_true",
        help="first forget what earlier sessions found out about endpoints",
    )


def run(arguments: argparse.Namespace) -> int:
    folder = project_folder(Path.cwd())
    resolved = settings_for(folder, os.environ)
    log.configure(resolved.settings.log, log.Redactor())
    show = _nothing if arguments.json else _in_colour() if wants_colour() else _plainly
    first = list(_beforehand(forgets=arguments.forget))
    examination = examine(resolved, os.environ, folder, first)
    findings = run_loop(_collect(examination, show))
    if arguments.json:
        write(json.dumps(_as_json(findings), indent=2))
    else:
        write(_verdict(findings))
    return UNWELL if any(each.mark is Mark.FAILURE for each in findings) else WELL


def _beforehand(*, forgets: bool) -> Iterator[Finding]:
    """What is found without the settings."""
    if forgets:
        yield forget(os.environ)
    if advice := not_found():
        # No warning: the extension for VS Code, for one, knows where its server lies.
        yield Finding("command", Mark.OK, "runs, and is not found by its name alone", advice)


async def _collect(
    examination: AsyncGenerator[Finding, None], show: Callable[[Finding], None]
) -> list[Finding]:
    findings = []
    async with aclosing(examination):
        async for finding in examination:
            show(finding)
            findings.append(finding)
    return findings


def _nothing(_: Finding) -> None:
    """JSON comes as one object, at the end."""


def _plainly(finding: Finding) -> None:
    said = f"{finding.mark.value:{_MARK_WIDTH}}  {finding.check:{_CHECK_WIDTH}}  "
    write(filled(said, finding.said))
    if finding.advice:
        write(filled(" " * len(said), f"-> {finding.advice}"))


def _in_colour() -> Callable[[Finding], None]:
    """Draws for a terminal, wrapped within its columns."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(force_terminal=True, highlight=False)

    def show(finding: Finding) -> None:
        sign, style = _SIGNS[finding.mark]
        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column(width=1)
        table.add_column(width=_CHECK_WIDTH)
        table.add_column(overflow="fold")
        table.add_row(Text(sign, style), Text(finding.check, "bold"), Text(finding.said))
        if finding.advice:
            table.add_row("", "", Text(f"→ {finding.advice}", style))
        console.print(table)

    return show


def _as_json(findings: list[Finding]) -> dict[str, object]:
    return {
        "version": __version__,
        "well": all(each.mark is not Mark.FAILURE for each in findings),
        "findings": [
            {"check": each.check, "mark": each.mark.value, "said": each.said, "advice": each.advice}
            for each in findings
        ],
    }


def _verdict(findings: list[Finding]) -> str:
    failures = sum(each.mark is Mark.FAILURE for each in findings)
    warnings = sum(each.mark is Mark.WARNING for each in findings)
    counts = [_count(failures, "failure"), _count(warnings, "warning")]
    return ", ".join(count for count in counts if count) or "All is well."


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}" if number else ""
