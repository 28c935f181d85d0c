"""Takes a prompt apart into the other files that it tells of and the text before the gap.

Codestral reads them as they stand in the prompt. Other families have tokens of their own for them,
and llama.cpp a member of its request. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass

from devstral_lsp.providers.base import FimRequest

MARKER = "+++++ "
"""What stands before a file's name, on a line of its own."""


@dataclass(frozen=True, slots=True)
class ContextFile:
    """A part of another file, and its name as the model is to read it."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class SplitPrompt:
    """`own` is the text before the gap, `name` that of its file, "" if it has none."""

    files: tuple[ContextFile, ...]
    name: str
    own: str


def split_prompt(request: FimRequest) -> SplitPrompt:
    """The prompt of a request, taken apart."""
    head, own = request.prompt[: request.context_length], request.prompt[request.context_length :]
    blocks = [block.partition("\n") for block in f"\n{head}".split(f"\n{MARKER}")[1:]]
    if not blocks:
        return SplitPrompt((), "", request.prompt)
    *others, (current, _, _) = blocks
    files = tuple(ContextFile(name, text.rstrip("\n") + "\n") for name, _, text in others)
    return SplitPrompt(files, current, own)
