"""The two formats of an answer: JSON with a schema, or tagged blocks for other endpoints.

Both contain the same; `parse_reply.py` reads either, whichever was requested.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

from devstral_lsp.refactor.types import DiagnosticSeverity, ReplyKind


class ReplyFormat(Enum):
    """The format of the whole reply."""

    SCHEMA = "schema"
    """One JSON object, which the endpoint enforces."""
    TAGGED = "tagged"
    """Blocks between tags, which any model can write."""


_WHOLE = (
    "Give all of the code that is to stand in place of the selection, and nothing around it. "
    "Write every line out: no comment or dots in place of lines that stay the same. "
    "Keep the indentation and the style."
)
_IMPORTS = "Import lines that the file lacks go where it says so, not into the code."
_FILES = (
    "Other files that the task needs go beside it, each whole, with its path from the workspace "
    "folder. If the selection itself stays as it is, leave its code out."
)
_FINDINGS = (
    "Count lines from 1, at the first line that is shown. The severity is one of: error, warning, "
    "information, hint. Say what is wrong and what to do about it, in a sentence or two. Where "
    "there is nothing to find, give no finding."
)

_WORDINGS: Mapping[tuple[ReplyFormat, ReplyKind], str] = {
    (ReplyFormat.SCHEMA, ReplyKind.CODE): (
        f"Answer with one JSON object: code, imports. {_WHOLE} {_IMPORTS}"
    ),
    (ReplyFormat.SCHEMA, ReplyKind.FILES): (
        "Answer with one JSON object: code (null if the selection stays as it is), imports, and "
        f"files, each with path and code. {_WHOLE} {_IMPORTS} {_FILES}"
    ),
    (
        ReplyFormat.SCHEMA,
        ReplyKind.MARKDOWN,
    ): "Answer with one JSON object: markdown, the text to be read.",
    (ReplyFormat.SCHEMA, ReplyKind.FINDINGS): (
        "Answer with one JSON object: findings, each with first_line, last_line, severity and "
        f"message. {_FINDINGS}"
    ),
    (ReplyFormat.TAGGED, ReplyKind.CODE): (
        "Answer with the code between a line <new_code> and a line </new_code>; if there are "
        f"import lines to add, those between <imports> and </imports>. {_WHOLE} {_IMPORTS}"
    ),
    (ReplyFormat.TAGGED, ReplyKind.FILES): (
        "Answer with the code between a line <new_code> and a line </new_code>; import lines to "
        'add between <imports> and </imports>; each further file between <file path="..."> and '
        f"</file>. {_WHOLE} {_IMPORTS} {_FILES}"
    ),
    (ReplyFormat.TAGGED, ReplyKind.MARKDOWN): "Answer in Markdown, to be read as it is.",
    (ReplyFormat.TAGGED, ReplyKind.FINDINGS): (
        'Answer with one line for each finding: <finding first_line="3" last_line="4" '
        f'severity="warning">What is wrong.</finding>. {_FINDINGS}'
    ),
}


def format_instructions(form: ReplyFormat, answer: ReplyKind) -> str:
    """The part of the prompt that describes the format."""
    return _WORDINGS[form, answer]


def response_format(answer: ReplyKind) -> Mapping[str, Any]:
    """`response_format` of a chat request in ReplyFormat.SCHEMA: `json_schema`, strict."""
    schema = _object(_MEMBERS[answer])
    held = {"name": answer.value, "schema": schema, "strict": True}
    return {"type": "json_schema", "json_schema": held}


def _object(members: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": dict(members),
        "required": list(members),
        "additionalProperties": False,
    }


def _list(item: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": dict(item)}


_TEXT = {"type": "string"}
_LINE = {"type": "integer", "minimum": 1}
_IMPORT_LINES = _list({**_TEXT, "description": "One import statement."})
_SEVERITIES = {"type": "string", "enum": [each.name.lower() for each in DiagnosticSeverity]}

_MEMBERS: Mapping[ReplyKind, Mapping[str, Any]] = {
    ReplyKind.CODE: {"code": _TEXT, "imports": _IMPORT_LINES},
    ReplyKind.FILES: {
        "code": {"type": ["string", "null"]},
        "imports": _IMPORT_LINES,
        "files": _list(_object({"path": _TEXT, "code": _TEXT})),
    },
    ReplyKind.MARKDOWN: {"markdown": _TEXT},
    ReplyKind.FINDINGS: {
        "findings": _list(
            _object(
                {
                    "first_line": _LINE,
                    "last_line": _LINE,
                    "severity": _SEVERITIES,
                    "message": _TEXT,
                }
            )
        )
    },
}
