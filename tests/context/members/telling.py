"""What a cursor is told, for the tests of `context/members`."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType
from typing import Any

from devstral_lsp.context.members.source import Block, Members
from devstral_lsp.context.members.stores import Stores
from tests.context.asking import query_at, write

PATIENT_MS = 30_000.0
NO_STORES: Stores = MappingProxyType({})


async def block_at(
    root: Path,
    files: dict[str, str],
    name: str,
    marked: str,
    *,
    stores: Stores = NO_STORES,
    **more: object,
) -> Block:
    """What is told at the cursor in `marked`, once the workspace has been looked through."""
    write(root, files)
    members = Members(stores=stores)
    query = query_at(root / name, marked, folders=(root,), **more)
    await members.block(query, PATIENT_MS)
    await members.wait_until_surveyed()
    members.forget(query.snapshot.uri)
    block = await members.block(query, PATIENT_MS)
    await members.close()
    return block


async def told_at(root: Path, files: dict[str, str], name: str, marked: str, **more: Any) -> str:
    """The same as one text, with the name of its file above each piece."""
    block = await block_at(root, files, name, marked, **more)
    return "\n".join(f"{each.path}\n{each.text}" for each in block.snippets)
