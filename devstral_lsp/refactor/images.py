"""Collects the images that a Markdown or HTML document refers to near a selection.

For models with vision. Reads only files in the workspace: nothing is downloaded, and neither links
nor ".." lead out of it. The type of an image is determined by its first bytes, not by its name.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from devstral_lsp.bounded_read import is_file, read_bytes, real_path
from devstral_lsp.context.gitignore import is_ignored
from devstral_lsp.text import Snapshot, Span

MAX_IMAGES = 8
"""Per request, according to Mistral's documentation of vision."""
MAX_IMAGE_BYTES = 10_000_000
"""Bytes, according to the same page; another one says 20 MB."""
MAX_BYTES = 20_000_000
"""Of all images of one request, which is sent again at each attempt."""
LINES_NEAR = 40
"""On either side of the selection."""

LANGUAGES = frozenset({"markdown", "html", "mdx", "vue", "svelte", "astro"})
"""Of documents that refer to images."""
_INLINE = re.compile(r"!\[[^\[\]\n]{0,400}\]\(\s*(?:<([^<>\n]+)>|([^)\s]+))")
_NAMED = re.compile(r"!\[([^\[\]\n]{0,400})\](?:\[([^\[\]\n]{0,400})\])?(?!\()")
_DEFINED = re.compile(r"^ {0,3}\[([^\]\n]+)\]:[ \t]*(?:<([^>\n]+)>|(\S+))", re.MULTILINE)
_TAG = re.compile(r"<img\b[^<>]*?\bsrc\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+))", re.IGNORECASE)
_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:|//")


def collect_images(
    snapshot: Snapshot, span: Span, file: Path, root: Path, exclude: tuple[str, ...] = ()
) -> tuple[str, ...]:
    """Data URIs of PNG, JPEG, WebP and still GIF files, in the order of the text. Blocks."""
    if snapshot.language not in LANGUAGES:
        return ()
    found: dict[Path, str] = {}
    left = MAX_BYTES
    for target in _targets(str(snapshot.text), _near(snapshot, span)):
        path = _path(target, file, root, exclude)
        if path is None or path in found or len(found) == MAX_IMAGES:
            continue
        data = _read(path, min(left, MAX_IMAGE_BYTES), root)
        if kind := _kind(data):
            left -= len(data)
            found[path] = f"data:image/{kind};base64,{base64.b64encode(data).decode('ascii')}"
    return tuple(found.values())


def _near(snapshot: Snapshot, span: Span) -> Span:
    text = snapshot.text
    first = max(0, text.line_of(span.start) - LINES_NEAR)
    last = min(text.line_count - 1, text.line_of(span.end) + LINES_NEAR)
    return Span(text.line_start(first), text.line_end(last))


def _targets(text: str, near: Span) -> Iterator[str]:
    """The paths of the images within `near`; reference links are resolved in the whole text."""
    found: list[tuple[int, str]] = []
    for pattern in (_INLINE, _TAG):
        for match in pattern.finditer(text, near.start, near.end):
            found.append((match.start(), next(filter(None, match.groups()), "")))
    defined = {match[1].lower(): match[2] or match[3] for match in _DEFINED.finditer(text)}
    for match in _NAMED.finditer(text, near.start, near.end):
        found.append((match.start(), defined.get((match[2] or match[1]).lower(), "")))
    yield from (target for _, target in sorted(found) if target)


def _path(target: str, file: Path, root: Path, exclude: tuple[str, ...]) -> Path | None:
    """The file that `target` refers to, if it may be read."""
    if _SCHEME.match(target):
        return None
    name = unquote(re.split(r"[?#]", target, maxsplit=1)[0])
    base = root if name.startswith("/") else file.parent
    try:
        path = real_path(base / name.lstrip("/"), [root])
        is_shown = is_file(path, within=[root]) and not is_ignored(path, [root], exclude)
        return path if is_shown else None
    except OSError:
        return None


def _read(path: Path, most_bytes: int, root: Path) -> bytes:
    try:
        return read_bytes(path, max_bytes=most_bytes, within=[root])
    except OSError:
        return b""


def _kind(data: bytes) -> str:
    """The subtype of `image/…`; "" for what Mistral does not take."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if data.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    # The extension that makes a GIF repeat is in all that move, and in no other.
    return "gif" if data[:4] == b"GIF8" and b"NETSCAPE2.0" not in data else ""
