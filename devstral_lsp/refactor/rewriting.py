"""The form of an action that rewrites what it finds and asks for it in a few sentences.

Most actions are one of these and differ in their data. Knows no action by name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from devstral_lsp.refactor.base import Errand, Names, Offer, Project
from devstral_lsp.refactor.selection import Place, Target
from devstral_lsp.refactor.traits import Traits, traits_of
from devstral_lsp.text import Snapshot

REWRITE = "refactor.rewrite"

KEEP = (
    "Keep what the code does for every input, its public names and signatures, and all comments "
    "that still hold."
)
"""What most rewrites must leave as it is."""


def is_code(place: Place, _: Target) -> bool:
    """Anything in a programming language."""
    return place.traits.is_code


def is_function(place: Place, target: Target) -> bool:
    """A function, or lines of code that were picked."""
    return place.traits.is_code and (place.is_picked or place.function is target.unit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewrite:
    """An action on the target of a place. `title` has `{}` where its name goes."""

    name: str
    title: str
    instruction: Callable[[Traits], str]
    fits: Callable[[Place, Target], bool] = is_code
    kind: str = REWRITE
    names: Names = Names.KEPT
    adds_imports: bool = False

    def offers(self, place: Place) -> Sequence[Offer]:
        target = place.target
        if target is None or not self.fits(place, target):
            return ()
        title = self.title.format(target.words)
        return (Offer(action=self.name, title=title, kind=self.kind, span=target.span),)

    def errand(self, offer: Offer, snapshot: Snapshot, project: Project) -> Errand:
        return Errand(
            instruction=self.instruction(traits_of(snapshot.language)),
            names=self.names,
            adds_imports=self.adds_imports,
        )
