"""`devstral-lsp` without a command, or `serve`: runs the language server.

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
    """The transports. At most one may be given."""
    transports = parser.add_mutually_exclusive_group()
    transports.add_argument(
        "--stdio", action="store_true", help="standard input and output (default)"
    )
    transports.add_argument(
        "--socket", metavar="PATH", help="a Unix socket that only you can connect to"
    )
    transports.add_argument("--tcp", metavar="[HOST:]PORT", help="a TCP port on the loopback")
    transports.add_argument("--ws", metavar="[HOST:]PORT", help="a WebSocket on the loopback")
    parser.add_argument(
        "--allow-origin",
        metavar="ORIGIN",
        action="append",
        default=[],
        help="let pages of this origin connect by --ws, such as http://localhost:3000; may be "
        "given several times",
    )
    parser.epilog = _TOKEN
    # VS Code's client library adds it; `initialize` contains it, too.
    parser.add_argument("--clientProcessId", help=argparse.SUPPRESS)


_TOKEN = """\
Any process on this machine can reach a port. So the clients of --tcp and --ws must present a
token, which is printed on standard error when the server starts, or read from DEVSTRAL_TOKEN:
  in `initialize`, as initializationOptions.token;
  or, with --ws, by `Authorization: Bearer TOKEN`, or in the address: ws://127.0.0.1:PORT/?token=…
"""

_TERMINAL_HINT = """\
devstral-lsp waits for an editor on its standard input; editors start it themselves.
Ctrl+C ends it. `devstral-lsp --help` lists the commands for a terminal."""
SWITCH_INTERVAL_S = 0.0005
"""Of Python's threads. A tenth of the default, which makes a search a few percent slower."""
_M_ARENA_MAX, _ARENAS = -8, 2
"""glibc's parameter (mallopt(3)) and its value; the default is eight for each processor."""


def run(arguments: argparse.Namespace) -> int:
    """Serve until the client disconnects; returns the exit code that LSP prescribes."""
    # Most objects that importing LSP's types allocates live until the end. Collecting garbage at
    # every 700 objects would cost a sixth of the start-up, and over 10 ms now and then while the
    # user types. Without any collection, 10 MB of the decorators' garbage would remain.
    gc.set_threshold(10_000)
    # The event loop waits up to this interval for a thread that searches for context, at each step
    # that blocks. With Python's default of 5 ms, a keystroke would wait for that several times.
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    # glibc keeps freed memory for each thread: 50 MB after a thousand edits of large files.
    with suppress(AttributeError, OSError, TypeError):  # another C library, or Windows
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _ARENAS)
    from devstral_lsp.server import converter, transport

    converter.lenient_converter()  # made before the event loop runs
    gc.freeze()
    if arguments.allow_origin and not arguments.ws:
        raise ConfigError("--allow-origin is for pages in a browser, and needs --ws.")
    if arguments.tcp:
        return transport.serve_tcp(transport.ListenAddress.of(arguments.tcp))
    if arguments.ws:
        from devstral_lsp.server.websocket import serve_ws

        return serve_ws(transport.ListenAddress.of(arguments.ws), arguments.allow_origin)
    # The programs that we start must not get the token.
    os.environ.pop(TOKEN_VARIABLE, None)
    if arguments.socket:
        return transport.serve_socket(arguments.socket)
    if sys.stdin and sys.stderr and sys.stdin.isatty():
        print_error(_TERMINAL_HINT)
    return transport.serve_stdio()
