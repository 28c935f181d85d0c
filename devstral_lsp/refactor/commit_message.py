"""Writes a commit message for the staged changes, in the style of earlier messages."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from pathlib import Path

from devstral_lsp.characters import deceptive_characters
from devstral_lsp.config.schema import Settings
from devstral_lsp.context.base import ContextQuery
from devstral_lsp.context.commit_message import StagedChanges, read_staged
from devstral_lsp.providers.base import ChatProvider, ChatRequest, FinishReason
from devstral_lsp.refactor.markdown_fences import unwrap_fence
from devstral_lsp.refactor.types import Progress, RefactorRefused
from devstral_lsp.text import Snapshot

BUDGET_CHARACTERS = 24_000
"""Code points of the diff: some 8,000 tokens."""
MAX_TOKENS = 600
MAX_MESSAGE_LENGTH = 800
"""Code points of each earlier message: enough to show its structure."""
TEMPERATURE = 0.2

_SYSTEM = (
    "You write messages of git commits. Answer with the message alone: no fence, no quotation "
    "marks around it, no remark before or after it."
)
_WITHOUT_STYLE = (
    "Begin with one line of at most 60 characters in the imperative. Where the reason is not plain "
    "from it, leave a line blank and add a few lines of at most 72 characters."
)
_IN_STYLE = (
    "Write it as the author of the messages above would: the same language, mood, prefixes, length "
    "and case, and a body only where most of them have one."
)
_LABEL = re.compile(r"\A(?:commit message|message)\s*:\s*", re.IGNORECASE)


async def write_commit_message(
    settings: Settings,
    document: Snapshot,
    folders: tuple[Path, ...],
    connect: Callable[[], Awaitable[ChatProvider]],
    report: Callable[[Progress], None],
) -> str:
    """The message for the staged changes in the repository of `document`, or of the first folder.

    Raises RefactorRefused, which says what to do, and ProviderError. Cancelling closes the stream.
    """
    if not (settings.context.enabled and settings.context.git_message):
        raise RefactorRefused(
            "What is staged is not sent: context.enabled or context.git_message is off, or the "
            "folder is not trusted."
        )
    chat = await connect()
    report(Progress("Reading what is staged"))
    query = ContextQuery(
        snapshot=document,
        offset=0,
        folders=folders,
        budget_characters=BUDGET_CHARACTERS,
        exclude=settings.privacy.exclude,
    )
    staged = await read_staged(query)
    if staged is None:
        raise RefactorRefused("There is no git repository here that can be read.")
    if not staged.diff:
        raise RefactorRefused(
            "Nothing is staged that may be sent: stage the changes first (git add)."
        )
    return await _message(chat, staged, report)


async def _message(
    chat: ChatProvider, staged: StagedChanges, report: Callable[[Progress], None]
) -> str:
    text, pieces, finish = "", 0, FinishReason.INCOMPLETE
    async with aclosing(chat.chat(_request(staged))) as chunks:
        async for chunk in chunks:
            text += chunk.text
            pieces += bool(chunk.text)
            finish = chunk.finish or finish
            report(Progress("Writing", pieces))
    if finish is FinishReason.SECRET_BROKEN:
        raise RefactorRefused("The message would hold a part of a key or a password. Ask again.")
    if finish is not FinishReason.STOP:
        text = text.rpartition("\n")[0] or text  # its last line may be cut
    message = _cleaned(text)
    if not message:
        raise RefactorRefused("The model gave no message. Ask again.")
    return message


def _request(staged: StagedChanges) -> ChatRequest:
    """The request for the message. The diff comes last, right before the instruction."""
    earlier = "\n".join(
        f"<message>\n{each[:MAX_MESSAGE_LENGTH]}\n</message>" for each in staged.messages
    )
    before = f"The last commits of this repository:\n\n{earlier}\n\n" if earlier else ""
    style = _IN_STYLE if earlier else _WITHOUT_STYLE
    asked = (
        f"{before}What is staged now:\n\n<diff>\n{staged.diff}\n</diff>\n\n"
        f"Write the message for it. Say what changes and why, as far as the diff tells. {style}"
    )
    return ChatRequest(
        messages=({"role": "system", "content": _SYSTEM}, {"role": "user", "content": asked}),
        max_tokens=MAX_TOKENS,
        temperature=TEMPERATURE,
    )


def _cleaned(text: str) -> str:
    """The message without fences, quotes and introductions, which models add nevertheless."""
    message = _LABEL.sub("", unwrap_fence(text.strip(), "").strip())
    message = message.removeprefix("<message>").removesuffix("</message>").strip()
    if len(message) > 1 and message[0] == message[-1] and message[0] in "\"'`":
        message = message[1:-1].strip()
    hidden = deceptive_characters(message)
    return "".join(each for each in message if each not in hidden)
