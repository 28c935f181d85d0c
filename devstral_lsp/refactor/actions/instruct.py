"""Do what the user says in words of their own, as `devstral.rewrite` and the command line have it.

Never offered by itself: `offer_of` makes the offer from the words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from devstral_lsp.refactor.base import Errand, Names, Offer, Project, Refused, Selection
from devstral_lsp.refactor.rewriting import REWRITE
from devstral_lsp.refactor.selection import Place, shortened
from devstral_lsp.text import Snapshot

LONGEST_INSTRUCTION = 8_000
"""Code points. What is longer was pasted by mistake."""


@dataclass(frozen=True, slots=True)
class Instruct:
    """`argument` is the instruction."""

    name: str = "instruct"
    kind: str = REWRITE

    def offers(self, place: Place) -> Sequence[Offer]:
        return ()

    def offer_of(self, selection: Selection, instruction: str) -> Offer:
        """The offer to follow `instruction` on what is selected, or on what the cursor stands in.

        Raises Refused if there is no instruction, or one that is far too long.
        """
        _check(instruction)
        place = Place(selection)
        span = place.lines if not place.is_cursor else place.surroundings(place.trimmed)
        return Offer(
            action=self.name,
            title=shortened(instruction),
            kind=self.kind,
            span=span,
            argument=instruction.strip(),
        )

    def errand(self, offer: Offer, snapshot: Snapshot, project: Project) -> Errand:
        _check(offer.argument)
        return Errand(
            instruction=f"{offer.argument.strip()}\n\n{BOUNDS}",
            names=Names.CHANGED,
            adds_imports=True,
            words=offer.argument,
        )


BOUNDS = "Change what this asks for and nothing else, and follow the conventions of the file."
"""Said after the words of a user, who does not think of it."""


def _check(instruction: str) -> None:
    if not instruction.strip():
        raise Refused("Say in words what is to be done.")
    if len(instruction) > LONGEST_INSTRUCTION:
        raise Refused(f"The instruction is longer than {LONGEST_INSTRUCTION} characters.")


ACTION = Instruct()
