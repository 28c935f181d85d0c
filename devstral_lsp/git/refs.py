"""Resolve HEAD to a commit, in files or in a reftable."""

from __future__ import annotations

import re

from devstral_lsp.git.files import Files
from devstral_lsp.git.reftable import Reftables
from devstral_lsp.git.repository import Repository
from devstral_lsp.git.work import Missing, Unreadable, Work

_MAX_LINKS = 5
"""Maximum chain of symbolic references, as in git."""
_MAX_BYTES = 4_096
_MAX_PACKED_BYTES = 64_000_000
_NAME = re.compile(rb"(?:refs|worktrees|main-worktree)(?:/(?!\.)[^\0-\x20\x7f~^:?*\[\\/]+)+")


def resolve_head(repository: Repository, work: Work) -> bytes | None:
    """The object id of HEAD's commit; None before the first commit. Raises Unreadable."""
    own, common = Files(repository.git_dir, work), Files(repository.common_dir, work)
    name = b"HEAD"
    for _ in range(_MAX_LINKS):
        files = own if name == b"HEAD" else common
        try:
            value = (
                Reftables(files, repository.hash_bytes, work).value(name)
                if repository.has_reftable
                else _loose(files, name)
            )
        except Missing:
            if name == b"HEAD":
                raise
            return None if repository.has_reftable else _packed(common, name, repository)
        if not value.startswith(b"ref:"):
            return _oid(value, repository)
        name = value[4:].strip()
        if not _NAME.fullmatch(name) or b".." in name or b".lock" in name:
            raise Unreadable("a reference without a proper name")
    raise Unreadable("a reference to too many others")


def _loose(files: Files, name: bytes) -> bytes:
    return files.read(name.decode("utf-8", "surrogateescape"), _MAX_BYTES)


def _packed(common: Files, name: bytes, repository: Repository) -> bytes | None:
    try:
        data = common.read("packed-refs", _MAX_PACKED_BYTES)
    except Missing:
        return None
    end = data.find(b" " + name + b"\n")
    return (
        None if end < 0 else _oid(data[max(0, end - 2 * repository.hash_bytes) : end], repository)
    )


def _oid(value: bytes, repository: Repository) -> bytes:
    text = value.strip()
    if not re.fullmatch(rb"[0-9a-f]{%d}" % (2 * repository.hash_bytes), text):
        raise Unreadable("a reference to no object")
    return bytes.fromhex(text.decode())
