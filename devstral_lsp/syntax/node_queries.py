"""Query single nodes of a tree: bodies, names, literals, annotations.

The text of a node is cut from the source: `Node.text` crashes on trees that were parsed in slices.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from devstral_lsp.languages.language import NodeTypes

if TYPE_CHECKING:
    from tree_sitter import Node

FURTHER_CLASSES = frozenset({"type_declaration", "struct_item", "enum_item", "struct_specifier"})
"""Nodes that contain fields or are types, which an outline shows unchanged."""

_BODIES = (
    *("field_declaration_list", "declaration_list", "body_statement", "compound_statement"),
    *("enum_variant_list", "struct_type", "interface_type"),
)
_SEQUENCES = (
    *("block", "body", "module", "program", "source_file", "_unit", "chunk", "compound_statement"),
    *("statement_list", "declaration_list", "then", "do_", "case", "default", "section"),
)
"""Parts of the types of nodes whose children form a sequence."""
_FUNCTION_VALUES = frozenset({"arrow_function", "function_expression", "generator_function"})
_DECLARATIONS = frozenset(
    {
        *("assignment", "assignment_expression", "assignment_statement", "variable_declarator"),
        *("let_declaration", "short_var_declaration", "init_declarator", "var_spec"),
        *("variable_assignment", "named_expression"),
    }
)
_FIELDS = frozenset({"field_definition", "public_field_definition", "property_element"})
_LITERALS = frozenset(
    {
        *("integer", "float", "number", "string", "string_literal", "raw_string_literal"),
        *("interpreted_string_literal", "int_literal", "float_literal", "integer_literal"),
        *("decimal_integer_literal", "decimal_floating_point_literal", "hex_integer_literal"),
        *("number_literal", "real_literal", "encapsed_string", "verbatim_string_literal"),
        *("hex_literal", "octal_integer_literal", "binary_integer_literal"),
    }
)
_TRIVIAL = frozenset({"0", "1", "-1", "2", "0.0", "1.0", '""', "''"})
_AROUND_LITERALS = ("unary", "concatenated", "expression_list")
_NO_PLACE = ("import", "include", "attribute_item", "annotation", "expression_statement", "use_")
"""Parts of the types of nodes above a literal that must stay: docstrings, paths."""
_NAME_FIELDS = ("declarator", "left", "property")
"""Fields that lead to the name, if there is no field for it."""
_MAX_DECLARATORS = 8
"""Declarators of C nest: a pointer to a function that returns a pointer."""
_NAMED = frozenset({"const_item", "static_item", "const_spec", "const_element", "preproc_def"})


def find_body(node: Node) -> Node | None:
    """The part between the braces, or the indented part."""
    held = find_held_function(node)
    if held is not None:
        return held.child_by_field_name("body")
    body = node.child_by_field_name("body") or first_child(node, _BODIES)
    if body is None and node.type == "type_declaration":
        spec = first_child(node, ("type_spec",))
        return first_child(spec, _BODIES) if spec is not None else None
    return body


def find_held_function(node: Node) -> Node | None:
    """The function in `const name = …` or in a field."""
    declarator = first_child(node, ("variable_declarator",))
    value = (declarator or node).child_by_field_name("value")
    return value if value is not None and value.type in _FUNCTION_VALUES else None


def find_defined_name(node: Node, types: NodeTypes, source: bytes) -> str:
    """The unqualified name that a node defines; "" if it has none."""
    named = _name_node(node, types)
    return re.split(r"[.:<\s]+", text_of(named, source).strip().partition("<")[0])[-1]


def _name_node(node: Node, types: NodeTypes) -> Node | None:
    for _ in range(_MAX_DECLARATORS):
        named = node.child_by_field_name("type" if node.type == "impl_item" else "name")
        if named is not None:
            return named
        fields = (node.child_by_field_name(each) for each in _NAME_FIELDS)
        inner = next((each for each in fields if each is not None), None)
        inner = inner or first_child(node, types.name_holders)
        if inner is None:
            return node if "identifier" in node.type else None
        node = inner
    return None


def is_whole(node: Node, start: int, end: int) -> bool:
    """Whether the bytes are complete children of `node`, the smallest node around them."""
    if node.has_error:  # the structure is a guess
        return True
    if (node.start_byte, node.end_byte) == (start, end):
        return node.is_named
    inside = [each for each in node.children if start <= each.start_byte < end]
    if not inside or inside[0].start_byte != start or inside[-1].end_byte != end:
        return False
    return inside[0].is_named and _is_sequence(node)


def expand_to_statements(node: Node | None, start: int, end: int) -> tuple[int, int]:
    """`start` and `end` extended to whole statements; unchanged if there are none."""
    while node is not None and not node.has_error:
        touched = [
            each for each in node.children if each.start_byte < end and start < each.end_byte
        ]
        if touched and _is_sequence(node) and all(each.is_named for each in touched):
            return min(start, touched[0].start_byte), max(end, touched[-1].end_byte)
        node = node.parent
    return start, end


def _is_sequence(node: Node) -> bool:
    return any(part in node.type for part in _SEQUENCES)


def text_of(node: Node | None, source: bytes) -> str:
    """The text of a node, cut from the source; "" for None."""
    if node is None:
        return ""
    return source[node.start_byte : node.end_byte].decode("utf-8", "replace")


def find_literal(node: Node | None, source: bytes) -> Node | None:
    """The number or string that contains `node` and could be replaced by a constant."""
    while node is not None and node.type not in _LITERALS:
        if "statement" in node.type or "interpolation" in node.type or node.parent is None:
            return None
        node = node.parent
    if node is None or text_of(node, source) in _TRIVIAL or _is_put_together(node):
        return None
    above = node.parent
    while above is not None and any(part in above.type for part in _AROUND_LITERALS):
        above = above.parent
    if above is None or any(part in above.type for part in _NO_PLACE):
        return None
    return None if above.type in _NAMED or _is_fixed_value(above) else node


def _is_put_together(node: Node) -> bool:
    """Whether a string contains expressions."""
    parts = ("interpolation", "substitution", "variable", "expression")
    return any(part in each.type for each in node.named_children for part in parts)


def is_declared_name(node: Node) -> bool:
    """Whether `node` is the only name on the left of a declaration or an assignment."""
    if "identifier" not in node.type and node.type not in ("name", "variable_name", "constant"):
        return False
    above = node.parent
    while above is not None and above.type in ("variable_name", "expression_list", "variable_list"):
        if above.named_child_count != 1:
            return False
        node, above = above, above.parent
    if above is None or above.type not in _DECLARATIONS:
        return False
    first = next((each for each in above.named_children if "type" not in each.type), None)
    return first is not None and first.id == node.id and above.named_child_count > 1


def is_called_name(node: Node) -> bool:
    """Whether `node` is the unqualified name of a called function."""
    above = node.parent
    if above is None or not ("identifier" in node.type or node.type in ("name", "word")):
        return False
    if not ("call" in above.type or "invocation" in above.type):
        return False
    first = above.child_by_field_name("function") or above.child_by_field_name("name")
    first = first or above.child_by_field_name("method")
    alone = not any(above.child_by_field_name(each) for each in ("object", "receiver", "scope"))
    return alone and first is not None and first.id == node.id


def lacks_types(function: Node, types: NodeTypes, source: bytes) -> bool:
    """Whether a function has a parameter or a result without an optional annotation."""
    if not types.bare_parameters:
        return False
    node = find_held_function(function) or function
    listed = node.child_by_field_name("parameters")
    bare = [
        each
        for each in (listed.named_children if listed is not None else ())
        if each.type in types.bare_parameters
        and each.child_by_field_name("type") is None
        and not (types.defaults_tell_types and each.child_by_field_name("value"))
    ]
    if bare and text_of(bare[0], source) in types.receivers:
        bare = bare[1:]
    has_no_result = text_of(node.child_by_field_name("name"), source) in types.no_result
    has_no_result = has_no_result or any(each.type in ("get", "set") for each in node.children)
    return bool(bare) or not (has_no_result or node.child_by_field_name("return_type"))


def _is_fixed_value(node: Node) -> bool:
    """Whether `node` names its value outside of any function."""
    if node.type not in _DECLARATIONS and node.type not in _FIELDS:
        return False
    above = node.parent
    while above is not None:
        if "function" in above.type or "method" in above.type or "constructor" in above.type:
            return False
        above = above.parent
    return True


def first_child(node: Node, types: tuple[str, ...]) -> Node | None:
    """The first named child of one of these types."""
    return next((each for each in node.named_children if each.type in types), None)
