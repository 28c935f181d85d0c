"""Decide which file names a model may write, and which names are equal to some file system.

Names that look like others, contain terminal sequences, or mean something else on Windows or macOS
are refused on every machine, because projects are shared.
"""

from __future__ import annotations

import re
import unicodedata

from devstral_lsp.characters import deceptive_characters, describe_character

MAX_COMPONENT_BYTES = 255
"""UTF-8 bytes: the limit of ext4, and above those of NTFS and APFS."""
MAX_PATH_BYTES = 1024
"""Code points, within the limits of Linux (4,096 bytes) and macOS (1,024)."""

_PLAIN = re.compile(r"[\w./ +,@=()\[\]{}#$!&'^%;-]*", re.ASCII)
"""Names of these characters need no further checks."""
_FORBIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Control, format, surrogate, private and unassigned characters, line and paragraph separators."""
_LIKE_SEPARATORS = frozenset("\u2044\u2215\u2216\u29f5\u29f8\u29f9\u2571\u2572")
"""Look like a slash or a backslash. Others become one, or a dot, by normalization."""
_LIKE_LATIN = str.maketrans("аеорсухіјѕԁһԛԝвкмнтгαεικνορτυχѵɡ", "aeopcyxijsdhqwbkmhtraeikvoptuxvg")
"""Cyrillic and Greek letters that look like Latin ones (Unicode TR39, confusables.txt)."""
_STRUCTURAL = frozenset("/\\.")
_RESERVED = re.compile(
    r"(?:con|prn|aux|nul|conin\$|conout\$|clock\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3]) *(?:\.|$)"
)
"""Windows devices, with any extension: "Naming Files, Paths, and Namespaces", Microsoft."""
_SHORT_NAME = re.compile(r"[^.]{1,6}~[0-9]{1,6}(?:\.[^.]{0,3})?", re.ASCII)
"""An 8.3 name: on NTFS `GIT~1` may be `.git` (CVE-2014-9390, CVE-2019-1353)."""


def canonicalize(path: str) -> tuple[str, ...]:
    r"""The components of `path` in a form that is equal for names that some file system treats as
    equal.

    Ignores case (NTFS, APFS), normalization (APFS), characters that HFS+ ignores, trailing dots and
    spaces (Windows), NTFS streams, "." components, and whether separators are "/" or "\".
    """
    parts = path.replace("\\", "/").split("/")
    return tuple(each for each in map(_canonicalize, parts) if each not in ("", "."))


def _canonicalize(component: str) -> str:
    if not _PLAIN.fullmatch(component):
        hidden = deceptive_characters(component)
        seen = "".join(each for each in component if each not in hidden)
        folded = unicodedata.normalize("NFKC", seen).casefold()
        component = unicodedata.normalize("NFKC", folded).partition(":")[0]
    if component in (".", ".."):
        return component
    return component.casefold().rstrip(". ").lstrip(" ")


def skeleton(component: str) -> str:
    """A name as a reader sees it: with Latin letters in place of similar ones."""
    return "".join(canonicalize(component)).translate(_LIKE_LATIN)


def objection_to(path: str) -> str:
    """Why a model must not write a file with this name; "" if it may. Does not contain `path`.

    `path` is relative to a workspace folder, with "/". Linear in its length.
    """
    if not path.strip():
        return "A file name is missing."
    if len(path) > MAX_PATH_BYTES:
        return f"The file name is longer than {MAX_PATH_BYTES} characters."
    if reason := _bad_character(path):
        return reason
    if "/" in path and "\\" in path:
        return 'The file name has both "/" and a backslash: use "/".'
    parts = path.replace("\\", "/").split("/")
    if parts[0] == "":
        return "The file name is absolute: name files from the workspace folder."
    if parts[0].startswith("~"):
        return 'The file name begins with "~": name files from the workspace folder.'
    return next(filter(None, map(_bad_component, parts)), "")


def _bad_character(path: str) -> str:
    if _PLAIN.fullmatch(path):
        return ""
    for each in path:
        if each in " \\:~":
            continue
        category = unicodedata.category(each)
        if category in _FORBIDDEN_CATEGORIES or category == "Zs" or deceptive_characters(each):
            return f"The file name holds {describe_character(each)}, which is not seen."
        if each.isascii():
            continue
        plain = unicodedata.normalize("NFKC", each)
        if each in _LIKE_SEPARATORS or _STRUCTURAL.intersection(plain):
            return f"The file name holds {describe_character(each)}, which looks like another."
    return ""


def _bad_component(component: str) -> str:
    if component in ("", "."):
        return ""
    if component == "..":
        return 'The file name holds "..", which may lead out of the workspace.'
    if ":" in component:
        return 'The file name holds ":", with which Windows names drives and hidden streams.'
    if component != component.strip():
        return "A part of the file name begins or ends with a space."
    if component.endswith("."):
        return "A part of the file name ends with a dot, which Windows leaves out."
    if component.startswith("-"):
        return 'A part of the file name begins with "-", which programs read as an option.'
    if len(component.encode("utf-8", "replace")) > MAX_COMPONENT_BYTES:
        return f"A part of the file name is longer than {MAX_COMPONENT_BYTES} bytes."
    if _RESERVED.match(component.casefold()):
        return "A part of the file name is that of a device on Windows."
    if _SHORT_NAME.fullmatch(component):
        return "A part of the file name is a short name, which on Windows means another file."
    if _canonicalize(component) == ".git":
        return "The file name leads into git's own folder."
    return ""
