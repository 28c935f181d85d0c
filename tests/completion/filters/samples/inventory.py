"""A small store of parts, written for the tests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

LIMIT = 100


@dataclass
class Part:
    name: str
    count: int = 0
    tags: list[str] = field(default_factory=list)

    def is_low(self, level: int = 5) -> bool:
        """Whether fewer than `level` are left."""
        return self.count < level


class Inventory:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._parts: dict[str, Part] = {}
        self.warnings: list[str] = []

    def load(self) -> None:
        if not self._path.exists():
            return
        with self._path.open(encoding="utf-8") as file:
            for row in json.load(file):
                self._parts[row["name"]] = Part(
                    name=row["name"],
                    count=row.get("count", 0),
                    tags=row.get("tags", []),
                )

    def take(self, name: str, count: int) -> int:
        part = self._parts.get(name)
        if part is None:
            raise KeyError(f"no such part: {name}")
        taken = min(part.count, count)
        part.count -= taken
        if part.is_low():
            self.warnings.append(f"{part.name}: only {part.count} left")
        return taken

    def low(self) -> Iterator[Part]:
        for part in self._parts.values():
            if part.is_low():
                yield part

    def save(self) -> None:
        rows = [vars(part) for part in self._parts.values()]
        self._path.write_text(json.dumps(rows, indent=2), encoding="utf-8")
