"""What the text of a type says: its arguments, an alias, an optional or a contained value."""

from __future__ import annotations

import re

_SELF_TYPE = re.compile(r"\b(?:Self|self|this|static)\b")
_OPTIONAL = re.compile(r"(?:typing\.|t\.)?Optional\b|[|] (?:None|null|undefined)|&?mut ")
_ALIAS = re.compile(r"(?:export )?(?:pub(?:\([\w: ]{0,40}\))? )?(?:type|using|typedef)\b")
_GIVEN = re.compile(r"\w<([\w.,\[\] |]{1,80})>\(")


def is_self_type(text: str) -> bool:
    """Whether the text is a name of the type around it, as `&mut self`."""
    return _SELF_TYPE.fullmatch(text.strip("&* ")) is not None


def names_self_type(text: str) -> bool:
    """Whether the type around it is part of the text."""
    return _SELF_TYPE.search(text) is not None


def is_alias(header: str) -> bool:
    return _ALIAS.match(header) is not None


def is_value_of(text: str, name: str) -> bool:
    """Whether the text of a type is `name` or an optional one, and no container of it."""
    return _OPTIONAL.sub("", text).strip("\"'[]&*? ") == name


def type_arguments(text: str, name: str) -> str:
    """The arguments of the type `name` in the text of a type, as in `Box<Item>`; "" if none."""
    rest = text[text.find(name) + len(name) :]
    if rest[:1] not in ("<", "["):
        return ""
    return rest[1 : rest.rfind({"<": ">", "[": "]"}[rest[0]])].strip()


def given_types(text: str) -> str:
    """The type arguments of the last call that has some, as in `load<Item>(path)`; "" if none."""
    found = _GIVEN.findall(text)
    return found[-1] if found else ""
