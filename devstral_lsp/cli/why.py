"""`devstral-lsp why`: asks the newest running server why there was no suggestion."""

from __future__ import annotations

import argparse
import os
import socket
from contextlib import suppress
from pathlib import Path

from devstral_lsp.cli.terminal import print_result
from devstral_lsp.config.readers import state_folder
from devstral_lsp.errors import ConfigError
from devstral_lsp.server.why_socket import SOCKETS, newest_sockets

TIMEOUT_S = 5.0
"""How long the server may take to answer."""

MAX_BYTES = 4_000_000
"""Of an answer: 200 traces take about 200 kB."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """None."""


def run(arguments: argparse.Namespace) -> int:
    """Print the answer of the newest server. Raises ConfigError if there is none."""
    if not hasattr(socket, "AF_UNIX"):
        raise ConfigError("Python has no Unix sockets here: run devstral.why in your editor.")
    for path in newest_sockets(state_folder(os.environ) / SOCKETS):
        if (answer := _ask(path)) is not None:
            print_result(answer.rstrip("\n"))
            return 0
    raise ConfigError("No server is running: open a document in your editor, and try again.")


def _ask(path: Path) -> str | None:
    """The answer of the server at `path`; None if it is empty."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(TIMEOUT_S)
        pieces: list[bytes] = []
        with suppress(OSError):
            client.connect(str(path))
            while (piece := client.recv(65_536)) and sum(map(len, pieces)) < MAX_BYTES:
                pieces.append(piece)
    return b"".join(pieces).decode("utf-8", "replace") or None
