"""Open documents that their users keep from assistants, by `.aiignore` and its like.

Whether a document is one is found out in a thread, when it is opened and again while it is worked
in, so that a changed ignore file counts soon. Until it is known, the answer is yes. Belongs to one
event loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from devstral_lsp.characters import printable
from devstral_lsp.context.gitignore import find_assistant_exclusion
from devstral_lsp.context.ignore_files import Exclusion
from devstral_lsp.context.ignore_patterns import MAX_BYTES
from devstral_lsp.context.paths import uri_to_path, workspace_root

AGAIN_S = 2.0
"""The delay before the next check."""
TIMEOUT_S = 1.0
"""How long a request waits for the check: a network share may not answer."""
NOT_KNOWN = (
    "Nothing is completed in this file: whether an ignore file keeps it from assistants is not "
    "known, since its folder does not answer."
)


@dataclass(frozen=True, slots=True)
class _Known:
    """The reason against a document, "" for none, and when it was found."""

    reason: str
    since_s: float


class ExcludedDocuments:
    """Which of the open documents are sent to no model, and why."""

    def __init__(self, now_s: Callable[[], float], news: Callable[[str], None]) -> None:
        """Calls `news` with the URI of each document whose reason changes."""
        self._now_s = now_s
        self._news = news
        self._folders: tuple[Path, ...] = ()
        self._known: dict[str, _Known] = {}
        self._checks: dict[str, asyncio.Task[None]] = {}

    def watch_folders(self, folders: Sequence[Path]) -> None:
        """These are the workspace folders from now on."""
        self._folders = tuple(folders)
        self._known.clear()
        self._checks.clear()

    def changed(self, uri: str) -> None:
        """A document was opened, edited or looked at: find out about it, if it is time."""
        known = self._known.get(uri)
        if known is not None and self._now_s() - known.since_s < AGAIN_S:
            return
        check = self._checks.get(uri)
        if check is None or check.done():
            self._checks[uri] = asyncio.ensure_future(self._find(uri, self._folders))

    def closed(self, uri: str) -> None:
        self._known.pop(uri, None)
        self._checks.pop(uri, None)

    def reason(self, uri: str) -> str:
        """Why the document is sent to no model, as far as it is known yet; "" if it is."""
        known = self._known.get(uri)
        return known.reason if known is not None else ""

    async def found(self, uri: str) -> str:
        """The same as `reason`, once it is known."""
        self.changed(uri)
        check = self._checks.get(uri)
        if check is not None and not check.done():
            await asyncio.wait((check,), timeout=TIMEOUT_S)
        known = self._known.get(uri)
        return known.reason if known is not None else NOT_KNOWN

    async def _find(self, uri: str, folders: Sequence[Path]) -> None:
        reason = await asyncio.to_thread(_reason, uri, folders)
        if folders is not self._folders or uri not in self._checks:
            return  # other folders, or closed meanwhile
        before, self._known[uri] = self.reason(uri), _Known(reason, self._now_s())
        if reason != before:
            self._news(uri)


def _reason(uri: str, folders: Sequence[Path]) -> str:
    """Blocks: reads the disk."""
    try:
        path = uri_to_path(uri)
        found = find_assistant_exclusion(path, folders) if path is not None else None
    except (OSError, ValueError, RuntimeError):  # no path at all, or links in a circle
        return NOT_KNOWN
    return sentence(found, folders) if found is not None else ""


def sentence(found: Exclusion, folders: Sequence[Path]) -> str:
    """Why nothing is completed in a document that `found` leaves out."""
    root = workspace_root(found.file, folders)
    name = found.file.relative_to(root).as_posix() if root is not None else found.file.name
    if found.is_readable:
        return f"Nothing is completed in this file: {printable(name)} keeps it from assistants."
    return (
        f"Nothing is completed in this file: {printable(name)} cannot be read, and may keep it "
        f"from assistants. Make it a file of at most {MAX_BYTES // 1024} kB within the folder that "
        "you may read, or remove it."
    )
