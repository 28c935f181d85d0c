"""Build the context block that the cursor itself needs: members, signatures, fields.

The block is the last context before the document. It is rebuilt only when the cursor needs
something else, because each change invalidates the endpoint's prefix cache for the whole document.
Earlier pieces stay while they fit.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import Any

from devstral_lsp.context.base import ContextQuery, Snippet
from devstral_lsp.context.choice import Choice
from devstral_lsp.context.members.answers import Answers
from devstral_lsp.context.members.bindings import (
    find_bindings,
    find_bindings_of_line,
    find_return_type,
)
from devstral_lsp.context.members.chains import call_suffix_length
from devstral_lsp.context.members.editor import AskEditor, EditorAnswer
from devstral_lsp.context.members.facts import FileFacts
from devstral_lsp.context.members.library import Library, open_shelf
from devstral_lsp.context.members.meaning import Own
from devstral_lsp.context.members.modules import Modules
from devstral_lsp.context.members.needs import WINDOW, Need, defines_function, find_needs
from devstral_lsp.context.members.parsing import blank_macros, stand_in
from devstral_lsp.context.members.pieces import Piece
from devstral_lsp.context.members.queries import grammar_of
from devstral_lsp.context.members.rereading import Rereader
from devstral_lsp.context.members.resolver import Resolver
from devstral_lsp.context.members.stores import Stores
from devstral_lsp.context.members.survey import Survey, survey_workspace
from devstral_lsp.context.paths import display_path, repository_root, uri_to_path, workspace_root
from devstral_lsp.observability.trace import annotate
from devstral_lsp.text import Snapshot, normalize_newlines

SHARE = 0.7
"""Share of the context budget."""
LINES_NEAR = 100
"""Lines between the cursor and the place of an earlier block within which it may stay."""
MAX_DOCUMENTS = 16
MAX_DOCUMENT_LENGTH = 400_000
"""Size limit of a document in code points."""
SURVEYED_AGAIN_S = 60.0

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Block:
    """The block, and why it is shown. `line` is the cursor's line at the time."""

    needs: tuple[Need, ...] = ()
    line: int = 0
    pieces: tuple[Piece, ...] = ()
    unresolved: Need | None = None
    """The need about which the editor may know more."""
    choices: tuple[Choice, ...] = ()
    """What became of each piece, in the order of the prompt."""

    @property
    def snippets(self) -> tuple[Snippet, ...]:
        """The pieces as snippets of the prompt."""
        return tuple(each.snippet for each in self.choices if not each.left_out)

    @property
    def size(self) -> int:
        """Code points, including a line for each file name."""
        return sum(len(each.text) + len(each.path) + 9 for each in self.snippets)

    def contains(self, snippet: Snippet) -> bool:
        """Whether the block already contains the start of another source's snippet."""
        title = snippet.text.partition("\n")[0].rstrip(" {:.")
        return any(
            each.path == snippet.path and each.text.startswith(title) for each in self.snippets
        )


