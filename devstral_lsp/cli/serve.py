"""`devstral-lsp` without a command, or `serve`: the language server itself.

Editors start it on standard input and output; a port on the loopback is for development and for
editors that can only connect.
"""

from __future__ import annotations

import argparse
import ctypes
import gc
import os
import sys
from contextlib import suppress

from devstral_lsp.cli.terminal import print_error
from devstral_lsp.config.readers import TOKEN_VARIABLE
from devstral_lsp.errors import ConfigError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The ways to talk to an editor. At most one may be given."""
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--stdio", action="store_true", help="standard input and output (default)")
    way.add_argument("--socket", metavar="PATH", help="a Unix socket that only you can connect to")
    way.add_argument("--tcp", metavar="[HOST:]PORT", help="a TCP port on the loopback")
    way.add_argument("--ws", metavar="[HOST:]PORT", help="a WebSocket on the loopback")
    parser.add_argument(
        "--allow-origin",
        metavar="ORIGIN",
        action="append",
        default=[],
        help="let pages of this origin connect by --ws, such as http://localhost:3000; may be "
        "given several times",
    )
    parser.epilog = _TOKEN
    # VS Code's client library adds it; `initialize` says the same.
    parser.add_argument("--clientProcessId", help=argparse.SUPPRESS)


_TOKEN = """\
Any process of this machine reaches a port. So the clients of --tcp and --ws have to present a
token, which is printed on standard error when the server starts, or taken from DEVSTRAL_TOKEN:
  in `initialize`, as initializationOptions.token;
  or, with --ws, by `Authorization: Bearer TOKEN`, or in the address: ws://127.0.0.1:PORT/?token=…
"""

_TO_A_HUMAN = """\
devstral-lsp waits for an editor on its standard input; editors start it by themselves.
Ctrl+C ends it. `devstral-lsp --help` tells what there is for a terminal."""
SWITCH_S = 0.0005
"""Of Python's threads. A tenth of the default; a search takes some percent longer by it."""
_M_ARENA_MAX, _ARENAS = -8, 2
"""glibc's parameter (mallopt(3)) and its value; the default is eight for each processor."""


def run(arguments: argparse.Namespace) -> int:
    """Serve until the client leaves; gives the exit code that LSP prescribes."""
    # Most of what LSP's types allocate while they are imported stays for good: looking through it
    # for garbage at every 700 objects costs a sixth of the start-up, and over 10 ms now and then
    # while one types. Not looking at all leaves 10 MB of their decorators' garbage behind.
    gc.set_threshold(10_000)
    # A thread that searches for context lets the event loop go on only when this is over, at each
    # step that waits for anything: with Python's 5 ms a keystroke waits for that several times.
    sys.setswitchinterval(SWITCH_S)
    # glibc keeps for each thread what it once needed: 50 MB after a thousand edits of large files.
    with suppress(AttributeError, OSError, TypeError):  # another C library, or Windows
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _ARENAS)
    from devstral_lsp.server import converter, transport

    converter.lenient_converter()  # made before the event loop runs
    gc.freeze()
    if arguments.allow_origin and not arguments.ws:
        raise ConfigError("--allow-origin is about pages in a browser, and goes with --ws.")
    if arguments.tcp:
        return transport.serve_tcp(transport.ListenAddress.of(arguments.tcp))
    if arguments.ws:
        from devstral_lsp.server.websocket import serve_ws

        return serve_ws(transport.ListenAddress.of(arguments.ws), arguments.allow_origin)
    # The token of a port is nothing that the programs we start should have.
    os.environ.pop(TOKEN_VARIABLE, None)
    if arguments.socket:
        return transport.serve_socket(arguments.socket)
    if sys.stdin and sys.stderr and sys.stdin.isatty():
        print_error(_TO_A_HUMAN)
    return transport.serve_stdio()
