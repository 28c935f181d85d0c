"""A user who makes a commit hunk by hunk, and takes each proposal that is right."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from benchmarks.next_edit.histories import ChangedFile, Commit, LineEdit
from benchmarks.next_edit.judge import Verdict, judge
from devstral_lsp.next_edit.changes import DocumentEdit
from devstral_lsp.next_edit.finder import NextEditFinder
from devstral_lsp.next_edit.proposal import Proposal
from devstral_lsp.text import Snapshot, Text


@dataclass(frozen=True, slots=True)
class Shown:
    """A proposal that was shown, and what it was worth. `milliseconds` are of the processor."""

    proposal: Proposal
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: how many lines the document has, and the processor's milliseconds."""

    lines: int
    milliseconds: float


class Document:
    """A file on its way from before a commit to after it."""

    def __init__(self, file: ChangedFile) -> None:
        self.uri = f"file:///{file.path}"
        self.language = file.language
        self.lines = list(file.lines)
        self.remaining = list(file.edits)
        self.snapshot = Snapshot(self.uri, 1, file.language, Text.of("\n".join(file.lines)))

    def make(self, edit: LineEdit) -> DocumentEdit:
        """Make an edit, and move those that are left along."""
        text, new = self.snapshot.text, list(edit.new)
        start = text.line_start(edit.start) if edit.start < text.line_count else len(text)
        if edit.start == edit.end:
            end, written = start, "".join(f"{line}\n" for line in new)
        elif new:
            end, written = text.line_end(edit.end - 1), "\n".join(new)
        elif edit.end < text.line_count:
            end, written = text.line_start(edit.end), ""
        else:
            start, end, written = max(0, start - 1), len(text), ""
        old = self.snapshot
        self.snapshot = Snapshot(
            self.uri, (old.version or 0) + 1, self.language, text.replace(start, end, written)
        )
        self.lines[edit.start : edit.end] = new
        shift = len(new) - (edit.end - edit.start)
        self.remaining = [
            LineEdit(each.start + shift, each.end + shift, each.new)
            if each.start >= edit.end and each is not edit
            else each
            for each in self.remaining
            if each is not edit
        ]
        return DocumentEdit.between(old, self.snapshot)


class Replay:
    """Makes commits with a fresh finder each, and keeps what was shown."""

    def __init__(
        self, *, is_random: bool, seed: int = 1, watch: Callable[..., None] | None = None
    ) -> None:
        """`watch(finder, document, offset)` is called before each request."""
        self._is_random = is_random
        self._random = random.Random(seed)
        self._watch = watch
        self.shown: list[Shown] = []
        self.asked: list[Asked] = []
        self.typed = 0
        self.taken = 0

    def play(self, commit: Commit) -> None:
        """Make all edits of a commit."""
        finder = NextEditFinder()
        for file in commit.files:
            document = Document(file)
            self._take_proposals(finder, document, 0)
            while document.remaining:
                edit = self._next(document.remaining)
                at = edit.start + max(0, len(edit.new) - 1)
                finder.follow(document.make(edit))
                self.typed += 1
                self._take_proposals(finder, document, min(at, len(document.lines) - 1))

    def add(self, other: Replay) -> None:
        """Count what another replay has shown, too."""
        self.shown += other.shown
        self.asked += other.asked
        self.typed += other.typed
        self.taken += other.taken

    def _next(self, remaining: Sequence[LineEdit]) -> LineEdit:
        return self._random.choice(remaining) if self._is_random else remaining[0]

    def _take_proposals(self, finder: NextEditFinder, document: Document, line: int) -> None:
        while (proposal := self._ask(finder, document, line)) is not None:
            found = judge(
                document.lines, document.remaining, proposal.first, proposal.end, proposal.new
            )
            self.shown.append(Shown(proposal, found.verdict))
            finder.shown(proposal.id)
            if found.verdict is not Verdict.RIGHT:
                return
            self.taken += max(0, len(found.met) - len(found.left))
            edit = LineEdit(proposal.first, proposal.end, proposal.new)
            rest = [each for each in document.remaining if each not in found.met]
            document.remaining = rest
            finder.accepted(proposal.id)
            finder.follow(document.make(edit))
            document.remaining = sorted(
                [*document.remaining, *found.left], key=lambda each: each.start
            )
            line = min(proposal.first, len(document.lines) - 1)

    def _ask(self, finder: NextEditFinder, document: Document, line: int) -> Proposal | None:
        text = document.snapshot.text
        offset = text.line_end(line)
        if self._watch is not None:
            self._watch(finder, document, offset)
        started = time.process_time()
        proposal = finder.propose(document.snapshot, offset)
        spent_ms = 1000 * (time.process_time() - started)
        self.asked.append(Asked(text.line_count, spent_ms))
        return proposal


def verdicts(shown: Sequence[Shown]) -> Iterator[tuple[str, int]]:
    """How many there are of each verdict."""
    for verdict in Verdict:
        yield verdict.value, sum(each.verdict is verdict for each in shown)
