"""The command line: finds the command, reads its arguments, and gives the exit code.

Without a command it serves, as editors start it. A command's module is imported when it runs, so
that serving loads nothing that only a terminal needs.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import Protocol, cast

from devstral_lsp import __version__
from devstral_lsp.cli import terminal
from devstral_lsp.errors import DevstralError

NAME = "devstral-lsp"

BAD_USAGE = 2
"""Exit code for a command line or an input that cannot be used, as in argparse."""
_INTERRUPTED = 130
_READER_GONE = 141
"""128 and the number of SIGINT and of SIGPIPE, as shells report them."""


class Command(Protocol):
    """What the module of a command has."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None: ...

    def run(self, arguments: argparse.Namespace) -> int:
        """Do it; gives the exit code. Raises DevstralError for what the user can put right."""


@dataclass(frozen=True, slots=True)
class _Entry:
    module: str
    summary: str

    def load(self) -> Command:
        return cast("Command", import_module(self.module))


COMMANDS: Mapping[str, _Entry] = MappingProxyType(
    {
        "serve": _Entry(
            "devstral_lsp.cli.serve",
            "talk to an editor on standard input and output (also without a command)",
        ),
        "complete": _Entry(
            "devstral_lsp.cli.complete",
            "show in the terminal what would be offered at a place in a file",
        ),
        "refactor": _Entry(
            "devstral_lsp.cli.refactor",
            "refactor lines of files by an action or in your own words, and show the diff",
        ),
        "init": _Entry(
            "devstral_lsp.cli.init",
            "set an editor up: show what would be written, write it, take it back",
        ),
        "stats": _Entry(
            "devstral_lsp.cli.stats",
            "what suggestions cost, and what became of them; from the ledger on this machine",
        ),
        "why": _Entry(
            "devstral_lsp.cli.why",
            "why there was no suggestion: asks the newest server that runs",
        ),
        "doctor": _Entry(
            "devstral_lsp.cli.doctor",
            "check settings, key, endpoint and model, and say what to do",
        ),
    }
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command that `argv` (default: the process's own arguments) asks for."""
    given = list(sys.argv[1:] if argv is None else argv)
    if argv is None:
        sys.excepthook = terminal.print_crash
    try:
        code = _run(given)
        if sys.stdout is not None:  # it was closed when we were started
            sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        # Python would complain again when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _READER_GONE


def _run(given: list[str]) -> int:
    if not given or (given[0].startswith("-") and given[0] not in ("-h", "--help", "--version")):
        given = ["serve", *given]
    if given[0] == "help":
        given = [*given[1:2], "--help"]
    if given[0] not in COMMANDS:
        return _about(given)
    name, *rest = given
    if name != "serve":
        terminal.replace_unencodable_output()
    entry = COMMANDS[name]
    command = entry.load()
    parser = terminal.ArgumentParser(
        prog=f"{NAME} {name}",
        description=f"{entry.summary[0].upper()}{entry.summary[1:]}.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_arguments(parser)
    arguments = parser.parse_args(rest)
    try:
        return command.run(arguments)
    except DevstralError as error:
        terminal.print_error(f"{NAME} {name}: {error}")
        return BAD_USAGE


def _about(given: list[str]) -> int:
    """Help, version, or what a word that is no command may have meant."""
    width = max(map(len, COMMANDS)) + 2
    parser = terminal.ArgumentParser(
        prog=NAME,
        usage=f"{NAME} [COMMAND] [ARGUMENTS]",
        description="The language server for Mistral's code models.",
        epilog="\n".join(
            [
                "commands:",
                *(f"  {name:{width}}{entry.summary}" for name, entry in COMMANDS.items()),
                f"\n`{NAME} COMMAND --help` tells more of each.",
            ]
        ),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"{NAME} {__version__}")
    if not given[0].startswith("-"):
        parser.error(_unknown(given[0]))
    parser.parse_args(given)
    return BAD_USAGE


def _unknown(word: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(word, COMMANDS, n=1, cutoff=0.5)
    hint = f" Did you mean `{near[0]}`?" if near else f" There are: {', '.join(COMMANDS)}."
    return f"`{word}` is not a command.{hint}"
