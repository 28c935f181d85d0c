"""The registry of actions. Adding one is a file in this folder and a line below."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from devstral_lsp.refactor.actions import (
    add_error_handling,
    add_logging,
    add_type_annotations,
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
    improve_readability,
    inject_dependencies,
    inline,
    instruct,
    make_async,
    modernise,
    optimise,
    rename_for_clarity,
    review,
    simplify,
)
from devstral_lsp.refactor.types import Action

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
    improve_readability.ACTION,
    simplify.ACTION,
    rename_for_clarity.ACTION,
    add_type_annotations.ACTION,
    add_error_handling.ACTION,
    add_logging.ACTION,
    optimise.ACTION,
    modernise.ACTION,
    convert_idiom.ACTION,
    make_async.ACTION,
    inject_dependencies.ACTION,
    instruct.ACTION,
)

ACTIONS: Mapping[str, Action] = MappingProxyType({each.name: each for each in _IN_ORDER})
"""By name, in the order in which menus show them."""
