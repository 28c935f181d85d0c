"""Which nodes of a grammar define something, for `outline.py`. One entry per grammar.

The names are those of the grammars' own node types. A language that is not listed has no outline.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlineNodeTypes:
    """Node types by what they are to an outline."""

    functions: frozenset[str] = frozenset()
    """Shown by signature."""
    containers: frozenset[str] = frozenset()
    """Shown by signature, with the signatures of their members."""
    values: frozenset[str] = frozenset()
    """Shown as they stand: types, constants, fields."""
    wrappers: frozenset[str] = frozenset()
    """Belong to the one definition in them: `export`, decorators, templates."""
    transparent: frozenset[str] = frozenset()
    """Hold definitions and add nothing: namespaces, `#ifndef`."""
    name_holders: tuple[str, ...] = ()
    """Children in which to look for the name, where no field leads to it."""
    docs_inside: bool = False
    """Documentation stands in the body, not above."""


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_JAVASCRIPT = OutlineNodeTypes(
    functions=_set("function_declaration generator_function_declaration method_definition"),
    containers=_set("class_declaration"),
    values=_set("lexical_declaration variable_declaration field_definition"),
    wrappers=_set("export_statement"),
    name_holders=("variable_declarator",),
)
_TYPESCRIPT = OutlineNodeTypes(
    functions=_JAVASCRIPT.functions
    | _set("function_signature method_signature abstract_method_signature"),
    containers=_set("class_declaration abstract_class_declaration interface_declaration"),
    values=_JAVASCRIPT.values
    | _set("type_alias_declaration enum_declaration public_field_definition property_signature"),
    wrappers=_set("export_statement ambient_declaration"),
    transparent=_set("internal_module module statement_block"),
    name_holders=("variable_declarator",),
)
_C = OutlineNodeTypes(
    functions=_set("function_definition"),
    values=_set(
        "declaration type_definition struct_specifier enum_specifier union_specifier "
        "preproc_def preproc_function_def"
    ),
    transparent=_set(
        "preproc_ifdef preproc_if preproc_else linkage_specification declaration_list"
    ),
    name_holders=("type_identifier", "identifier"),
)

TABLES = MappingProxyType(
    {
        "python": OutlineNodeTypes(
            functions=_set("function_definition"),
            containers=_set("class_definition"),
            values=_set("assignment type_alias_statement"),
            wrappers=_set("decorated_definition"),
            transparent=_set("expression_statement"),
            name_holders=("identifier", "type"),
            docs_inside=True,
        ),
        "javascript": _JAVASCRIPT,
        "typescript": _TYPESCRIPT,
        "tsx": _TYPESCRIPT,
        "go": OutlineNodeTypes(
            functions=_set("function_declaration method_declaration"),
            values=_set("type_declaration const_declaration var_declaration"),
            name_holders=("type_spec", "type_alias", "const_spec", "var_spec", "var_spec_list"),
        ),
        "rust": OutlineNodeTypes(
            functions=_set("function_item function_signature_item"),
            containers=_set("impl_item trait_item"),
            values=_set("struct_item enum_item type_item const_item static_item macro_definition"),
            transparent=_set("mod_item declaration_list"),
        ),
        "java": OutlineNodeTypes(
            functions=_set("method_declaration constructor_declaration"),
            containers=_set("class_declaration interface_declaration record_declaration"),
            values=_set("field_declaration enum_declaration constant_declaration"),
        ),
        "c": _C,
        "cpp": OutlineNodeTypes(
            functions=_C.functions,
            containers=_set("class_specifier struct_specifier"),
            values=(_C.values - _set("struct_specifier"))
            | _set("field_declaration alias_declaration"),
            wrappers=_set("template_declaration"),
            transparent=_C.transparent | _set("namespace_definition"),
            name_holders=_C.name_holders,
        ),
        "csharp": OutlineNodeTypes(
            functions=_set("method_declaration constructor_declaration"),
            containers=_set(
                "class_declaration struct_declaration interface_declaration record_declaration"
            ),
            values=_set("field_declaration property_declaration enum_declaration"),
            transparent=_set(
                "namespace_declaration file_scoped_namespace_declaration declaration_list"
            ),
            name_holders=("variable_declaration", "variable_declarator"),
        ),
        "ruby": OutlineNodeTypes(
            functions=_set("method singleton_method"),
            containers=_set("class module"),
            values=_set("assignment"),
        ),
        "php": OutlineNodeTypes(
            functions=_set("function_definition method_declaration"),
            containers=_set(
                "class_declaration interface_declaration trait_declaration enum_declaration"
            ),
            values=_set("property_declaration const_declaration"),
            transparent=_set("namespace_definition compound_statement"),
            name_holders=("property_element", "const_element", "variable_name", "name"),
        ),
        "bash": OutlineNodeTypes(functions=_set("function_definition")),
        "lua": OutlineNodeTypes(functions=_set("function_declaration")),
    }
)
