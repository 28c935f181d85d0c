"""A file in the middle of a line of which `local` is sure: it stands the same way further up."""

from __future__ import annotations

_FUNCTION = """\
def load_{name}(folder: Path) -> dict[str, str]:
    path = folder / "{name}.json"
    with open(path, encoding="utf-8") as file:
        return json.load(file)


"""
ABOVE = "import json\nfrom pathlib import Path\n\n\n" + "".join(
    _FUNCTION.format(name=name) for name in ("settings", "history", "bookmarks", "sessions")
)
BEGUN, REST = "        ret", "urn json.load(file)"

_LAST = _FUNCTION.format(name="passwords").split(BEGUN)[0]
UNFINISHED = ABOVE + _LAST + BEGUN
"""The whole text. The cursor belongs at its end, where REST is to come."""

LINE, COLUMN = UNFINISHED.count("\n") + 1, len(BEGUN) + 1
"""Of that place, both counted from 1."""
