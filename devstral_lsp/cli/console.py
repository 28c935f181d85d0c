"""Output by rich, with the control characters of untrusted text escaped.

rich removes only a few control characters, and not ESC. Import this module on first use: rich is
slow to load.
"""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console, ConsoleOptions, ConsoleRenderable, RenderableType, RenderHook
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.segment import Segment

from devstral_lsp.characters import on_one_line, printable


def console() -> Console:
    """The console for coloured standard output."""
    escaping = Console(force_terminal=True, highlight=False)
    escaping.push_render_hook(_Escaping())
    return escaping


class ProgressBar:
    """A progress bar on standard error."""

    def __init__(self, total: int) -> None:
        words = TextColumn("{task.description}", markup=False)
        columns = (words, BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._progress = Progress(*columns, console=Console(stderr=True), transient=True)
        self._progress.start()
        self._task = self._progress.add_task("", total=total)

    def describe(self, words: str) -> None:
        """Show what is being done."""
        self._progress.update(self._task, description=on_one_line(words))

    def advance(self) -> None:
        """Count one more as done."""
        self._progress.advance(self._task)

    def stop(self) -> None:
        """Remove the bar."""
        self._progress.stop()


class _Escaping(RenderHook):
    """Escapes everything that is printed."""

    def process_renderables(self, renderables: list[ConsoleRenderable]) -> list[ConsoleRenderable]:
        return [_Escaped(each) for each in renderables]


class _Escaped:
    """A renderable without hidden links, and with its control characters escaped."""

    def __init__(self, drawn: RenderableType) -> None:
        self._drawn = drawn

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterable[Segment]:
        for segment in console.render(self._drawn, options):
            if segment.control:
                yield segment
            else:
                style = segment.style.update_link(None) if segment.style else None
                yield Segment(printable(segment.text), style)
