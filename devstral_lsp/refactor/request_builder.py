"""From a job and its material to the question that is put, and to who reads its answer.

Blocks where an answer belongs into a file that has to be read. Knows no endpoint.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

from devstral_lsp.config.schema import ChatSettings
from devstral_lsp.providers.base import ChatRequest
from devstral_lsp.refactor.ask import PreparedRequest, RequestFactory
from devstral_lsp.refactor.file_edits import ReplyFiles
from devstral_lsp.refactor.parse_reply import ReplyFormat, format_instructions, response_format
from devstral_lsp.refactor.prompt import PromptInput, PromptSession, build_messages, estimate_tokens
from devstral_lsp.refactor.refactor_task import RefactorTask
from devstral_lsp.refactor.reply_to_edits import RefactorDraft, ReplyReader
from devstral_lsp.refactor.task.overlay import WorkspaceOverlay
from devstral_lsp.refactor.types import PromptContext, RefactorRefused, ReplyKind
from devstral_lsp.text import normalize_newlines

SPARE_TOKENS = 1024
"""Room for what is new in an answer, beside twice the length of what is there."""


def build_requests(
    job: RefactorTask,
    material: PromptContext,
    session: PromptSession,
    settings: ChatSettings,
    look: Callable[[], WorkspaceOverlay],
) -> RequestFactory[RefactorDraft]:
    """How the question is put in either form. Raises RefactorRefused where no answer could be used.

    `look` gives the files of the document's folder as they are when it is called.
    """
    files = ReplyFiles(look, job.errand.target_file, job.home.path, job.errand.words)
    target = str(files.shown) if files.shown is not None else None
    nonce = session.nonce_for(*_data(job, material), target or "")
    max_tokens = _room_tokens(job, settings.max_tokens)

    def pose(structured: bool) -> PreparedRequest[RefactorDraft]:
        answer = job.errand.answer
        form = (
            ReplyFormat.SCHEMA
            if structured and answer is not ReplyKind.MARKDOWN
            else ReplyFormat.TAGGED
        )
        question = PromptInput(
            snapshot=job.snapshot,
            span=job.offer.span,
            errand=job.errand,
            material=material,
            form=format_instructions(form, answer),
            nonce=nonce,
            diagnostics=job.offer.diagnostics,
            target=target,
        )
        request = ChatRequest(
            messages=build_messages(question),
            max_tokens=max_tokens,
            temperature=settings.temperature,
            response_format=response_format(answer) if form is ReplyFormat.SCHEMA else None,
            prediction=_prediction(job, form),
            cache_key=session.cache_key,
        )
        edits = answer not in (ReplyKind.MARKDOWN, ReplyKind.FINDINGS)
        return PreparedRequest(request, ReplyReader(job, form, files).draft, edits)

    return pose


def _data(job: RefactorTask, material: PromptContext) -> Iterator[str]:
    """All that goes into tags, but for the target."""
    yield from (str(job.snapshot.text), job.errand.instruction, material.conventions)
    yield from material.snippets.values()
    yield from (each.message for each in job.offer.diagnostics)


def _room_tokens(job: RefactorTask, most_tokens: int) -> int:
    """Room for an answer. Raises RefactorRefused where one that repeats the code would not fit."""
    if job.errand.answer is not ReplyKind.CODE:
        return most_tokens
    tokens = estimate_tokens(job.code)
    if tokens > most_tokens:
        raise RefactorRefused(
            f"This is about {tokens:,} tokens long, and an answer may have {most_tokens:,}: select "
            "less, or raise chat.max_tokens."
        )
    return min(most_tokens, 2 * tokens + SPARE_TOKENS)


def _prediction(job: RefactorTask, form: ReplyFormat) -> str | None:
    """The old code in the form of an answer, most of which will come back as it is."""
    code = normalize_newlines(job.code)
    if job.errand.answer is not ReplyKind.CODE or not code.strip():
        return None
    if form is ReplyFormat.SCHEMA:
        return json.dumps({"code": code, "imports": []}, ensure_ascii=False)
    return f"<new_code>\n{code}\n</new_code>"
