"""The ways in which the engine can be asked: as it is, and with one part of it switched off.

Sources and filters come from the product's own registries, so a new one is judged without a change
here. Knows no holes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from devstral_lsp.completion.filters import FILTERS, Filter
from devstral_lsp.context import SOURCES

PARTS = ("sources", "filters")


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to ask. `options` are dotted settings that win over all others."""

    name: str
    options: Mapping[str, object] = field(default_factory=dict)
    filters: Sequence[Filter] = FILTERS


AS_IT_IS = Variant("as it is")


def variants(parts: Sequence[str]) -> Iterator[Variant]:
    """The engine without each member of the named PARTS in turn, and without all of them."""
    if "sources" in parts:
        yield from _without_sources()
    if "filters" in parts:
        for left_out in FILTERS:
            kept = tuple(each for each in FILTERS if each is not left_out)
            yield Variant(f"without {left_out.__name__}", filters=kept)
        yield Variant("without any filter", filters=())


def source_switches() -> list[str]:
    """The settings that switch a context source on and off, each named after its source."""
    return [f"context.{name}" for name in SOURCES]


def _without_sources() -> Iterator[Variant]:
    switches = source_switches()
    for switch in switches:
        yield Variant(f"without {switch}", {switch: False})
    yield Variant("without any source", dict.fromkeys(switches, False))
    yield Variant("without any context", {"context.enabled": False})
