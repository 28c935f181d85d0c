"""Reads the messages of the last commits, as `git log --first-parent` shows them."""

from __future__ import annotations

from devstral_lsp.git.objects import Objects
from devstral_lsp.git.refs import resolve_head
from devstral_lsp.git.repository import Repository
from devstral_lsp.git.work import Unreadable, Work

_MAX_COMMIT_BYTES = 100_000
"""Signatures are part of a commit, and long."""


def recent_messages(repository: Repository, work: Work, most: int) -> list[str]:
    """The messages of the last `most` commits on HEAD, the newest first.

    Ends at what cannot be read, such as the edge of a shallow clone.
    """
    messages: list[str] = []
    with Objects(f"{repository.common_dir}/objects", repository.hash_bytes, work) as objects:
        try:
            commit = resolve_head(repository, work)
            while commit is not None and len(messages) < most:
                head, _, message = objects.read(commit, "commit", _MAX_COMMIT_BYTES).partition(
                    b"\n\n"
                )
                messages.append(message.decode("utf-8", "replace").strip())
                commit = _first_parent(head)
        except Unreadable:
            pass
    return [message for message in messages if message]


def _first_parent(head: bytes) -> bytes | None:
    """The parent that a commit's header names first; None for a first commit."""
    for line in head.split(b"\n"):
        if line.startswith(b"parent "):
            try:
                return bytes.fromhex(line[len(b"parent ") :].decode())
            except ValueError:
                raise Unreadable("a commit with an unreadable parent") from None
    return None
