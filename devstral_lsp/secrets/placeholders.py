"""Replace secrets in a request by placeholders, and restore them in the response.

A placeholder has the length and character classes of its secret, so that positions stay and a model
sees a key where there is one. It is derived from the secret with a key of the process: constant
within a session, for prompt caches, and useless for guessing the secret. The replaced text never
contains line ends, quotes or backslashes, so that a secret can also be restored in JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Any

from devstral_lsp.secrets.known import lead_length
from devstral_lsp.secrets.parts import Parts, find_parts
from devstral_lsp.secrets.scan import Spans, find_secrets, join_spans

MIN_LENGTH = 4
"""Minimum code points to replace: shorter values may be part of any word."""
_MAX_CACHED = 20_000
"""Maximum placeholders of a session."""
_MAX_ELSEWHERE = 64
"""Maximum secrets of a request that are also replaced where nothing names them."""
_MIN_ELSEWHERE_LENGTH = 8
_MIN_PARTIAL_LENGTH = 4
"""Code points of a placeholder, beyond its lead, that a response does not end with by chance."""
_BEHIND = 80
"""Code points of earlier output that may begin a part, including escapes and quotes."""
_SEGMENT = re.compile(r"[^\s\"'`\\\x00-\x1f\x7f]{4,}+")
_KEPT = frozenset("-_./+=:~")
"""Signs that a placeholder shares with its secret; others become `_`."""
_LOWER, _UPPER, _DIGITS = "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789"
_HEX = re.compile(r"[0-9a-f]++|[0-9A-F]++")


class Placeholders:
    """The placeholders of a session, by secret."""

    def __init__(self, key: bytes) -> None:
        """`key`, up to 64 bytes, determines the placeholders."""
        self._key = key
        self._by_secret: dict[str, str] = {}
        self._by_placeholder: dict[str, str] = {}

    def page(self) -> Page:
        """Start a request."""
        return Page(self)

    def of(self, secret: str, texts: Sequence[str] = ()) -> str:
        """The placeholder of a secret, which occurs in none of `texts`."""
        known = self._by_secret.get(secret)
        if known is not None and not any(known in text for text in texts):
            return known
        if len(self._by_secret) >= _MAX_CACHED:
            self._by_secret.clear()
            self._by_placeholder.clear()
        for attempt in range(1000):
            made = _draw(secret, self._key, attempt)
            if made not in self._by_placeholder and not any(made in text for text in texts):
                break
        self._by_secret[secret], self._by_placeholder[made] = made, secret
        return made


def _draw(secret: str, key: bytes, attempt: int) -> str:
    """Random text in the form of the secret, with every letter and digit replaced."""
    seed = blake2b(secret.encode("utf-8", "replace"), key=key, salt=attempt.to_bytes(8, "big"))
    size, lead = len(secret), lead_length(secret)
    drawn = b""
    while len(drawn) < size:
        drawn += blake2b(seed.digest() + len(drawn).to_bytes(4, "big"), key=key).digest()
    is_hex = _HEX.fullmatch(secret[lead:]) is not None
    body = (_other(c, byte, is_hex) for c, byte in zip(secret[lead:], drawn, strict=False))
    return secret[:lead] + "".join(body)


def _other(character: str, byte: int, is_hex: bool) -> str:
    if character.isascii() and not character.isalnum():
        return character if character in _KEPT else "_"
    alphabet = _LOWER if not character.isascii() or character.islower() else _UPPER
    if character in _DIGITS:
        alphabet = _DIGITS
    elif is_hex:
        alphabet = alphabet[:6]
    at = alphabet.find(character)
    # Not the same character, which would confirm correct guesses.
    return alphabet[(at + 1 + byte % (len(alphabet) - 1)) % len(alphabet)]


class Page:
    """One request: only what it replaced is restored in its response."""

    def __init__(self, placeholders: Placeholders) -> None:
        self._placeholders = placeholders
        self.replaced: dict[str, str] = {}
        """Secrets by placeholder."""
        self.is_broken = False
        """Whether the restored text contained a part of a placeholder, whose secret is lost."""

    def redact(self, texts: Sequence[str]) -> list[str]:
        """Replace the secrets in the texts; lengths do not change.

        A secret found in one text, or earlier in this request, is replaced in all of them.
        """
        return self._redact(texts, [find_secrets(text) for text in texts])

    def redact_around(self, before: str, after: str) -> tuple[str, str]:
        """Replace the secrets before and after a cursor, which may be within or right after one."""
        at = len(before)
        # Each side separately, too, within the paragraph of the cursor.
        first, last = before.rfind("\n\n") + 1, after.find("\n\n")
        below = after if last < 0 else after[:last]
        found = [
            *find_secrets(before + after),
            *((start + first, end + first) for start, end in find_secrets(before[first:])),
            *((start + at, end + at) for start, end in find_secrets(below)),
        ]
        (text,) = self._redact([before + after], [join_spans(found)])
        return text[:at], text[at:]

    def _redact(self, texts: Sequence[str], found: Sequence[Spans]) -> list[str]:
        spans = [list(_segments(text, each)) for text, each in zip(texts, found, strict=True)]
        secrets = dict.fromkeys(
            text[start:end] for text, each in zip(texts, spans, strict=True) for start, end in each
        )
        # A secret found in an earlier text of the request is one here, too.
        secrets |= dict.fromkeys(self.replaced.values())
        if not secrets:
            return list(texts)
        known = [each for each in secrets if _is_looked_for(each)][:_MAX_ELSEWHERE]
        standing = {secret: self._stand_in(secret, texts) for secret in secrets}
        return [
            _replace_spans(text, _add_other_places(text, each, known), standing)
            for text, each in zip(texts, spans, strict=True)
        ]

    def redact_value(self, value: Any) -> Any:
        """Replace secrets in all strings of lists and mappings that are to be sent."""
        texts: list[str] = []

        def collect(text: str) -> str:
            texts.append(text)
            return text

        _walk(value, collect)
        if not any(texts):
            return value
        redacted = iter(self.redact(texts))
        return _walk(value, lambda text: next(redacted))

    def restore(self, text: str) -> str:
        """Restore the secrets in a complete text."""
        restorer = Restorer(self.replaced)
        restored = restorer.feed(text) + restorer.finish()
        self.is_broken = self.is_broken or restorer.is_broken
        return restored

    def restore_value(self, value: Any) -> Any:
        """Restore the secrets in all strings of lists and mappings."""
        return _walk(value, self.restore)

    def _stand_in(self, secret: str, texts: Sequence[str]) -> str:
        placeholder = self._placeholders.of(secret, texts if len(secret) < 12 else ())
        self.replaced[placeholder] = secret
        return placeholder


def _is_looked_for(secret: str) -> bool:
    """Whether a secret is so unlike any word that it is one wherever it occurs."""
    return len(secret) >= _MIN_ELSEWHERE_LENGTH and any(c.isdigit() for c in secret)


def _segments(text: str, spans: Iterable[tuple[int, int]]) -> Iterable[tuple[int, int]]:
    """The parts of secrets that are replaced: between line ends, quotes and backslashes."""
    for start, end in spans:
        for match in _SEGMENT.finditer(text, start, end):
            first, last = match.span()
            # The letter after a backslash is an escape, such as the line ends in a key.
            first += text[first - 1 : first] == "\\" and text[first] in "nrtbf"
            if last - first >= MIN_LENGTH:
                yield first, last


def _add_other_places(
    text: str, spans: list[tuple[int, int]], secrets: Iterable[str]
) -> list[tuple[int, int]]:
    """The spans, and all other occurrences of the secrets in the text."""
    taken = list(spans)
    for secret in secrets:
        at = text.find(secret)
        while at >= 0:
            end = at + len(secret)
            if not any(start < end and at < stop for start, stop in spans):
                taken.append((at, end))
            at = text.find(secret, end)
    return sorted(taken)


def _replace_spans(text: str, spans: Sequence[tuple[int, int]], standing: Mapping[str, str]) -> str:
    parts, at = [], 0
    for start, end in spans:
        if start >= at:
            parts += [text[at:start], standing[text[start:end]]]
            at = end
    return "".join([*parts, text[at:]])


def _walk(value: Any, change: Callable[[str], str]) -> Any:
    """Apply `change` to each string of a value, and to each string of JSON within a string,
    where quotes and line ends are escaped."""
    if isinstance(value, str) and value.startswith("data:"):
        return value  # an image
    if isinstance(value, str):
        return (
            _walk_json(value, change) if value[:1] == "{" and value[-1:] == "}" else change(value)
        )
    if isinstance(value, Mapping):
        return {name: _walk(each, change) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_walk(each, change) for each in value]
    return value


def _walk_json(text: str, change: Callable[[str], str]) -> str:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return change(text)
    changed = _walk(value, change)
    return text if changed == value else json.dumps(changed, ensure_ascii=False)


class Restorer:
    """Restores secrets in a streamed response, whose chunks may split a placeholder."""

    def __init__(
        self,
        replaced: Mapping[str, str],
        refused: Iterable[str] = (),
        *,
        ends_when_broken: bool = False,
    ) -> None:
        """`replaced` are the secrets by placeholder. The response ends before a `refused`
        placeholder, and before a part of one if `ends_when_broken`."""
        self._replace_spans = dict(sorted(replaced.items(), key=lambda each: -len(each[0])))
        self._refused = tuple(refused)
        self._all = (*self._replace_spans, *self._refused)
        self._ends_when_broken = ends_when_broken
        self._longest = max(map(len, self._all), default=0)
        self._by_beginning = {
            beginning: [each for each in self._all if each[0] == beginning]
            for beginning in {each[0] for each in self._all}
        }
        self._held = ""
        self._given = ""
        """The end of the output so far, with NULs in place of placeholders."""
        self.is_broken = False
        """Whether the response contained a part of a placeholder, whose secret is lost."""
        self.has_ended = False
        """Whether the response was ended early."""

    def feed(self, piece: str) -> str:
        """Return the text that is certain; keep back the possible start of a placeholder."""
        if not self._all or self.has_ended:
            return "" if self.has_ended else piece
        text = self._held + piece
        if refused := [at for each in self._refused if (at := text.find(each)) >= 0]:
            self.has_ended, self._held = True, ""
            return self._restore(text[: min(refused)])
        end = len(text) - self._unfinished(text)
        safe = self._safe_part(text[:end])
        if self.has_ended:
            return self._restore(safe)
        masked = self._mask(safe)
        at = end - self._parts.unfinished(masked)
        self._given = (self._given + masked[:at])[-_BEHIND:]
        self._held = text[at:]
        return self._restore(safe[:at])

    def finish(self) -> str:
        """The rest that was kept back and is no placeholder."""
        held, self._held = self._held, ""
        leads = [lead_length(each) for each in self._all if held and each.startswith(held)]
        shortest = min(leads, default=len(held))
        if len(held) >= shortest + _MIN_PARTIAL_LENGTH:
            self.is_broken, self.has_ended = True, self._ends_when_broken
            return "" if self.has_ended else held
        return self._restore(self._safe_part(held))

    @property
    def _parts(self) -> Parts:
        """Created with the response: before that, the user waits for the request."""
        return find_parts(self._all)

    def _safe_part(self, text: str) -> str:
        """The text, or its safe start if it contains a part of a placeholder."""
        at = None if self.is_broken else self._parts.first(self._given + self._mask(text))
        if at is None:
            return text
        self.is_broken = True
        if not self._ends_when_broken:
            return text
        self.has_ended, self._held = True, ""
        return text[: max(0, at - len(self._given))]

    def _mask(self, text: str) -> str:
        for placeholder in self._all:
            if placeholder in text:
                text = text.replace(placeholder, "\0" * len(placeholder))
        return text

    def _restore(self, text: str) -> str:
        for placeholder, secret in self._replace_spans.items():
            if placeholder in text:
                text = text.replace(placeholder, secret)
        return text

    def _unfinished(self, text: str) -> int:
        """The number of code points at the end that may begin a placeholder.

        The end of one that is whole may look like the beginning of another, and does not count.
        """
        masked = self._mask(text)
        for start in range(max(0, len(text) - self._longest + 1), len(text)):
            if masked[max(0, start - 1) : start + 1] == "\0\0":
                continue
            tail = text[start:]
            if any(
                len(tail) < len(each) and each.startswith(tail)
                for each in self._by_beginning.get(tail[0], ())
            ):
                return len(tail)
        return 0