class Members:
    """Caches what it has read and built. Belongs to one event loop."""

    def __init__(
        self, ask_editor: AskEditor | None = None, stores: Stores = MappingProxyType({})
    ) -> None:
        self._ask_editor = ask_editor
        self._stores = stores
        self._library = Library()
        self._survey = Survey()
        self._survey_library = Library()
        self._surveyed: tuple[float, object] = (float("-inf"), None)
        self._surveying: asyncio.Task[None] | None = None
        self._working: asyncio.Task[Block] | None = None
        self._preparing: asyncio.Task[Own] | None = None
        self._told: OrderedDict[str, Block] = OrderedDict()
        self._reader = Rereader()
        self._read: tuple[tuple[str, int, str], Own] | None = None

    def told(self, uri: str) -> Block:
        """The last block of a document."""
        return self._told.get(uri, Block())

    def forget(self, uri: str) -> None:
        self._told.pop(uri, None)

    def is_current(self, snapshot: Snapshot, offset: int) -> bool:
        """Whether the last block of the document is still right at this cursor."""
        known = self.told(snapshot.uri)
        return _is_answered(_find_needs(snapshot, offset), known, snapshot.text.line_of(offset))

    def prepare(self, query: ContextQuery) -> None:
        """Read the document in the background, so that it is ready at the next dot in this line."""
        is_busy = self._preparing is not None and not self._preparing.done()
        is_small = len(query.snapshot.text) <= MAX_DOCUMENT_LENGTH
        if grammar_of(query.snapshot.language) and is_small and not is_busy:
            self._preparing = asyncio.create_task(asyncio.to_thread(self._read_document, query))
            self._preparing.add_done_callback(_log_failure)

    async def block(self, query: ContextQuery, deadline_ms: float) -> Block:
        """Build the block; return the previous one if that takes longer than the deadline."""
        began_s = time.monotonic()
        block = await self._block(query, deadline_ms)
        told = (block.size, (time.monotonic() - began_s) * 1000)
        annotate("members: %d code points in %.0f ms", *told, stage="context")
        return block

    async def _block(self, query: ContextQuery, deadline_ms: float) -> Block:
        snapshot = query.snapshot
        if self.is_current(snapshot, query.offset):
            return self.told(snapshot.uri)
        working = self._working
        if working is not None and not working.done():
            await asyncio.wait((working,), timeout=deadline_ms / 1000.0)
            if not working.done():
                return self.told(snapshot.uri)
        self._working = asyncio.create_task(
            self._build_block(query, _find_needs(snapshot, query.offset))
        )
        self._working.add_done_callback(_log_failure)
        await asyncio.wait((self._working,), timeout=deadline_ms / 1000.0)
        return self.told(snapshot.uri)

    async def close(self) -> None:
        """Cancel the work in the background."""
        for task in (self._working, self._preparing, self._surveying):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    async def wait_until_surveyed(self) -> None:
        """Wait until the survey of the workspace is done."""
        if self._surveying is not None:
            await asyncio.gather(self._surveying, return_exceptions=True)

    async def _build_block(self, query: ContextQuery, needs: tuple[Need, ...]) -> Block:
        known = self.told(query.snapshot.uri)
        block = await asyncio.to_thread(self._find, query, needs, known)
        if self._ask_editor is not None and block.unresolved is not None:
            at = _find_name(block.unresolved, query)
            answer = await self._ask_editor(query.snapshot, at, query.offset)
            if answer != EditorAnswer():
                block = await asyncio.to_thread(self._find, query, needs, known, answer)
        self._told[query.snapshot.uri] = block
        self._told.move_to_end(query.snapshot.uri)
        while len(self._told) > MAX_DOCUMENTS:
            self._told.popitem(last=False)
        self._survey_soon(query)
        return block

    def _survey_soon(self, query: ContextQuery) -> None:
        since_s, folders = self._surveyed
        is_done = self._surveying is None or self._surveying.done()
        is_old = time.monotonic() - since_s > SURVEYED_AGAIN_S or folders != query.folders
        if is_done and is_old:
            self._surveyed = (time.monotonic(), query.folders)
            self._surveying = asyncio.create_task(self._run_survey(query))
            self._surveying.add_done_callback(_log_failure)

    async def _run_survey(self, query: ContextQuery) -> None:
        shelf = open_shelf(self._survey_library, query.folders, {}, query.exclude)
        self._survey = await asyncio.to_thread(survey_workspace, shelf)
        # Otherwise the next keystroke would sketch the files of its package again.
        self._library.sketches = self._survey_library.sketches.copy()

    def _read_document(self, query: ContextQuery) -> Own:
        """The document without the cursor's line; cached while the user types in that line."""
        snapshot = query.snapshot
        key = (snapshot.uri, query.line, _blank_line(query))
        if self._read is None or self._read[0] != key:
            file = uri_to_path(snapshot.uri) or Path("untitled")
            self._read = (key, self._read_on(snapshot.language, file, key[2], query.line))
        return self._read[1]

    def _read_on(self, language: str, file: Path, string: str, row: int) -> Own:
        read = self._reader.read(*blank_macros(string, language))
        if read is None:
            return Own(file, language, FileFacts(language), {}, row)
        syntax, facts = read
        return Own(
            file, language, facts, find_bindings(syntax, row), row, find_return_type(syntax, row)
        )

    def _find(
        self,
        query: ContextQuery,
        needs: tuple[Need, ...],
        known: Block,
        answer: EditorAnswer | None = None,
    ) -> Block:
        room = int(query.budget_characters * SHARE)
        pieces: list[Piece] = []
        left_out: list[tuple[Piece, str]] = []
        unresolved: Need | None = None
        roots = _list_roots(query)
        shown_below = (*roots, *chain.from_iterable(self._stores.values()))
        opened = {
            path: each for each in query.others if (path := uri_to_path(each.uri)) is not None
        }
        shelf = open_shelf(self._library, roots, opened, query.exclude, self._stores)
        if needs:
            own = self._read_document(query)
            line = query.snapshot.text.line(query.line)
            own = replace(own, bindings={**own.bindings, **find_bindings_of_line(line)})
            document = str(query.snapshot.text)
            resolver = Resolver(Modules(shelf, own, self._survey))
            answers = Answers(resolver, document, query.offset, room, answer)
            pieces, left_out = answers.of(needs), answers.left_out
            unresolved = answers.unresolved
        left = room - sum(each.cost for each in pieces)
        kept: list[Piece] = []
        if abs(known.line - query.line) <= LINES_NEAR:
            texts = {each.text for each in pieces}
            for each in reversed(known.pieces):
                is_readable = shelf.facts_of(each.file) is not None  # and not kept back meanwhile
                if each.text not in texts and each.cost <= left and is_readable:
                    left -= each.cost
                    kept.insert(0, each)
        choices = (
            *(_to_choice(each, shown_below, "of a place nearby") for each in kept),
            *(_to_choice(each, shown_below) for each in pieces),
            *(_to_choice(each, shown_below, left_out=reason) for each, reason in left_out),
        )
        return Block(needs, query.line, (*kept, *pieces), unresolved, choices)


