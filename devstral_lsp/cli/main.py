"""The command line: finds the command, parses its arguments, and returns the exit code.

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
"""Exit code for an invalid command line or input, as in argparse."""
_INTERRUPTED = 130
_BROKEN_PIPE = 141
"""128 and the number of SIGINT and of SIGPIPE, as shells report them."""


class Command(Protocol):
    """The interface of a command's module."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None: ...

    def run(self, arguments: argparse.Namespace) -> int:
        """Run the command; returns the exit code. Raises DevstralError for the user's mistakes."""


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
            "set an editor up: show what would be written, write it, undo it",
        ),
        "stats": _Entry(
            "devstral_lsp.cli.stats",
            "the cost and acceptance of suggestions, from the ledger on this machine",
        ),
        "why": _Entry(
            "devstral_lsp.cli.why",
            "why there was no suggestion: asks the newest running server",
        ),
        "doctor": _Entry(
            "devstral_lsp.cli.doctor",
            "check settings, key, endpoint and model, and say what to do",
        ),
    }
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command in `argv` (default: the process's own arguments)."""
    given = list(sys.argv[1:] if argv is None else argv)
    if argv is None:
        sys.excepthook = terminal.print_crash
    try:
        code = _run(given)
        if sys.stdout is not None:  # None if it was closed at the start
            sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        # Otherwise Python would report the error again when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _BROKEN_PIPE


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
    """Print the help or the version, or suggest a command for an unknown word."""
    width = max(map(len, COMMANDS)) + 2
    parser = terminal.ArgumentParser(
        prog=NAME,
        usage=f"{NAME} [COMMAND] [ARGUMENTS]",
        description="The language server for Mistral's code models.",
        epilog="\n".join(
            [
                "commands:",
                *(f"  {name:{width}}{entry.summary}" for name, entry in COMMANDS.items()),
                f"\n`{NAME} COMMAND --help` says more about each.",
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
    hint = f" Did you mean `{near[0]}`?" if near else f" The commands are: {', '.join(COMMANDS)}."
    return f"`{word}` is not a command.{hint}"
