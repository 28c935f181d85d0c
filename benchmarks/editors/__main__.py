"""From a key to ghost text on the screen: `python -m benchmarks.editors [EDITOR...] [PLACES]`.

Without a name all of EDITORS are measured. The model answers at once, so that what is measured is
the editor, the server and the way between them: once as it is, and once without the server's wait
for a pause in typing. The server's share, from the request to its answer, is taken from what passes
between the two; the rest is the editor's own: its wait for the next key, and drawing.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from statistics import median

from benchmarks.editors import emacs, helix, nvim, vscode
from benchmarks.editors.timing import Timing

Measure = Callable[[int, Mapping[str, object]], Awaitable[list[Timing]]]
"""Measures so many places under these settings of the server."""

SETTINGS: Mapping[str, Mapping[str, object]] = {
    "as it is": {},
    "without the server's wait": {"completion.debounceMs": 0},
}
EDITORS: Mapping[str, Measure] = {
    "vscode": vscode.measure,
    "nvim": partial(nvim.measure, "0.12", "builtin"),
    "nvim-own": partial(nvim.measure, "0.12", "own"),
    "nvim-0.10": partial(nvim.measure, "0.10", "own"),
    "helix": helix.measure,
    "emacs": partial(emacs.measure, "eglot"),
    "emacs-lsp-mode": partial(emacs.measure, "lsp-mode"),
}
PLACES = 15


def main(name: str, places: int) -> None:
    """Measure one editor and print what came out."""
    print(f"{name}, {places} places; median and 95th percentile in ms")
    for title, settings in SETTINGS.items():
        print(title)
        _print(asyncio.run(_measured(name, places, settings)))


def _print(timings: list[Timing]) -> None:
    rows = {
        "key to ghost text on the screen": [each.screen_ms for each in timings],
        "of that, the server from request to answer": [each.server_ms for each in timings],
        "of that, the editor": [each.screen_ms - each.server_ms for each in timings],
    }
    for row, values in rows.items():
        print(f"  {row:<44} {median(values):6.0f} {_high(values):6.0f}")


async def _measured(name: str, places: int, settings: Mapping[str, object]) -> list[Timing]:
    return list(await EDITORS[name](places, settings))


def _high(values: list[float]) -> float:
    return sorted(values)[int(0.95 * (len(values) - 1))]


if __name__ == "__main__":
    numbers = [int(each) for each in sys.argv[1:] if each.isdigit()]
    for editor in [each for each in sys.argv[1:] if not each.isdigit()] or EDITORS:
        main(editor, *(numbers or [PLACES]))