def _blank_line(query: ContextQuery) -> str:
    """The document with a stand-in for the line that is being typed."""
    text, grammar = query.snapshot.text, grammar_of(query.snapshot.language)
    start, end = text.line_start(query.line), text.line_end(query.line)
    line = text.slice(start, end)
    below = text.line(query.line + 1) if query.line + 1 < text.line_count else ""
    is_definition = defines_function(text.slice(start, query.offset), grammar)
    has_body = _indentation(below) > _indentation(line) and bool(below.strip())
    instead = stand_in(line, grammar, is_definition=is_definition, has_body=has_body)
    return normalize_newlines(text.slice(0, start) + instead + text.slice(end, len(text)))


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip())


def _find_needs(snapshot: Snapshot, offset: int) -> tuple[Need, ...]:
    text, grammar = snapshot.text, grammar_of(snapshot.language)
    if not grammar or len(text) > MAX_DOCUMENT_LENGTH:
        return ()
    before = normalize_newlines(text.slice(max(0, offset - WINDOW), offset))
    after = normalize_newlines(text.slice(offset, min(len(text), offset + WINDOW // 10)))
    return find_needs(before, after, grammar)


def _is_answered(needs: tuple[Need, ...], known: Block, line: int) -> bool:
    """Whether the current block would not change."""
    if not needs:
        return abs(known.line - line) <= LINES_NEAR
    if known.line != line or [_subject(each) for each in needs] != [
        _subject(each) for each in known.needs
    ]:
        return False
    typed = needs[0].typed.lower()
    told = frozenset[str]().union(*(each.names for each in known.pieces))
    is_whole = all(each.is_whole for each in known.pieces)
    return is_whole or not typed or any(name.lower().startswith(typed) for name in told)


def _find_name(need: Need, query: ContextQuery) -> int:
    """The offset of the last name of the subject, in the document's own line ends."""
    text, end = query.snapshot.text, query.offset
    before = normalize_newlines(text.slice(max(0, end - WINDOW), end))
    at = len(before) - need.distance - call_suffix_length(need.subject.removesuffix("::")) - 1
    line = query.line - before.count("\n", at)
    column = at - before.rfind("\n", 0, at) - 1
    return text.line_start(line) + column if at >= 0 else end


def _subject(need: Need) -> tuple[object, str]:
    return need.kind, need.subject


def _log_failure(task: asyncio.Task[Any]) -> None:
    """Log a failure by its type only: a message may contain source text."""
    error = None if task.cancelled() else task.exception()
    if error is not None:
        _logger.error("members could not be found: %s", type(error).__name__)


def _list_roots(query: ContextQuery) -> Sequence[Path]:
    file = uri_to_path(query.snapshot.uri)
    home = (
        workspace_root(file, query.folders) or repository_root(file) if file is not None else None
    )
    return (*query.folders, home) if home is not None else query.folders


def _to_choice(
    piece: Piece, roots: Sequence[Path], addition: str = "", *, left_out: str = ""
) -> Choice:
    snippet = Snippet(display_path(piece.file.as_uri(), "", roots), piece.text, "members")
    parts = (piece.reason, addition, "" if piece.is_whole else "as many of its names as fit")
    return Choice(snippet, ", ".join(filter(None, parts)), left_out)
