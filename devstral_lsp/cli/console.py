"""Drawing with rich: our colours and layout around foreign text.

rich strips a handful of control characters and lets the rest through, ESC among them.
Import it only where something is drawn: rich is heavy.
"""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console, ConsoleOptions, ConsoleRenderable, RenderableType, RenderHook
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.segment import Segment

from devstral_lsp.characters import on_one_line, printable


def console() -> Console:
    """For standard output, in colours."""
    made = Console(force_terminal=True, highlight=False)
    made.push_render_hook(_Escaping())
    return made


class ProgressBar:
    """A line on standard error, as long as the work goes on."""

    def __init__(self, total: int) -> None:
        words = TextColumn("{task.description}", markup=False)
        columns = (words, BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._progress = Progress(*columns, console=Console(stderr=True), transient=True)
        self._progress.start()
        self._task = self._progress.add_task("", total=total)

    def describe(self, words: str) -> None:
        """What is being done."""
        self._progress.update(self._task, description=on_one_line(words))

    def advance(self) -> None:
        """One more of the total is done."""
        self._progress.advance(self._task)

    def stop(self) -> None:
        """Take the line away."""
        self._progress.stop()


class _Escaping(RenderHook):
    """Has all that is printed rendered with escapes."""

    def process_renderables(self, renderables: list[ConsoleRenderable]) -> list[ConsoleRenderable]:
        return [_Escaped(each) for each in renderables]


class _Escaped:
    """Something as rich draws it, but for what its text would do, and links that are not seen."""

    def __init__(self, drawn: RenderableType) -> None:
        self._drawn = drawn

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterable[Segment]:
        for segment in console.render(self._drawn, options):
            if segment.control:
                yield segment
            else:
                style = segment.style.update_link(None) if segment.style else None
                yield Segment(printable(segment.text), style)
