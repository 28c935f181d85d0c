"""What is remembered of endpoints: in memory, for tests without a disk, or as it stands there."""

from __future__ import annotations

import json

from devstral_lsp.providers.fim.strategy_cache import CachedStrategy, StrategyCache


def written(remembered: StrategyCache) -> list[CachedStrategy]:
    """Every verdict in its folder, by address and model."""
    found = [
        CachedStrategy(**json.loads(file.read_text())) for file in remembered.folder.glob("*.json")
    ]
    return sorted(found, key=lambda each: (each.base_url, each.model))


class Verdicts:
    """A `StrategyCache` that may know something from the start."""

    def __init__(self, **known: str) -> None:
        self.known: dict[tuple[str, str], str] = {}
        self.first = known
        """By model, for any address."""
        self.how = ""

    def get(self, base_url: str, model: str) -> str | None:
        return self.known.get((base_url, model), self.first.get(model))

    def put(self, base_url: str, model: str, path: str, how: str = "") -> None:
        self.known[base_url, model] = path
        self.how = how

    def drop(self, base_url: str, model: str) -> None:
        self.known.pop((base_url, model), None)
        self.first.pop(model, None)

    @property
    def paths(self) -> list[str]:
        return [*self.known.values(), *self.first.values()]
