"""The registry of actions: a file of this folder each, or a constant of `rewrites.py`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from devstral_lsp.refactor.action import Action
from devstral_lsp.refactor.actions import (
    apply_across_project,
    complete_todo,
    convert_idiom,
    document,
    explain,
    extract_class,
    extract_constant,
    extract_function,
    fix_all_of_kind,
    fix_diagnostic,
    follow_comment,
    generate_tests,
    inline,
    instruct,
    modernise,
    rename_for_clarity,
    review,
    rewrites,
)

_IN_ORDER: tuple[Action, ...] = (
    fix_diagnostic.ACTION,
    fix_all_of_kind.ACTION,
    follow_comment.ACTION,
    apply_across_project.ACTION,
    complete_todo.ACTION,
    extract_function.ACTION,
    extract_constant.ACTION,
    extract_class.ACTION,
    inline.ACTION,
    document.ACTION,
    generate_tests.ACTION,
    explain.ACTION,
    review.ACTION,
    rewrites.IMPROVE_READABILITY,
    rewrites.SIMPLIFY,
    rename_for_clarity.ACTION,
    rewrites.ADD_TYPE_ANNOTATIONS,
    rewrites.ADD_ERROR_HANDLING,
    rewrites.ADD_LOGGING,
    rewrites.OPTIMISE,
    modernise.ACTION,
    convert_idiom.ACTION,
    rewrites.MAKE_ASYNC,
    rewrites.INJECT_DEPENDENCIES,
    instruct.ACTION,
)

ACTIONS: Mapping[str, Action] = MappingProxyType({each.name: each for each in _IN_ORDER})
"""All actions by name, in the order of menus."""
