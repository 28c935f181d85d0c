"""The registry of actions. Adding one is a file in this folder and a line below."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from devstral_lsp.refactor.actions import improve_readability, make_async, simplify
from devstral_lsp.refactor.base import Action

_IN_ORDER: tuple[Action, ...] = (
    improve_readability.ACTION,
    simplify.ACTION,
    make_async.ACTION,
)

ACTIONS: Mapping[str, Action] = MappingProxyType({each.name: each for each in _IN_ORDER})
"""By name, in the order in which menus show them."""
