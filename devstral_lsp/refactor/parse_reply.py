r"""From a model's raw reply to new code that can be compared with the old.

Models wrap code in prose, fences, JSON and tags, give too little or too much of it, and move it to
the margin. What can be repaired without guessing is; anything else raises UnusableReply. The result
has "\n" for line ends and the original's indentation. `validate.py` judges the code itself;
`reply_format.py` holds what the model was asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from difflib import SequenceMatcher

from devstral_lsp.edits.checks import adds_control_token
from devstral_lsp.refactor.apply_patch import apply_patch, is_patch
from devstral_lsp.refactor.errors import UnusableReply as UnusableReply
from devstral_lsp.refactor.losses import Comparison
from devstral_lsp.refactor.markdown_fences import (
    extract_code_block,
    has_fence,
    is_wrapped,
    unwrap_fence,
)
from devstral_lsp.refactor.place_definitions import place_definitions
from devstral_lsp.refactor.placeholders import expand_placeholders
from devstral_lsp.refactor.reindent import fit_insertion, reindent
from devstral_lsp.refactor.repair import extract_span, without_line_numbers
from devstral_lsp.refactor.reply_envelope import ParsedComment as ParsedComment
from devstral_lsp.refactor.reply_envelope import ParsedReply as ParsedReply
from devstral_lsp.refactor.reply_envelope import (
    decode_json_string,
    parse_json_reply,
    parse_tagged_reply,
    strip_reasoning,
)
from devstral_lsp.refactor.reply_format import ReplyFormat as ReplyFormat
from devstral_lsp.refactor.reply_format import format_instructions as format_instructions
from devstral_lsp.refactor.reply_format import response_format as response_format
from devstral_lsp.refactor.types import ReplyKind
from devstral_lsp.syntax.tree import Syntax
from devstral_lsp.text import normalize_newlines

MAX_REPLY = 4_000_000
"""Code points of a reply; what follows is not read."""
_FRAME_TOKEN = re.compile(r"</s>|\[/INST\]|<\|\w{1,80}\|>")
_MIN_SHARED, _MIN_CONTAINED = 0.3, 0.7
"""Shares of words that make a reply code: common to it and the original, or of the reply's own
words those that the original has."""


def parse(
    raw: str,
    form: ReplyFormat,
    answer: ReplyKind,
    original: str,
    language: str,
    *,
    around: tuple[str, str] = ("", ""),
    may_drop_definitions: bool = False,
) -> ParsedReply:
    """What the reply `raw` says about `original`, the text of the span.

    `language` is an LSP language id. `around` is the document before and after the span, to
    recognise a reply that gives more than the span. One that holds only some of the definitions is
    placed at those, unless `may_drop_definitions`. Raises UnusableReply where the reply is not
    what `answer` asked for, or cannot be trusted to be.
    """
    raw = strip_reasoning(normalize_newlines(raw[:MAX_REPLY]))
    if not raw.strip():
        raise UnusableReply("The reply is empty.")
    if answer is ReplyKind.MARKDOWN:
        return ParsedReply(markdown=_prose(raw))
    original = normalize_newlines(original)
    if form is ReplyFormat.TAGGED:
        held = parse_tagged_reply(raw) or parse_json_reply(raw, original)
    else:
        held = parse_json_reply(raw, original) or parse_tagged_reply(raw)
    if answer is ReplyKind.FINDINGS:
        if held is None:
            raise UnusableReply("The reply does not have the form that was asked for.")
        lines = len(original.splitlines()) or 1
        return ParsedReply(findings=tuple(_clipped(held.findings, lines)))
    before, after = map(normalize_newlines, around)
    reader = _CodeReader(original, (before, after), language, may_drop_definitions)
    return reader.repaired(held or ParsedReply(code=reader.bare_code(raw)), answer)


def _prose(raw: str) -> str:
    held = parse_json_reply(raw, "")
    text = held.markdown if held is not None else raw
    whole = re.fullmatch(r"\s*(`{3,})(?:markdown|md)[ \t]*\n(.*)\n\1\s*", text, re.DOTALL)
    text = (whole[2] if whole else text).strip()
    end = len(text)
    for token in reversed([*_FRAME_TOKEN.finditer(text)]):
        if token.end() != end:
            break
        end = token.start()
    text = text[:end].strip()
    if not text:
        raise UnusableReply("The reply is empty.")
    return text


def _clipped(comments: Iterable[ParsedComment], lines: int) -> Iterator[ParsedComment]:
    """The comments on lines that the model was shown."""
    for each in comments:
        if 1 <= each.first_line <= lines:
            yield replace(each, last_line=max(each.first_line, min(each.last_line, lines)))


class _CodeReader:
    """Reads the code of a reply, for one span."""

    def __init__(
        self, original: str, around: tuple[str, str], language: str, may_drop_definitions: bool
    ) -> None:
        self._may_drop_definitions = may_drop_definitions
        self._original = original
        self._around = around
        self._language = language

    def repaired(self, held: ParsedReply, answer: ReplyKind) -> ParsedReply:
        """The parts of a reply, as the document and other files can take them."""
        files = tuple(self._file(path, code) for path, code in held.files)
        imports = [line.rstrip() for line in held.imports if line.strip()]
        if held.code is None:
            if answer is ReplyKind.FILES and files:
                return ParsedReply(imports=tuple(imports), files=files)
            raise UnusableReply("The reply holds no code.")
        code, further = self._code(held.code)
        every = tuple(dict.fromkeys([*imports, *further]))
        return ParsedReply(code=code, imports=every, files=files)

    def bare_code(self, raw: str) -> str:
        """The code of a reply without an envelope."""
        if is_patch(raw, self._original):
            return raw
        if is_wrapped(raw, self._original, self._language) or (
            has_fence(raw) and not (has_fence(self._original) and self._is_code(raw))
        ):
            return extract_code_block(raw, self._original, self._language)
        return self._without_preamble(raw) if self._is_code(raw) else self._between_prose(raw)

    def _without_preamble(self, raw: str) -> str:
        """A document without the sentence that announces it, where its own first line follows."""
        preamble, _, rest = raw.lstrip("\n").partition("\n\n")
        first = self._original.strip("\n").partition("\n")[0]
        is_announced = preamble.endswith(":") and "\n" not in preamble and first.strip()
        is_whole = rest.lstrip("\n").partition("\n")[0] == first
        return rest if is_announced and is_whole and preamble not in self._original else raw

    def _code(self, text: str) -> tuple[str, tuple[str, ...]]:
        """The code that replaces the span, and import lines that came with it."""
        text = self._unescaped(text)
        if not text.strip():
            return "", ()
        if is_patch(text, self._original):
            code, imports = apply_patch(text, self._original, self._around), tuple[str, ...]()
        else:
            code, imports = self._whole(text)
        if adds_control_token(code, self._original.join(self._around), self._language):
            raise UnusableReply("The reply holds control tokens of the model.")
        return code, imports

    def _whole(self, text: str) -> tuple[str, tuple[str, ...]]:
        original, language = self._original, self._language
        text = unwrap_fence(text, original, language)
        text = without_line_numbers(text, original)
        text, imports = extract_span(text, original, self._around, language)
        if not text.strip():
            raise UnusableReply("The reply holds nothing but what stands around the selection.")
        if not original.strip() and any(each.strip() for each in self._around):
            return fit_insertion(text, original.strip("\n"), self._around, language), imports
        if not self._may_drop_definitions:
            text = place_definitions(text, original, language)
        return expand_placeholders(
            reindent(text, original, language, self._around), original, language
        ), imports

    def _unescaped(self, text: str) -> str:
        r"""Code that was escaped twice has "\\n" in place of every line end."""
        if "\n" in text.strip() or "\n" not in self._original.strip() or "\\n" not in text:
            return normalize_newlines(text)
        decoded = decode_json_string(text)
        return normalize_newlines(text if decoded is None else decoded)

    def _file(self, path: str, code: str) -> tuple[str, str]:
        code = unwrap_fence(normalize_newlines(code), "")
        parts = path.replace("\\", "/").split("/")
        if not path.strip() or ".." in parts or not parts[0] or ":" in parts[0]:
            raise UnusableReply("The reply names a file outside the workspace folder.")
        is_complete = not Comparison("", code, self._language).stand_ins
        if adds_control_token(code, "", self._language) or not is_complete:
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
        if not known or matcher.quick_ratio() >= _MIN_SHARED:
            return True
        known_words = frozenset(known)
        return sum(word in known_words for word in words) >= _MIN_CONTAINED * len(words)

    def _between_prose(self, raw: str) -> str:
        """The code from the original's first line to its last, where both still stand."""
        lines = raw.split("\n")
        old = [line.strip() for line in self._original.split("\n") if line.strip()]
        bare = [line.strip() for line in lines]
        if old and bare.count(old[0]) == 1 and old[-1] in bare:
            last = len(bare) - bare[::-1].index(old[-1])
            code = "\n".join(lines[bare.index(old[0]) : last])
            if self._is_code(code):
                return code
        raise UnusableReply("The reply holds no code, or does not say where it begins and ends.")
