"""From a model's raw reply to new code that can be compared with the old.

Models wrap code in prose, fences, JSON and tags, give too little or too much of it, and move it to
the margin. What can be put right without guessing is; for everything else there is UnusableReply.
What comes out has "\\n" for line ends and the original's indentation. Whether the code is any good
is asked by `check.py`; how the model was told to answer is in `reply_form.py`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from devstral_lsp.edits.checks import adds_control_token
from devstral_lsp.refactor import (
    apply_patch,
    markdown_fences,
    placeholders,
    reindent,
    reply_envelope,
    trim_context,
)
from devstral_lsp.refactor.errors import UnusableReply as UnusableReply
from devstral_lsp.refactor.reply_envelope import ReplyParts
from devstral_lsp.refactor.reply_format import ReplyFormat as ReplyFormat
from devstral_lsp.refactor.reply_format import format_instructions as format_instructions
from devstral_lsp.refactor.reply_format import response_format as response_format
from devstral_lsp.refactor.truncation import is_missing_end
from devstral_lsp.refactor.types import DiagnosticSeverity, ReplyKind
from devstral_lsp.syntax.tree import Syntax
from devstral_lsp.text import normalize_newlines

LONGEST = 4_000_000
"""Code points of a reply that is read at all."""
_FRAME_TOKEN = re.compile(r"</s>|\[/INST\]|<\|\w{1,80}\|>")
_ALIKE, _CONTAINED = 0.3, 0.7
"""How much of their words code and its original share, or of the code's are the original's."""


@dataclass(frozen=True, slots=True)
class ParsedComment:
    """A finding, with the lines that it is about, counted from 1 in what the model was shown."""

    first_line: int
    last_line: int
    severity: DiagnosticSeverity
    message: str


@dataclass(frozen=True, slots=True)
class ParsedReply:
    r"""What a reply says. `code` is for the span, None where that stays as it is.

    `imports` are import statements that the document may have already; `files` are paths with "/"
    and whole texts. All text has "\n" for line ends.
    """

    code: str | None = None
    imports: tuple[str, ...] = ()
    files: tuple[tuple[str, str], ...] = ()
    markdown: str = ""
    findings: tuple[ParsedComment, ...] = ()


def parse(
    raw: str,
    form: ReplyFormat,
    answer: ReplyKind,
    original: str,
    language: str,
    *,
    around: tuple[str, str] = ("", ""),
) -> ParsedReply:
    """What the reply `raw` says about `original`, the text of the span.

    `language` is an LSP language id; `around` is the document before and after the span, by which
    a reply is recognised that gives more than the span. Raises UnusableReply where the reply is not
    what `answer` asked for, or cannot be trusted to be.
    """
    raw = reply_envelope.strip_reasoning(normalize_newlines(raw[:LONGEST]))
    if not raw.strip():
        raise UnusableReply("The reply is empty.")
    if answer is ReplyKind.MARKDOWN:
        return ParsedReply(markdown=_prose(raw))
    held = _held(raw, form, normalize_newlines(original))
    if answer is ReplyKind.FINDINGS:
        return ParsedReply(findings=_remarks(held, original))
    reader = _Reader(
        normalize_newlines(original),
        (normalize_newlines(around[0]), normalize_newlines(around[1])),
        language,
    )
    return reader.parsed(held or ReplyParts(code=reader.bare(raw)), answer)


def _held(raw: str, form: ReplyFormat, original: str) -> ReplyParts | None:
    """The envelope of the form that was asked for, else of the other one; None without any."""
    if form is ReplyFormat.TAGGED:
        return reply_envelope.parse_tagged_reply(raw) or reply_envelope.parse_json_reply(
            raw, original
        )
    return reply_envelope.parse_json_reply(raw, original) or reply_envelope.parse_tagged_reply(raw)


def _prose(raw: str) -> str:
    held = reply_envelope.parse_json_reply(raw, "")
    text = held.markdown if held is not None else raw
    whole = re.fullmatch(r"\s*(`{3,})(?:markdown|md)[ \t]*\n(.*)\n\1\s*", text, re.DOTALL)
    text = (whole[2] if whole else text).strip()
    text = _without_last_tokens(text).strip()
    if not text:
        raise UnusableReply("The reply is empty.")
    return text


def _without_last_tokens(text: str) -> str:
    """`text` without the tokens of the model's frame that it ends with."""
    end = len(text)
    for match in reversed([*_FRAME_TOKEN.finditer(text)]):
        if match.end() != end:
            break
        end = match.start()
    return text[:end]


def _remarks(held: ReplyParts | None, original: str) -> tuple[ParsedComment, ...]:
    if held is None:
        raise UnusableReply("The reply does not have the form that was asked for.")
    lines = len(original.splitlines()) or 1
    found = [_remark(each, lines) for each in held.findings]
    return tuple(each for each in found if each is not None)


def _remark(held: Mapping[str, Any], lines: int) -> ParsedComment | None:
    """One finding; None for one that is about no line that was shown, or says nothing."""
    try:
        first = int(held.get("first_line", 0))
        last = int(held.get("last_line", first))
    except (TypeError, ValueError, OverflowError):  # the last for Infinity
        return None
    message = str(held.get("message") or "").strip()
    if not message or not 1 <= first <= lines:
        return None
    name = str(held.get("severity") or "").upper()
    severity = (
        DiagnosticSeverity[name]
        if name in DiagnosticSeverity.__members__
        else DiagnosticSeverity.WARNING
    )
    return ParsedComment(first, max(first, min(last, lines)), severity, message)


