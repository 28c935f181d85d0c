"""What context costs: time per keystroke, per new line and per question, and memory.

Run by `python -m benchmarks.context`. A document of 10,000 lines is typed in, with twenty others of
2,000 lines open and their files in the folder. The texts are the standard library's own. "Same
line" is a keystroke in a line that was asked about before, "new line" one after pressing Enter;
"longest stop" is how long the event loop did nothing else meanwhile. The memory is that of the
whole process, before and after each thing was first used.
"""

from __future__ import annotations

import asyncio
import sys
import sysconfig
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from devstral_lsp.config.schema import ContextSettings
from devstral_lsp.context.provider import ContextProvider
from devstral_lsp.text import Edit, Snapshot, Span, Text

LINES = 10_000
OTHERS = 20
OTHER_LINES = 2_000
ROUNDS = 40


@dataclass
class Stops:
    """How long the event loop was kept from its other work."""

    longest_ms: float = 0.0


def main() -> int:
    with TemporaryDirectory() as folder:
        asyncio.run(_measure(Path(folder)))
    _measure_syntax()
    return 0


async def _measure(folder: Path) -> None:
    lines = _standard_lines()
    start = _resident_mb()
    surroundings = ContextProvider(ContextSettings(deadline_ms=2000))
    surroundings.watch_folders([folder])
    names = [f"part{number}" for number in range(OTHERS)]
    for number, name in enumerate(names):
        text = "".join(lines[number * OTHER_LINES : (number + 1) * OTHER_LINES])
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
        surroundings.changed(_snapshot(folder / f"{name}.py", text))
    imports = "".join(f"from {name} import *\n" for name in names)
    text = imports + "".join(lines[OTHERS * OTHER_LINES :][: LINES - OTHERS])
    document = _snapshot(folder / "big.py", text)
    surroundings.changed(document)
    opened = _resident_mb()
    await _first(surroundings, document)
    print(f"memory: start {start:.0f} MB, documents +{opened - start:.1f} MB, ", end="")
    print(f"grammar and caches +{_resident_mb() - opened:.1f} MB")
    await _type(surroundings, document, "x", "same line")
    await _type(surroundings, document, "\n    x = items\n", "new line")
    await surroundings.close()


async def _first(surroundings: ContextProvider, document: Snapshot) -> None:
    began = perf_counter()
    head = await surroundings.prompt_prefix(document, document.text.line_start(LINES // 2))
    print(f"{'first':12}{_ms(began):9.2f} ms   ({len(head)} code points of context)")


async def _type(surroundings: ContextProvider, document: Snapshot, typed: str, name: str) -> None:
    changes, heads = [], []
    offset = document.text.line_end(LINES // 2)
    async with _watched() as stops:
        for _ in range(ROUNDS):
            document = replace(document, text=document.text.replace(offset, offset, typed))
            offset += len(typed)
            began = perf_counter()
            surroundings.changed(document)
            changes.append(_ms(began))
            began = perf_counter()
            await surroundings.prompt_prefix(document, offset)
            heads.append(_ms(began))
    print(f"{name:12}{median(heads):9.2f} ms median, {max(heads):.2f} worst; ", end="")
    print(f"change {median(changes):.2f} ms; longest stop {stops.longest_ms:.1f} ms")


@asynccontextmanager
async def _watched() -> AsyncIterator[Stops]:
    stops = Stops()

    async def watch() -> None:
        while True:
            began = perf_counter()
            await asyncio.sleep(0)
            stops.longest_ms = max(stops.longest_ms, _ms(began))
            await asyncio.sleep(0.001)

    watching = asyncio.create_task(watch())
    try:
        yield stops
    finally:
        watching.cancel()


def _measure_syntax() -> None:
    from devstral_lsp.syntax.tree import Syntax

    text = "".join(_standard_lines()[:LINES])
    before = _resident_mb()
    began = perf_counter()
    syntax = Syntax.of(text, "python")
    assert syntax is not None
    print(f"{'parse':12}{_ms(began):9.2f} ms for {LINES} lines, +{_resident_mb() - before:.1f} MB")
    began = perf_counter()
    for number in range(ROUNDS):
        at = len(text) // 2 + number
        syntax = syntax.apply_edit(Edit(Span(at, at), "x"))
        assert syntax is not None
    print(f"{'reparse':12}{_ms(began) / ROUNDS:9.2f} ms a character")
    began = perf_counter()
    for offset in range(0, len(text), len(text) // 200):
        syntax.inside(offset)
        syntax.scope(offset)
    print(f"{'two answers':12}{_ms(began) / 200:9.3f} ms")


def _standard_lines() -> list[str]:
    found: list[str] = []
    needed = OTHERS * OTHER_LINES + LINES
    for path in sorted(Path(sysconfig.get_path("stdlib")).glob("*.py")):
        text = path.read_text(encoding="utf-8", errors="ignore")
        found.extend(text.splitlines(keepends=True))
        if len(found) >= needed:
            break
    return found


def _snapshot(path: Path, text: str) -> Snapshot:
    return Snapshot(path.as_uri(), 1, "python", Text.of(text))


def _ms(began: float) -> float:
    return (perf_counter() - began) * 1000.0


def _resident_mb() -> float:
    """Resident memory of this process; 0 where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return 0.0
    return pages * 4096 / 1e6


if __name__ == "__main__":
    sys.exit(main())
