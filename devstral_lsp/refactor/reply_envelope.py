"""What a reply puts the code into: a JSON object, tagged blocks, or nothing.

Cuts the parts out and looks at none of them. A part that was begun and not ended was cut off on
the way, which is an error. Works on text with "\\n".
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from devstral_lsp.refactor.errors import UnusableReply

CODE_TAG, IMPORTS_TAG, FILE_TAG, FINDING_TAG = "new_code", "imports", "file", "finding"
KEYS = frozenset({"code", "imports", "files", "markdown", "findings"})
"""Members of the JSON object."""


@dataclass(frozen=True, slots=True)
class ReplyParts:
    """The parts of a reply; `code` is None where it has none, "" where it says so."""

    code: str | None = None
    imports: tuple[str, ...] = ()
    files: tuple[tuple[str, str], ...] = ()
    markdown: str = ""
    findings: tuple[Mapping[str, Any], ...] = ()


def cut_off() -> UnusableReply:
    """The error of a reply that ends too early."""
    return UnusableReply("The reply stops before its end.")


def strip_reasoning(raw: str) -> str:
    """The reply without what a reasoning model thought before it."""
    bare = re.sub(r"^\s*(?:<think>.*?</think>|\[THINK\].*?\[/THINK\])", "", raw, flags=re.DOTALL)
    return bare if bare.strip() else raw


def parse_json_reply(raw: str, original: str) -> ReplyParts | None:
    """The parts of the JSON object in a reply; None where there is none.

    An object that is what the original is too, in a file of JSON, is code.
    """
    if _object(original) is not None:
        raw = _outer_object(raw)
    held = _object(raw)
    if held is not None:
        return _read(held)
    if _IS_OBJECT.match(raw):
        raise cut_off()
    return None


_BEGINS_OBJECT = re.compile(rf"\{{\s*\"(?:{'|'.join(sorted(KEYS))})\"\s*:")
_IS_OBJECT = re.compile(rf"\s*(?:```\w*\s*)?{_BEGINS_OBJECT.pattern}")
_MOST_OBJECTS = 50
"""Beginnings of an object that are tried: prose may show some before the answer."""


def _outer_object(raw: str) -> str:
    held = _object(raw)
    return raw if held is not None and isinstance(held.get("code"), str) else ""


def _object(raw: str) -> Mapping[str, Any] | None:
    """The first JSON object that has our members and no others."""
    decoder = json.JSONDecoder(strict=False)  # models write line ends into strings as they are
    # What fails may have been read to the end of the reply, so it is not tried without a limit.
    for match in islice(_BEGINS_OBJECT.finditer(raw), _MOST_OBJECTS):
        try:
            held, _ = decoder.raw_decode(raw, match.start())
        except (ValueError, RecursionError):
            continue
        if isinstance(held, dict) and held and KEYS.issuperset(held):
            return held
    return None


def _read(held: Mapping[str, Any]) -> ReplyParts:
    code, files = held.get("code"), held.get("files") or []
    imports, findings = held.get("imports") or [], held.get("findings") or []
    if isinstance(imports, str):
        imports = imports.split("\n")
    well = (code is None or isinstance(code, str)) and all(
        isinstance(each, list) for each in (imports, files, findings)
    )
    if not well or not all(isinstance(line, str) for line in imports):
        raise UnusableReply("The reply does not have the form that was asked for.")
    return ReplyParts(
        code=code,
        imports=tuple(imports),
        files=tuple(_file(each) for each in files),
        markdown=str(held.get("markdown") or ""),
        findings=tuple(each for each in findings if isinstance(each, dict)),
    )


def _file(held: Any) -> tuple[str, str]:
    path, code = (held.get("path"), held.get("code")) if isinstance(held, dict) else (None, None)
    if not isinstance(path, str) or not isinstance(code, str):
        raise UnusableReply("The reply does not have the form that was asked for.")
    return path, code


def parse_tagged_reply(raw: str) -> ReplyParts | None:
    """The parts of the tagged blocks in a reply; None where there are none."""
    code, rest = _tagged(raw, CODE_TAG)
    imports, rest = _tagged(rest, IMPORTS_TAG)
    files = tuple(_tagged_files(rest))
    findings = tuple(_tagged_findings(rest))
    if code is None and not files and not findings:
        return None
    lines = tuple((imports or "").split("\n"))
    return ReplyParts(code=code, imports=lines, files=files, findings=findings)


def _tagged(raw: str, tag: str) -> tuple[str | None, str]:
    """What stands between a tag and its end, and the reply without it. Tags start lines."""
    opened = [*_OPENING[tag].finditer(raw)]
    if not opened:
        return None, raw
    closed = [*_CLOSING[tag].finditer(raw)]
    if len(closed) < len(opened):
        raise cut_off()
    ends = [*closed[: len(opened) - 1], closed[-1]]
    part = _between(raw, opened[0], ends[0])
    if any(_between(raw, start, end) != part for start, end in zip(opened, ends, strict=True)):
        raise UnusableReply("The reply answers more than once, and not always the same.")
    return part, raw[: opened[0].start()] + raw[ends[-1].end() :]


def _between(raw: str, opening: re.Match[str], closing: re.Match[str]) -> str:
    return raw[opening.end() : max(opening.end(), closing.start())]


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


def _tagged_files(raw: str) -> Iterator[tuple[str, str]]:
    """Each file that is begun has to end before the next."""
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
