"""Answer the cursor's needs with pieces of other files, the most urgent first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from devstral_lsp.characters import hides_text
from devstral_lsp.context.choice import HIDES_TEXT, NO_ROOM, SAID_ALREADY
from devstral_lsp.context.members.components import find_properties
from devstral_lsp.context.members.editor import EditorAnswer
from devstral_lsp.context.members.facts import TypeFacts
from devstral_lsp.context.members.guesses import guess_literal_types, guess_receiver_types
from devstral_lsp.context.members.meaning import Found, Meaning, MeaningKind
from devstral_lsp.context.members.needs import Need, NeedKind
from devstral_lsp.context.members.pieces import (
    MIN_SHARE,
    OF_A_NAME,
    Piece,
    divide_room,
    is_function,
    is_of_the_type,
    is_private,
    is_special,
    render_piece,
)
from devstral_lsp.context.members.resolver import Resolver
from devstral_lsp.context.members.usages import describe_call, find_calls

FIRST_SHARE = 0.8
"""Share of the room for the most urgent need."""
ROOM_FOR_CALLS = 600
"""Minimum code points left to add calls from other files."""
_CONSTRUCTORS = frozenset(
    {"__init__", "constructor", "__construct", "initialize", "new", "__new__"}
)
_SELF = frozenset({"self", "this", "cls", "$this", "super", "super()", "@"})
_BY_LITERALS = ("typescript", "tsx", "javascript")
"""Grammars in which arguments and results are often literals of an interface type."""


@dataclass
class Answers:
    """The answers for one cursor. `document` is its text, `room` the available code points."""

    resolver: Resolver
    document: str
    offset: int
    room: int
    known: EditorAnswer | None = None
    """The editor's answer about `unresolved`; None before it was asked."""
    unresolved: Need | None = None
    """The need that the syntax does not resolve and an editor may."""
    pieces: list[Piece] = field(default_factory=list)
    left_out: list[tuple[Piece, str]] = field(default_factory=list)
    """Pieces that are left out, each with the reason."""

    def of(self, needs: Sequence[Need]) -> list[Piece]:
        """The pieces for all needs that could be resolved."""
        for at, need in enumerate(needs):
            share = FIRST_SHARE if at == 0 and len(needs) > 1 else 1.0
            for piece in _ANSWERS[need.kind](self, need, int(self.room * share)):
                if reason := self._against(piece):
                    self.left_out.append((piece, reason))
                else:
                    self.pieces.append(piece)
                    self.room -= piece.cost
        return self.pieces

    def _against(self, piece: Piece) -> str:
        """Why a piece must be left out; "" if it may be used."""
        if any(piece.text == each.text for each in self.pieces):
            return SAID_ALREADY
        if hides_text(piece.text):
            return HIDES_TEXT
        return NO_ROOM if piece.cost > self.room else ""

    def _resolved(self, need: Need) -> Meaning | None:
        """The meaning of the subject, by syntax or else by the editor's answer."""
        found = self.resolver.expression(need.subject)
        if found is not None:
            return found
        if self.unresolved is not None:
            return None  # the editor is asked about the most urgent need only
        self.unresolved = need
        if self.known is None:
            return None
        modules, is_called = self.resolver.modules, need.kind is NeedKind.ARGUMENT
        for place in () if is_called else self.known.types:
            found = modules.resolve_line(place.path, place.line)
            if found is not None and found.kind is MeaningKind.TYPE:
                return found.as_value()
        for place in self.known.definitions:
            if (found := modules.resolve_line(place.path, place.line)) is not None:
                return self.resolver.resolve_value_type(found)
        return None

    @cached_property
    def _uses(self) -> dict[str, int]:
        """In how many other files each name occurs after a dot."""
        modules = self.resolver.modules
        own = modules.shelf.sketch(modules.own.file)
        uses = dict(modules.survey.uses)
        for name in own.uses if own is not None else ():
            uses[name] = uses.get(name, 1) - 1
        return uses

    def _members(self, need: Need, room: int) -> Iterator[Piece]:
        """The members of the receiver before the dot, or of its likely types."""
        found = self._resolved(need)
        if found is not None and found.kind is not MeaningKind.FUNCTION:
            yield from self._known(found, need, room)
            return
        modules = self.resolver.modules
        guesses = guess_receiver_types(need.subject, self.document, modules)
        reason = "a type that the receiver may have"
        for piece in self._one_of(guesses, need, room, reason, only_names=len(guesses) > 1):
            room -= piece.cost
            yield piece
        imported = [] if len(guesses) > 1 else self._imported_types()
        yield from self._one_of(imported, need, room // 2, "an imported type", only_names=True)

    def _known(self, meaning: Meaning, need: Need, room: int) -> Iterator[Piece]:
        reason = f"the {meaning.kind.value} before the dot"
        if meaning.kind is MeaningKind.MODULE:
            yield from self._by_file(self.resolver.list_members(meaning), need, room, reason)
            return
        is_own = need.subject in _SELF or need.typed.startswith("_")
        members = self._written(meaning, with_private=is_own)
        if meaning.kind is MeaningKind.TYPE:
            members += self.resolver.modules.nested(meaning)
            members.sort(key=lambda each: not is_of_the_type(each.member))
        yield from self._by_type(members, need, room, reason)

    def _imported_types(self) -> list[Meaning]:
        types: dict[tuple[str, Path], Meaning] = {}
        for each in self.resolver.modules.own.facts_of.imports:
            named = self.resolver.resolve_type(each.local) if each.local[:1].isupper() else None
            if named is not None and named.type is not None and named.type.members:
                types.setdefault((named.type.name, named.file), named)
        return list(types.values())

    def _one_of(
        self, types: Sequence[Meaning], need: Need, room: int, reason: str, *, only_names: bool
    ) -> Iterator[Piece]:
        """The members of each type, with an even share of the room."""
        for at, each in enumerate(types):
            share = room // (len(types) - at)
            if share < MIN_SHARE:
                return
            members = [
                one for one in self._written(each) if not only_names or one.type is each.type
            ]
            for piece in self._by_type(members, need, share, reason, only_names=only_names):
                room -= piece.cost
                yield piece

    def _written(self, meaning: Meaning, *, with_private: bool = False) -> list[Found]:
        """Members that can be written after a dot and are defined in other files."""
        modules = self.resolver.modules
        return [
            each
            for each in self.resolver.list_members(meaning)
            if not is_special(each.member)
            and (with_private or not is_private(each.member, modules.language(each.file)))
            and each.file != modules.own.file
            and modules.is_seen(each)
        ]

    def _by_type(
        self,
        members: Sequence[Found],
        need: Need,
        room: int,
        reason: str,
        *,
        only_names: bool = False,
    ) -> Iterator[Piece]:
        """One piece for each type that declares some of the members."""
        groups: dict[tuple[str, Path], list[Found]] = {}
        titles: dict[tuple[str, Path], TypeFacts] = {}
        for each in members:
            if each.type is not None:
                key = (each.type.name, each.file)
                groups.setdefault(key, []).append(each)
                titles.setdefault(key, each.type)
        shares = divide_room(list(groups.values()), room)
        for (key, group), share in zip(groups.items(), shares, strict=True):
            title = titles[key].header or titles[key].name
            yield from self._piece(title, group, need, share, reason, only_names=only_names)

    def _by_file(
        self, members: Sequence[Found], need: Need, room: int, reason: str
    ) -> Iterator[Piece]:
        """One piece for each file of a module; one for a Go package, which has a single name."""
        is_go = self.resolver.modules.grammar(self.resolver.modules.own.file) == "go"
        groups: dict[Path, list[Found]] = {}
        for each in members:
            groups.setdefault(each.file.parent if is_go else each.file, []).append(each)
        shares = divide_room(list(groups.values()), room)
        for group, share in zip(groups.values(), shares, strict=True):
            yield from self._piece("", group, need, share, reason)

    def _piece(
        self,
        title: str,
        group: Sequence[Found],
        need: Need,
        share: int,
        reason: str,
        *,
        only_names: bool = False,
    ) -> Iterator[Piece]:
        piece = render_piece(
            title,
            group,
            file=group[0].file,
            language_id=self.resolver.modules.language(group[0].file),
            room=min(share, self.room) - OF_A_NAME,
            reason=reason,
            typed=need.typed,
            uses=self._uses,
            only_names=only_names,
        )
        if piece is not None:
            yield piece

    def _called(self, need: Need, room: int) -> Iterator[Piece]:
        """The signature of the called function, and the fields of its parameters' types."""
        found = self._resolved(need)
        if found is None:
            if need is self.unresolved and self.known is not None and self.known.signature:
                yield from self._signature_of_editor(self.known)
        elif found.member is not None:
            yield from self._signature(Found(found.member, found.type, found.file), room)
        elif found.type is not None:
            names = _CONSTRUCTORS | {found.type.name}
            made = [
                each
                for each in self.resolver.list_members(found)
                if each.member.name in names and is_function(each.member)
            ]
            if made:
                yield from self._signature(made[0], room)
            else:
                yield from self._fields(found, need, room)

    def _signature_of_editor(self, known: EditorAnswer) -> Iterator[Piece]:
        """The editor's signature of the call, if the defining file may be sent."""
        path = known.definitions[0].path if known.definitions else self.resolver.modules.own.file
        if path != self.resolver.modules.own.file and self.resolver.modules.facts_of(path):
            yield Piece(path, known.signature, "the call around the cursor", frozenset())

    def _signature(self, called: Found, room: int) -> Iterator[Piece]:
        modules = self.resolver.modules
        if called.file != modules.own.file:
            yield describe_call(called, modules, room)
            if room > ROOM_FOR_CALLS:
                yield from find_calls(called, modules)
        inner = self.resolver.resolve_type(called.member.params, called.file)
        is_literal = modules.grammar(called.file) in _BY_LITERALS
        if inner is not None and (is_literal or self._is_dict(inner)):
            yield from self._fields(inner, Need(NeedKind.FIELD), room // 2)

    def _literal(self, need: Need, room: int) -> Iterator[Piece]:
        """The fields of the type that is instantiated or returned."""
        if need.subject == "return":
            found = self.resolver.resolve_type(self.resolver.modules.own.returns)
        else:
            found = self.resolver.resolve_type(need.subject) or self.resolver.expression(
                need.subject
            )
        modules = self.resolver.modules
        is_python = modules.grammar(modules.own.file) == "python"
        if found is not None and found.type is not None and (not is_python or self._is_dict(found)):
            yield from self._fields(found, need, room)

    def _is_dict(self, found: Meaning) -> bool:
        """Whether its values are dictionaries with known keys."""
        return self.resolver.lineage.derives_from(found, "TypedDict")

    def _attributes(self, need: Need, room: int) -> Iterator[Piece]:
        """The properties of the component whose tag is being written."""
        found = find_properties(need.subject, self.resolver)
        if found is not None and found.type is not None:
            yield from self._fields(found, need, room)

    def _keyed(self, need: Need, room: int) -> Iterator[Piece]:
        """The fields of types that the literal may have."""
        guesses = guess_literal_types(self.document, self.offset, self.resolver.modules)
        for at, guess in enumerate(guesses):
            for piece in self._fields(guess, need, room // (len(guesses) - at)):
                room -= piece.cost
                yield piece

    def _fields(self, found: Meaning, need: Need, room: int) -> Iterator[Piece]:
        modules = self.resolver.modules
        with_functions = modules.grammar(modules.own.file) in _BY_LITERALS
        fields = [
            each
            for each in self.resolver.list_members(found)
            if (with_functions or not is_function(each.member)) and each.file != modules.own.file
        ]
        yield from self._by_type(fields, need, room, "the fields that are being filled")

    def _overridden(self, need: Need, room: int) -> Iterator[Piece]:
        """Methods of the base types that the type around the cursor does not define yet."""
        modules = self.resolver.modules
        enclosing = modules.own.enclosing
        if enclosing is None:
            return
        is_rust = modules.grammar(modules.own.file) == "rust"  # other traits may have the name
        defined = set() if is_rust else {each.name for each in enclosing[0].members}
        missing: dict[str, Found] = {}
        for each, file in self.resolver.bases_at_cursor():
            for member in each.members:
                if member.name not in defined and not is_special(member):
                    missing.setdefault(member.name, Found(member, each, file))
        found = [each for each in missing.values() if each.file != modules.own.file]
        found.sort(key=lambda each: not is_function(each.member))
        yield from self._by_type(found, need, room, "the base that is being implemented")

    def _exported(self, need: Need, room: int) -> Iterator[Piece]:
        """The public names of the imported module."""
        found = self.resolver.resolve_module(need.subject)
        members = self.resolver.list_members(found) if found is not None else []
        yield from self._by_file(members, need, room, "the module that is imported from")


_ANSWERS = {
    NeedKind.MEMBER: Answers._members,
    NeedKind.ARGUMENT: Answers._called,
    NeedKind.FIELD: Answers._literal,
    NeedKind.KEY: Answers._keyed,
    NeedKind.IMPORTED: Answers._exported,
    NeedKind.OVERRIDE: Answers._overridden,
    NeedKind.ATTRIBUTE: Answers._attributes,
}
