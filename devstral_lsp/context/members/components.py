"""Find the type of the properties that a React component takes."""

from __future__ import annotations

from devstral_lsp.context.members.facts import type_names
from devstral_lsp.context.members.meaning import Meaning, MeaningKind
from devstral_lsp.context.members.resolver import Resolver


def find_properties(component: str, resolver: Resolver) -> Meaning | None:
    """The type of what a component's tag takes as attributes; None if it is not declared."""
    found = resolver.expression(component)
    if found is not None:
        return _properties(found, resolver)
    modules = resolver.modules
    named = modules.named(component, modules.own.file)
    if named is None or named.member is None:
        return None
    # `memo(Plain)`, `observer((props: Props) => …)`
    for name in type_names(named.member.value):
        inner = modules.named(name, named.file) if name[:1].isupper() else None
        if inner is not None and inner.kind is MeaningKind.FUNCTION:
            return _properties(inner, resolver)
    return resolver.resolve_type(named.member.value, named.file)


def _properties(found: Meaning, resolver: Resolver) -> Meaning | None:
    if found.kind is MeaningKind.FUNCTION and found.member is not None:
        declared = found.member.params, found.member.text
        types = (resolver.resolve_type(each, found.file) for each in declared)
        return next(filter(None, types), None)
    if found.kind is MeaningKind.TYPE and found.type is not None:
        base = found.type.header.partition(" extends ")[2]
        return resolver.resolve_type(base.partition("<")[2], found.file)
    # `React.FC<Props>`; without React's types the first type that is found there is `Props`.
    given = resolver.resolve_type(*found.arguments) if found.arguments is not None else None
    return given or found