class _Reader:
    """Reads the code of a reply, for one span."""

    def __init__(self, original: str, around: tuple[str, str], language: str) -> None:
        self._original = original
        self._around = around
        self._language = language

    def parsed(self, held: ReplyParts, answer: ReplyKind) -> ParsedReply:
        if held.code is None and not (answer is ReplyKind.FILES and held.files):
            raise UnusableReply("The reply holds no code.")
        files = tuple(self._file(path, code) for path, code in held.files)
        imports = [line.rstrip() for line in held.imports if line.strip()]
        if held.code is None:
            return ParsedReply(imports=tuple(imports), files=files)
        code, more = self._code(held.code)
        return ParsedReply(code=code, imports=tuple(dict.fromkeys([*imports, *more])), files=files)

    def bare(self, raw: str) -> str:
        """The code of a reply without an envelope."""
        if apply_patch.is_patch(raw, self._original):
            return raw
        if markdown_fences.has_fence(raw) and not markdown_fences.has_fence(self._original):
            return markdown_fences.extract_code_block(raw, self._original, self._language)
        if markdown_fences.has_fence(raw) and not self._is_code(raw):
            return markdown_fences.extract_code_block(raw, self._original, self._language)
        code = raw if self._is_code(raw) else self._between_prose(raw)
        if is_missing_end(self._original, code, self._language):
            raise reply_envelope.cut_off()
        return code

    def _code(self, text: str) -> tuple[str, tuple[str, ...]]:
        """The code as it is to stand in the span, and import lines that came with it."""
        text = self._unescaped(text)
        if not text.strip():
            return "", ()
        code, imports = self._patched(text) or self._whole(text)
        if adds_control_token(code, self._original.join(self._around), self._language):
            raise UnusableReply("The reply holds control tokens of the model.")
        return code, imports

    def _patched(self, text: str) -> tuple[str, tuple[str, ...]] | None:
        if not apply_patch.is_patch(text, self._original):
            return None
        return apply_patch.apply_patch(text, self._original, self._around), ()

    def _whole(self, text: str) -> tuple[str, tuple[str, ...]]:
        text = markdown_fences.unwrap_fence(text, self._original, self._language)
        text = reindent.without_line_numbers(text, self._original)
        before, after = self._around
        around = trim_context.SurroundingText(
            tuple(before.split("\n")),
            tuple(self._original.split("\n")),
            tuple(after.split("\n")),
            self._language,
        )
        part = trim_context.extract_span(text, around)
        if not part.code.strip():
            raise UnusableReply("The reply holds nothing but what stands around the selection.")
        code = reindent.reindent_to_original(part.code, self._original, self._language)
        return placeholders.expand_placeholders(code, self._original, self._language), part.imports

    def _unescaped(self, text: str) -> str:
        """Code that was escaped twice has no line end of its own, but signs for them."""
        if "\n" in text.strip() or "\n" not in self._original.strip() or "\\n" not in text:
            return normalize_newlines(text)
        held = reply_envelope.decode_json_string(text)
        return normalize_newlines(text if held is None else held)

    def _file(self, path: str, code: str) -> tuple[str, str]:
        code = markdown_fences.unwrap_fence(normalize_newlines(code), "")
        if not _is_inside(path):
            raise UnusableReply("The reply names a file outside the workspace folder.")
        if adds_control_token(code, "", self._language) or placeholders.find_placeholders(
            code, "", self._language
        ):
            raise UnusableReply("A further file in the reply is not complete.")
        return path.removeprefix("./"), code

    def _is_code(self, raw: str) -> bool:
        """Whether a reply without any envelope is code from its first line to its last."""
        syntax = Syntax.of(raw.strip("\n"), self._language)
        old = Syntax.of(self._original, self._language)
        parses = syntax is None or old is None or syntax.missing_nodes() <= old.missing_nodes()
        return parses and self._is_alike(raw)

    def _is_alike(self, raw: str) -> bool:
        """Whether it shares the greater part of its words with the original: prose does not."""
        words, known = (re.findall(r"\w+|[^\w\s]", text) for text in (raw, self._original))
        matcher = SequenceMatcher(None, words[:2000], known[:2000], autojunk=False)
        if not known or matcher.quick_ratio() >= _ALIKE:
            return True
        known_words = frozenset(known)
        return sum(word in known_words for word in words) >= _CONTAINED * len(words)

    def _between_prose(self, raw: str) -> str:
        """The code from the original's first line to its last, where both still stand."""
        lines = raw.split("\n")
        old = [line.strip() for line in self._original.split("\n") if line.strip()]
        told = [line.strip() for line in lines]
        if not old or old[0] not in told or old[-1] not in told:
            raise UnusableReply(
                "The reply holds no code, or does not say where it begins and ends."
            )
        first = told.index(old[0])
        last = len(told) - told[::-1].index(old[-1])
        code = "\n".join(lines[first:last])
        if told.count(old[0]) > 1 or not self._is_code(code):
            raise UnusableReply(
                "The reply holds no code, or does not say where it begins and ends."
            )
        return code


def _is_inside(path: str) -> bool:
    parts = path.replace("\\", "/").split("/")
    return bool(path.strip()) and ".." not in parts and parts[0] != "" and ":" not in parts[0]
