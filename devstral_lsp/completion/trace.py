"""The trace of a keystroke: who asked where, and what was shown.

In the debug log: `keystroke: automatic, document 3fa2c1 (python, 1204 code points): shown 34 code
points of mistral (asked) after 312 ms (block; asked mistral after a pause of 75 ms; first text
after 220 ms)`. What stands in the brackets the stages have noted themselves.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

from devstral_lsp.completion.types import Completion, CompletionRequest
from devstral_lsp.observability import trace

_logger = logging.getLogger(__name__)


def _subject(_: object, request: CompletionRequest) -> trace.Subject:
    snapshot = request.snapshot
    document = trace.anonymize_document(snapshot.uri, snapshot.language, len(snapshot.text))
    return trace.Subject(
        f"keystroke: {request.trigger.value}, {document}",
        snapshot.uri,
        snapshot.text.line_of(request.offset) + 1,
        {
            "work": "completion",
            "trigger": request.trigger.value,
            "language": trace.safe_identifier(snapshot.language),
        },
    )


def _came(shown: list[Completion]) -> tuple[str, Mapping[str, trace.Fact]]:
    if not shown:
        return "nothing shown", {"result": "nothing"}
    each = (f"{len(one.text)} code points of {one.provider} ({one.tier.value})" for one in shown)
    first = shown[0]
    facts: dict[str, trace.Fact]
    facts = {"length": len(first.text), "provider": first.provider, "tier": first.tier.value}
    return f"shown {' and '.join(each)}", {"result": "shown", **facts}


traced_completion = trace.traced(_logger, _subject, _came)
"""Makes of what answers a request the same, with its trace."""
