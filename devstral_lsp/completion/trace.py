"""The line of the debug log that tells of a keystroke.

For example: `keystroke: automatic, document 3fa2c1 (python, 1204 code points): shown 34 code points
of mistral (asked) after 312 ms (block; asked mistral after a pause of 75 ms; first text after 220
ms)`. What stands in the brackets the stages have noted themselves (`story.py`).
"""

from __future__ import annotations

import logging

from devstral_lsp.completion.types import Completion, CompletionRequest
from devstral_lsp.observability import trace

_logger = logging.getLogger(__name__)


def _subject(_: object, request: CompletionRequest) -> str:
    snapshot = request.snapshot
    document = trace.anonymize_document(snapshot.uri, snapshot.language, len(snapshot.text))
    return f"keystroke: {request.trigger.value}, {document}"


def _came(shown: list[Completion]) -> str:
    each = (f"{len(one.text)} code points of {one.provider} ({one.tier.value})" for one in shown)
    return f"shown {' and '.join(each)}" if shown else "nothing shown"


traced_completion = trace.traced(_logger, _subject, _came)
"""Makes of what answers a request the same, with its line in the log."""
