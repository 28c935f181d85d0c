"""The output of `refactor`: diffs, Markdown and findings, and its progress."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from devstral_lsp.cli.changed_files import ChangedFiles
from devstral_lsp.cli.terminal import (
    print_error,
    print_result,
    wants_colour,
    write_diff,
    write_json,
)
from devstral_lsp.refactor.types import ActionOffer, Progress, RefactorResult, ReviewComment
from devstral_lsp.text import Text

if TYPE_CHECKING:
    from devstral_lsp.cli.console import ProgressBar

_NAME_WIDTH = 24


@dataclass(frozen=True, slots=True)
class PlaceResult:
    """The result at one place; without one, `reason` says why.

    `text` is the text of `file`.
    """

    place: str
    offer: ActionOffer | None = None
    result: RefactorResult | None = None
    text: Text = field(default_factory=lambda: Text.of(""))
    file: str = ""
    reason: str = ""

    @property
    def findings(self) -> Iterator[dict[str, Any]]:
        """The review comments, with lines that count from 1."""
        for each in (self.result and self.result.findings) or ():
            yield self._finding(each)

    def _finding(self, each: ReviewComment) -> dict[str, Any]:
        lines = [self.text.line_of(at) + 1 for at in (each.span.start, each.span.end)]
        severity = each.severity.name.lower()
        return {
            "line": lines[0], "end_line": lines[1], "severity": severity, "message": each.message
        }  # fmt: skip


class Report:
    """Everything that is printed at the end."""

    def __init__(self, *, as_json: bool, written: bool) -> None:
        self.notices: list[str] = []
        self.done: list[PlaceResult] = []
        self._as_json = as_json
        self._written = written

    def sort(self, places: Sequence[str]) -> None:
        """Sort the results in the order of `places`."""
        self.done.sort(key=lambda each: places.index(each.place))

    def found_anything(self, files: ChangedFiles) -> bool:
        """Whether there is a change or a finding."""
        return any(files.changed()) or any(any(each.findings) for each in self.done)

    def show(self, files: ChangedFiles) -> None:
        """Print the result to standard output, everything else to standard error."""
        for sentence in self.notices:
            print_error(sentence)
        for each in self.done:
            if each.reason:
                print_error(f"{each.place}: {each.reason}")
        if self._as_json:
            write_json(self._object(files))
            return
        for each in self.done:
            _show_text(each)
        self._show_changes(files)

    def _show_changes(self, files: ChangedFiles) -> None:
        changed = list(files.changed())
        for each in changed:
            if self._written:
                print_error(f"{each.name}: {'created' if each.is_new else 'changed'}")
            else:
                if each.caution:  # `patch` and `git apply` ignore text before a diff
                    print_result(f"# {each.name}: {each.caution}")
                write_diff(each.diff)
        if not changed and all(_is_silent(each) for each in self.done):
            print_error("Nothing to change.")

    def _object(self, files: ChangedFiles) -> dict[str, Any]:
        changed = files.changed()
        return {
            "places": [_place(each) for each in self.done],
            "files": [
                {
                    "file": each.name,
                    "is_new": each.is_new,
                    "diff": each.diff,
                    "caution": each.caution or None,
                }
                for each in changed
            ],
            "written": self._written,
        }


def list_offers(place: str, offers: Sequence[ActionOffer], *, as_json: bool) -> None:
    """Print the actions that apply at a place: their names for --action, and their titles."""
    if as_json:
        rows = [
            {
                "action": each.action,
                "title": each.title,
                "kind": each.kind,
                "disabled": each.disabled,
            }
            for each in offers
        ]
        write_json({"place": place, "actions": rows})
        return
    print_result(f"{place}:")
    for each in offers:
        why = f" (not here: {each.disabled})" if each.disabled else ""
        print_result(f"  {each.action:{_NAME_WIDTH}}{each.title}{why}")
    if not offers:
        print_result("  nothing applies here")


class PlacesProgress:
    """The progress of the command, shown only on a terminal."""

    def __init__(self, places: int) -> None:
        self._places = places
        self._bar: ProgressBar | None = None

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            from devstral_lsp.cli.console import ProgressBar

            self._bar = ProgressBar(self._places)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def callback_for(self, place: str) -> Callable[[Progress], None]:
        """A callback that shows the progress of one place."""

        def show(progress: Progress) -> None:
            tokens = f", {progress.tokens:,} tokens" if progress.tokens else ""
            if self._bar is not None:
                self._bar.describe(f"{place}: {progress.message}{tokens}")

        return show

    def next(self) -> None:
        """Count a place as done."""
        if self._bar is not None:
            self._bar.advance()


def _show_text(each: PlaceResult) -> None:
    if each.result is None:
        return
    if each.result.markdown:
        _show_markdown(each.result.markdown)
    for found in each.findings:
        print_result(f"{each.file}:{found['line']}: {found['severity']}: {found['message']}")


def _show_markdown(text: str) -> None:
    if not wants_colour():
        print_result(text)
        return
    from rich.markdown import Markdown

    from devstral_lsp.cli.console import console

    console().print(Markdown(text))


def _is_silent(each: PlaceResult) -> bool:
    """Whether nothing else is printed for a place."""
    return not each.reason and not (each.result and (each.result.markdown or each.result.findings))


def _place(each: PlaceResult) -> dict[str, Any]:
    return {
        "place": each.place,
        "action": each.offer.action if each.offer else None,
        "title": each.offer.title if each.offer else None,
        "markdown": (each.result.markdown if each.result else "") or None,
        "findings": list(each.findings),
        "reason": each.reason or None,
    }
