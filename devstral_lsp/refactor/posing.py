"""From a job and its material to the question that is put, and to who reads its answer.

Blocks where an answer belongs into a file that has to be read. Knows no endpoint.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

from devstral_lsp.config.schema import ChatSettings
from devstral_lsp.providers.base import ChatRequest
from devstral_lsp.refactor.base import Answer, Material, Refused
from devstral_lsp.refactor.dialogue import Pose, Posed
from devstral_lsp.refactor.files import Files
from devstral_lsp.refactor.job import Job
from devstral_lsp.refactor.prompt import Question, Session, messages_of, tokens_of
from devstral_lsp.refactor.reading import Reader
from devstral_lsp.refactor.reply import Form, response_format, wording
from devstral_lsp.refactor.settle import Draft
from devstral_lsp.refactor.task.overlay import Overlay
from devstral_lsp.text import with_newlines

SPARE_TOKENS = 1024
"""Room for what is new in an answer, beside twice the length of what is there."""


def posing(
    job: Job,
    material: Material,
    session: Session,
    settings: ChatSettings,
    look: Callable[[], Overlay],
) -> Pose[Draft]:
    """How the question is put in either form. Raises Refused where no answer could be used.

    `look` gives the files of the document's folder as they are when it is called.
    """
    files = Files(look, job.errand.target, job.home.path, job.errand.words)
    target = str(files.shown) if files.shown is not None else None
    nonce = session.nonce_for(*_data(job, material), target or "")
    max_tokens = _room_tokens(job, settings.max_tokens)

    def pose(structured: bool) -> Posed[Draft]:
        answer = job.errand.answer
        form = Form.SCHEMA if structured and answer is not Answer.MARKDOWN else Form.TAGGED
        question = Question(
            snapshot=job.snapshot,
            span=job.offer.span,
            errand=job.errand,
            material=material,
            form=wording(form, answer),
            nonce=nonce,
            diagnostics=job.offer.diagnostics,
            target=target,
        )
        request = ChatRequest(
            messages=messages_of(question),
            max_tokens=max_tokens,
            temperature=settings.temperature,
            response_format=response_format(answer) if form is Form.SCHEMA else None,
            prediction=_prediction(job, form),
            cache_key=session.cache_key,
        )
        edits = answer not in (Answer.MARKDOWN, Answer.FINDINGS)
        return Posed(request, Reader(job, form, files).draft, edits)

    return pose


def _data(job: Job, material: Material) -> Iterator[str]:
    """All that goes into tags, but for the target."""
    yield from (str(job.snapshot.text), job.errand.instruction, material.conventions)
    yield from material.snippets.values()
    yield from (each.message for each in job.offer.diagnostics)


def _room_tokens(job: Job, most_tokens: int) -> int:
    """Room for an answer. Raises Refused where one that repeats the code would not fit."""
    if job.errand.answer is not Answer.CODE:
        return most_tokens
    tokens = tokens_of(job.code)
    if tokens > most_tokens:
        raise Refused(
            f"This is about {tokens:,} tokens long, and an answer may have {most_tokens:,}: select "
            "less, or raise chat.max_tokens."
        )
    return min(most_tokens, 2 * tokens + SPARE_TOKENS)


def _prediction(job: Job, form: Form) -> str | None:
    """The old code in the form of an answer, most of which will come back as it is."""
    code = with_newlines(job.code)
    if job.errand.answer is not Answer.CODE or not code.strip():
        return None
    if form is Form.SCHEMA:
        return json.dumps({"code": code, "imports": []}, ensure_ascii=False)
    return f"<new_code>\n{code}\n</new_code>"
