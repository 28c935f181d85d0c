r"""The envelope of a reply: a JSON object, or tagged blocks. Splits it into parts, unchanged.

A part that begins and does not end was cut off, which is an error. Line ends are "\n".
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from devstral_lsp.refactor.errors import UnusableReply
from devstral_lsp.refactor.types import DiagnosticSeverity

CODE_TAG, IMPORTS_TAG, FILE_TAG, FINDING_TAG = "new_code", "imports", "file", "finding"
KEYS = frozenset({"code", "imports", "files", "markdown", "findings"})
"""Members of the JSON object."""
MAX_OBJECTS = 50
"""Beginnings of an object that are tried: prose may show some before the answer, and each that
fails may be read to the end of the reply."""

_BEGINS_OBJECT = re.compile(rf"\{{\s*\"(?:{'|'.join(sorted(KEYS))})\"\s*:")
_IS_OBJECT = re.compile(rf"\s*(?:```\w*\s*)?{_BEGINS_OBJECT.pattern}")
_TRAILING_COMMA = re.compile(r'("(?:[^"\\]|\\.)*+")|,(\s*+[}\]])', re.DOTALL)
_OPENING = {
    tag: re.compile(rf"^[ \t]*<{tag}>(?:[ \t]*\n)?", re.MULTILINE)
    for tag in (CODE_TAG, IMPORTS_TAG)
}
_CLOSING = {
    tag: re.compile(rf"\n[ \t]*+</{tag}>|(?<![ \t])[ \t]*+</{tag}>")
    for tag in (CODE_TAG, IMPORTS_TAG)
}
_FILE = re.compile(
    rf"^[ \t]*<{FILE_TAG} path=(?:[\"'](?P<path>[^\"'\n]+)[\"']>[ \t]*\n?)?", re.MULTILINE
)
_FILE_END = re.compile(rf"^[ \t]*</{FILE_TAG}>", re.MULTILINE)
_FINDING = re.compile(rf"<{FINDING_TAG}\b(?P<attributes>[^<>\n]*)>")
_FINDING_END = f"</{FINDING_TAG}>"
_ATTRIBUTE = re.compile(r"(?<!\w)(\w++)=[\"']?([\w-]+)")


@dataclass(frozen=True, slots=True)
class ParsedComment:
    """A finding, with the lines that it is about, counted from 1 in what the model was shown."""

    first_line: int
    last_line: int
    severity: DiagnosticSeverity
    message: str


@dataclass(frozen=True, slots=True)
class ParsedReply:
    r"""The parts of a reply. `code` replaces the span; None where that stays as it is.

    `imports` are import statements, which the document may have already; `files` are paths with
    "/" and whole texts. Line ends are "\n".
    """

    code: str | None = None
    imports: tuple[str, ...] = ()
    files: tuple[tuple[str, str], ...] = ()
    markdown: str = ""
    findings: tuple[ParsedComment, ...] = ()


def cut_off() -> UnusableReply:
    """The error of a reply that ends too early."""
    return UnusableReply("The reply stops before its end.")


def strip_reasoning(raw: str) -> str:
    """The reply without the reasoning that a model writes before it."""
    bare = re.sub(r"^\s*(?:<think>.*?</think>|\[THINK\].*?\[/THINK\])", "", raw, flags=re.DOTALL)
    return bare if bare.strip() else raw


def parse_json_reply(raw: str, original: str) -> ParsedReply | None:
    """The parts of the JSON object in a reply; None where there is none.

    In a file of JSON, an object of the shape that `original` has too is code, not an envelope.
    """
    held = _find_object(raw)
    own = _find_object(original)
    is_alike = own is not None and held is not None and set(own) == set(held)
    if own is not None and (is_alike or not isinstance((held or {}).get("code"), str)):
        return None
    if held is None and _IS_OBJECT.match(raw):
        raise cut_off()
    return None if held is None else _read_object(held)


def _find_object(raw: str) -> Mapping[str, Any] | None:
    """The first JSON object that has our members; a comma after the last one is no error."""
    decoder = json.JSONDecoder(strict=False)  # models write line ends into strings as they are
    first = re.match(r"\s*(?:```\w*\s*)?(?=\{)", raw)
    starts = [match.start() for match in islice(_BEGINS_OBJECT.finditer(raw), MAX_OBJECTS)]
    for start in dict.fromkeys([*([first.end()] if first else []), *starts]):
        for text in (raw, _TRAILING_COMMA.sub(r"\1\2", raw[start:])):
            try:
                held, _ = decoder.raw_decode(text, start if text is raw else 0)
            except (ValueError, RecursionError):
                continue
            if isinstance(held, dict) and held and _is_envelope(held):
                return held
            break
    return None


def _is_envelope(held: Mapping[str, Any]) -> bool:
    """Whether an object has our members; further ones beside code are remarks of the model."""
    return KEYS.issuperset(held) or isinstance(held.get("code"), str)


def _read_object(held: Mapping[str, Any]) -> ParsedReply:
    code = held.get("code")
    imports, files, findings = (held.get(each) or [] for each in ("imports", "files", "findings"))
    if isinstance(imports, str):
        imports = imports.split("\n")
    is_well_formed = (
        isinstance(code, str | None)
        and all(isinstance(each, list) for each in (imports, files, findings))
        and all(isinstance(line, str) for line in imports)
        and all(_is_file(each) for each in files)
    )
    if not is_well_formed:
        raise UnusableReply("The reply does not have the form that was asked for.")
    return ParsedReply(
        code=code,
        imports=tuple(imports),
        files=tuple((each["path"], each["code"]) for each in files),
        markdown=str(held.get("markdown") or ""),
        findings=_comments(each for each in findings if isinstance(each, dict)),
    )


def _is_file(held: Any) -> bool:
    return isinstance(held, dict) and all(
        isinstance(held.get(each), str) for each in ("path", "code")
    )


def _comments(found: Iterable[Mapping[str, Any]]) -> tuple[ParsedComment, ...]:
    """The findings that have a line and a message."""
    comments = []
    for held in found:
        try:
            first = int(held.get("first_line", 0))
            last = int(held.get("last_line", first))
        except (TypeError, ValueError, OverflowError):  # the last for Infinity
            continue
        if message := str(held.get("message") or "").strip():
            name = str(held.get("severity") or "").upper()
            known = name in DiagnosticSeverity.__members__
            severity = DiagnosticSeverity[name] if known else DiagnosticSeverity.WARNING
            comments.append(ParsedComment(first, last, severity, message))
    return tuple(comments)


def parse_tagged_reply(raw: str) -> ParsedReply | None:
    """The parts of the tagged blocks in a reply; None where there are none."""
    code, rest = _cut_block(raw, CODE_TAG)
    imports, rest = _cut_block(rest, IMPORTS_TAG)
    files = tuple(_tagged_files(rest))
    findings = tuple(_tagged_findings(rest))
    if code is None and not files and not findings:
        return None
    lines = tuple((imports or "").split("\n"))
    return ParsedReply(code=code, imports=lines, files=files, findings=_comments(findings))


def _cut_block(raw: str, tag: str) -> tuple[str | None, str]:
    """What stands between a tag and its end, and the reply without it. Tags start lines."""
    opened = [*_OPENING[tag].finditer(raw)]
    if not opened:
        return None, raw
    closed = [*_CLOSING[tag].finditer(raw)]
    if len(closed) < len(opened):
        raise cut_off()
    ends = [*closed[: len(opened) - 1], closed[-1]]
    parts = {
        raw[start.end() : max(start.end(), end.start())]
        for start, end in zip(opened, ends, strict=True)
    }
    if len(parts) > 1:
        raise UnusableReply("The reply answers more than once, and not always the same.")
    return parts.pop(), raw[: opened[0].start()] + raw[ends[-1].end() :]


def _tagged_files(raw: str) -> Iterator[tuple[str, str]]:
    """Each file that begins has to end before the next."""
    ends = [match.start() for match in _FILE_END.finditer(raw)]
    begun = [*_FILE.finditer(raw)]
    for number, match in enumerate(begun):
        at = bisect_left(ends, match.end())
        before = begun[number + 1].start() if number + 1 < len(begun) else len(raw)
        if match["path"] is None or at == len(ends) or ends[at] > before:
            raise cut_off()
        yield match["path"], raw[match.end() : ends[at]].removesuffix("\n")


def _tagged_findings(raw: str) -> Iterator[Mapping[str, Any]]:
    at = 0
    while match := _FINDING.search(raw, at):
        end = raw.find(_FINDING_END, match.end())
        if end < 0:
            return
        attributes = dict(_ATTRIBUTE.findall(match["attributes"]))
        yield {**attributes, "message": raw[match.end() : end].strip()}
        at = end + len(_FINDING_END)


def decode_json_string(escaped: str) -> str | None:
    """What `escaped` reads as the inside of a JSON string; None if it cannot be."""
    try:
        held = json.loads(f'"{escaped}"', strict=False)
    except ValueError:
        return None
    return held if isinstance(held, str) else None
