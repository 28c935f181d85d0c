"""The functions that read foreign text, by name, each made to take one text; and shapes to pump.

What they say of it does not matter here, so refusals are swallowed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial

from devstral_lsp.completion.filters import FILTERS
from devstral_lsp.completion.request_kind import infer_kind
from devstral_lsp.completion.stopping import first_suggestion, should_stop
from devstral_lsp.completion.types import CompletionKind, CursorContext, Draft
from devstral_lsp.edits import line_edits
from devstral_lsp.errors import ProviderError
from devstral_lsp.local.line_shapes import adapt_similar_lines
from devstral_lsp.providers.base import FinishReason
from devstral_lsp.providers.fim.via_chat import GapParser
from devstral_lsp.providers.http.error_reply import parse_error_body
from devstral_lsp.providers.http.stream_parsers import NdjsonParser, SseParser
from devstral_lsp.refactor import apply_patch
from devstral_lsp.refactor.errors import UnusableReply
from devstral_lsp.refactor.parse_reply import ReplyFormat, parse
from devstral_lsp.refactor.placeholders import expand_placeholders
from devstral_lsp.refactor.types import ReplyKind
from devstral_lsp.server.framing import HttpRequestReceived, MessageFramer
from devstral_lsp.syntax.imports import find_import_statements, imports_of
from devstral_lsp.syntax.outline import outline
from devstral_lsp.text import Span, Text

SHAPES = {
    "letters": "a",
    "blanks": " ",
    "line ends": "\n",
    "blank lines": " \n",
    "returns": "\r",
    "lines": "a\n",
    "words": "word ",
    "names": "a-",
    "brackets": "(",
    "mixed brackets": "([{",
    "unmatched brackets": "(]",
    "braces": "{\n",
    "quotes": '"',
    "triple quotes": '"""',
    "back ticks": "`",
    "fences": "```\n",
    "a long fence": "``` ",
    "end tokens": "</s>",
    "opened tags": "<PRE>",
    "files": '<file path="',
    "files by line": '\n<file path="a">',
    "findings": "<finding ",
    "objects": '{"a":',
    "answers": '{"code":',
    "code tags": "<new_code>\n",
    "thoughts": "<think>",
    "comments with dots": "{/*......",
    "dots": "...\n",
    "rests": "# ... rest\n",
    "stubs": "def f():\n    ...\n",
    "remarks": "/*",
    "escapes": "\\",
    "calls": "f(",
    "blocks": " if x:\n",
    "searches": "<<<<<<< SEARCH\n",
    "hunks": "@@ @@\n-a\n+b\n",
    "imports": "import {\n",
    "uses": "use a::{",
    "beyond the plane": "\U0001f600",
}
"""What is written again and again."""

_ORIGINAL = "def f(x):\n    y = x + 1\n    return y\n"
_AROUND = ("import os\n\n", "\n\ndef g():\n    return 2\n")


def readers(*languages: str) -> Iterator[tuple[str, Callable[[str], object]]]:
    """Everything that reads text of a model, an endpoint, a client or a file.

    What depends on the language is there for each of `languages`.
    """
    for language in languages:
        place = CursorContext.from_marked("def f(x):\n    y = 1\n    │\n\nz = 2\n", language)
        for each in FILTERS:
            yield f"{each.__name__} ({language})", partial(_filtered, each, place)
        yield f"enough ({language})", lambda text, at=place: should_stop(text, at, infer_kind(at))
        yield (
            f"unit ({language})",
            lambda text, at=place: first_suggestion(text, at, CompletionKind.BLOCK, ended=True),
        )
        yield f"outline ({language})", partial(_outlined, language)
        for form in ReplyFormat:
            for answer in ReplyKind:
                name = f"reply: {form.name} {answer.name} ({language})"
                yield name, partial(_parsed, form, answer, language)
        yield f"reply in tags ({language})", partial(_in_tags, language)
        yield f"reply in JSON ({language})", partial(_in_json, language)
        yield f"elisions ({language})", partial(_expanded, language)
        yield f"statements ({language})", partial(_statements, language)
    for language in ("python", "typescript", "go", "rust", "java", "c", "ruby", "php", "lua"):
        yield f"imports ({language})", lambda text, name=language: imports_of(text, name)
    yield "patch", _patched
    yield "diff", _compared
    yield "events", lambda text: _fed(SseParser(), text)
    yield "lines of JSON", lambda text: _fed(NdjsonParser(), text)
    yield "frames", _framed
    yield "errors", lambda text: parse_error_body(json.dumps({"message": text}).encode())
    yield "gaps", _gap
    yield "shapes", lambda text: adapt_similar_lines(f"\n\x9f{text[:400]}", "", text)


def _filtered(
    each: Callable[[Draft, CursorContext], Draft | None], place: CursorContext, text: str
) -> Draft | None:
    return each(Draft(text=text, kind=CompletionKind.BLOCK, finish=FinishReason.LENGTH), place)


def _outlined(language: str, text: str) -> None:
    outline(text, language)


def _parsed(form: ReplyFormat, answer: ReplyKind, language: str, text: str) -> None:
    with suppress(UnusableReply):
        parse(text, form, answer, _ORIGINAL, language, around=_AROUND)


def _in_tags(language: str, text: str) -> None:
    _parsed(ReplyFormat.TAGGED, ReplyKind.CODE, language, f"<new_code>\n{text}\n</new_code>")


def _in_json(language: str, text: str) -> None:
    _parsed(ReplyFormat.SCHEMA, ReplyKind.CODE, language, json.dumps({"code": text}))


def _expanded(language: str, text: str) -> None:
    with suppress(UnusableReply):
        expand_placeholders(text, _ORIGINAL, language)


def _statements(language: str, text: str) -> None:
    list(find_import_statements(text.split("\n"), language))


def _patched(text: str) -> None:
    with suppress(UnusableReply):
        if apply_patch.is_patch(text, _ORIGINAL):
            apply_patch.apply_patch(text, _ORIGINAL, _AROUND)


def _compared(text: str) -> None:
    whole = Text.of(_ORIGINAL)
    line_edits.minimal_line_edits(whole, Span(0, len(whole)), text)


def _fed(parser: SseParser | NdjsonParser, text: str) -> None:
    data = b"data: " + text.encode("utf-8", "replace")
    with suppress(ProviderError):
        for at in range(0, len(data), 7):
            parser.feed(data[at : at + 7])
        parser.finish()


def _framed(text: str) -> None:
    data, frames = text.encode("utf-8", "replace"), MessageFramer()
    with suppress(HttpRequestReceived):
        for at in range(0, len(data), 64):
            list(frames.feed(data[at : at + 64]))


def _gap(text: str) -> None:
    for start in ("<gap>", "Sure:\n", "```\n"):
        reader = GapParser("")
        for at in range(0, len(text), 7):
            reader.feed((start if not at else "") + text[at : at + 7])
        reader.finish()
