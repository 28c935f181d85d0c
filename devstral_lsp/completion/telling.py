"""The line of the debug log that tells of a keystroke.

For example: `keystroke: automatic, document 3fa2c1 (python, 1204 code points): shown 34 code points
of mistral (asked) after 312 ms (block; asked mistral after a pause of 75 ms; first text after 220
ms)`. What stands in the brackets the stages have noted themselves (`story.py`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine, Sequence
from functools import partial, wraps
from typing import Any, TypeVar

from devstral_lsp import story
from devstral_lsp.completion.request import Completion, CompletionRequest

_logger = logging.getLogger(__name__)

S = TypeVar("S")
Answer = Coroutine[Any, Any, list[Completion]]
Complete = Callable[[S, CompletionRequest], Answer]


def told(complete: Complete[S]) -> Complete[S]:
    """`complete`, of which each call is told in a line at DEBUG, and untouched above."""

    @wraps(complete)
    def telling(self: S, request: CompletionRequest) -> Answer:
        if not _logger.isEnabledFor(logging.DEBUG):
            return complete(self, request)
        work = partial(complete, self, request)
        return story.tell(_logger, partial(_subject, request), work, _came)

    return telling


def _subject(request: CompletionRequest) -> str:
    snapshot = request.snapshot
    document = story.document(snapshot.uri, snapshot.language, len(snapshot.text))
    return f"keystroke: {request.trigger.value}, {document}"


def _came(shown: Sequence[Completion]) -> str:
    each = (f"{len(one.text)} code points of {one.provider} ({one.tier.value})" for one in shown)
    return f"shown {' and '.join(each)}" if shown else "nothing shown"
