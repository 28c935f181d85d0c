"""What a test's own process looks at on the disk."""

from __future__ import annotations

import os

import pytest


def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Grows by each path that is looked at, followed or opened from now on."""
    looked: list[str] = []
    for name in ("stat", "lstat", "readlink", "open", "scandir"):
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
