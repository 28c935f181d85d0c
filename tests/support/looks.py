"""What a test's own process looks at on the disk."""

from __future__ import annotations

import os
from collections.abc import Sequence

import pytest

_LOOKS = ("stat", "lstat", "readlink", "open", "scandir")


def looked_at(monkeypatch: pytest.MonkeyPatch, by: Sequence[str] = _LOOKS) -> list[str]:
    """Grows by each path that functions of `os` look at, follow or open from now on."""
    looked: list[str] = []
    for name in by:
        real = getattr(os, name)
        monkeypatch.setattr(
            os,
            name,
            lambda path, *rest, real=real, **more: (
                looked.append(str(path)),
                real(path, *rest, **more),
            )[1],
        )
    return looked
