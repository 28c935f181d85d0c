"""What defines a name, what uses one and what is imported, by grammar, for `places.py`.

Captures: `def` and `param` are defined names; of a use, the capture's name tells its kind and `_of`
is what stands before it.
"""

from __future__ import annotations

import re
from functools import cache

_TYPESCRIPT = {
    "definitions": """
        (function_declaration name: (_) @def)
        (function_signature name: (_) @def)
        (class_declaration name: (_) @def)
        (abstract_class_declaration name: (_) @def)
        (interface_declaration name: (_) @def)
        (type_alias_declaration name: (_) @def)
        (enum_declaration name: (_) @def)
        (method_definition name: (_) @def)
        (method_signature name: (_) @def)
        (abstract_method_signature name: (_) @def)
        (property_signature name: (_) @def)
        (public_field_definition name: (_) @def)
        (enum_body (property_identifier) @def)
        (enum_body (enum_assignment name: (_) @def))
        (required_parameter (accessibility_modifier) pattern: (identifier) @def)
        (program (export_statement (lexical_declaration
            (variable_declarator name: (identifier) @def))))
    """,
    "imported": "(namespace_import (identifier) @i)",
    "uses": """
        (member_expression object: (_) @_of property: (property_identifier) @member)
        (new_expression arguments: (arguments
            (object (pair key: (property_identifier) @construct))))
        (call_expression arguments: (arguments (object (pair key: (property_identifier) @field))))
        (return_statement (object (pair key: (property_identifier) @field)))
        (variable_declarator type: (_) value: (object (pair key: (property_identifier) @field)))
        (class_declaration (class_heritage) @_of
            body: (class_body (method_definition name: (property_identifier) @override)))
    """,
}

DEFINITIONS = {
    "python": """
        (function_definition name: (identifier) @def)
        (class_definition name: (identifier) @def)
        (class_definition body: (block (expression_statement (assignment left: (identifier) @def))))
        (module (expression_statement (assignment left: (identifier) @def)))
        ((assignment left: (attribute object: (identifier) @_self attribute: (identifier) @def))
            (#eq? @_self "self"))
        (parameters [(identifier) @param
            (typed_parameter (identifier) @param)
            (default_parameter name: (identifier) @param)
            (typed_default_parameter name: (identifier) @param)])
    """,
    "typescript": _TYPESCRIPT["definitions"],
    "tsx": _TYPESCRIPT["definitions"],
    "go": """
        (function_declaration name: (_) @def)
        (method_declaration name: (_) @def)
        (field_declaration name: (_) @def)
        (method_elem name: (_) @def)
        (type_spec name: (_) @def)
        (source_file (const_declaration (const_spec name: (_) @def)))
        (source_file (var_declaration (var_spec name: (_) @def)))
    """,
    "java": """
        (method_declaration name: (_) @def)
        (class_declaration name: (_) @def)
        (interface_declaration name: (_) @def)
        (enum_declaration name: (_) @def)
        (record_declaration name: (_) @def)
        (enum_constant name: (_) @def)
        (field_declaration declarator: (variable_declarator name: (_) @def))
        (constant_declaration declarator: (variable_declarator name: (_) @def))
        (record_declaration parameters: (formal_parameters (formal_parameter name: (_) @def)))
    """,
    "rust": """
        (function_item name: (_) @def)
        (function_signature_item name: (_) @def)
        (struct_item name: (_) @def)
        (enum_item name: (_) @def)
        (trait_item name: (_) @def)
        (field_declaration name: (_) @def)
        (enum_variant name: (_) @def)
        (const_item name: (_) @def)
        (static_item name: (_) @def)
    """,
}  # fmt: skip

IMPORTED = {
    "python": """
        (import_statement name: (dotted_name (identifier) @i .))
        (import_statement name: (aliased_import alias: (identifier) @i))
        (import_from_statement module_name: (relative_import (import_prefix) .)
            name: (dotted_name) @i)
    """,
    "typescript": _TYPESCRIPT["imported"],
    "tsx": _TYPESCRIPT["imported"],
    "go": "(import_spec path: (_) @i)",
    "java": "(import_declaration (scoped_identifier name: (identifier) @i))",
    "rust": "(use_declaration (scoped_identifier name: (identifier) @i))",
}  # fmt: skip

USES = {
    "python": """
        (attribute object: (_) @_of attribute: (identifier) @member)
        (call function: (_) @_of arguments: (argument_list
            (keyword_argument name: (identifier) @keyword)))
        (class_definition superclasses: (_) @_of body: (block
            [(function_definition name: (identifier) @override)
             (decorated_definition definition:
                (function_definition name: (identifier) @override))]))
    """,
    "typescript": _TYPESCRIPT["uses"],
    "tsx": _TYPESCRIPT["uses"],
    "go": """
        (selector_expression operand: (_) @_of field: (field_identifier) @member)
        (qualified_type package: (_) @_of name: (type_identifier) @member)
        (composite_literal body: (literal_value
            (keyed_element key: (literal_element (identifier) @field))))
    """,
    "java": """
        (method_invocation object: (_) @_of name: (identifier) @member)
        (field_access object: (_) @_of field: (identifier) @member)
        (class_declaration [(superclass) (super_interfaces)] @_of body: (class_body
            (method_declaration (modifiers (marker_annotation name: (identifier) @_mark))
                name: (identifier) @override (#eq? @_mark "Override"))))
    """,
    "rust": """
        (field_expression value: (_) @_of field: (field_identifier) @member)
        (scoped_identifier path: (_) @_of name: (identifier) @scoped)
        (struct_expression body: (field_initializer_list
            (field_initializer field: (field_identifier) @field)))
        (impl_item trait: (_) @_of body:
            (declaration_list (function_item name: (identifier) @override)))
    """,
}  # fmt: skip

_COMMON = {
    "python": " ".join(
        name
        for each in (str, bytes, list, dict, set, tuple, int, float, BaseException, type)
        for name in dir(each)
    )
    + " read write close open flush seek name append popleft getvalue group match sub search",
    "typescript": """
        length push pop shift unshift slice splice concat join reverse sort map filter reduce
        forEach find findIndex some every includes indexOf lastIndexOf keys values entries fill flat
        flatMap at get set has delete clear add size then catch finally resolve reject all race any
        allSettled call apply bind toString valueOf hasOwnProperty constructor prototype name
        message stack cause charAt charCodeAt codePointAt split substring substr trim toLowerCase
        toUpperCase startsWith endsWith padStart padEnd repeat replace replaceAll match matchAll
        search test exec assign freeze create defineProperty log warn error info debug parse
        stringify now getTime random floor ceil round max min abs next done value return throw abort
        signal aborted addEventListener removeEventListener dispatchEvent getReader read cancel
        enqueue close body headers status statusText ok json text arrayBuffer blob url method type
        from of isArray byteLength buffer encode decode iterator asyncIterator
    """,
    "go": """
        String Error Len Less Swap Close Read Write ReadAll Unwrap Is As New Errorf Printf Println
        Sprintf Fprintf Lock Unlock RLock RUnlock Add Done Wait Name Type Kind Value Elem Context
        Background WithCancel WithTimeout Bytes Reset Seek Format Parse Now Since Sub Open Create
        Mode Size Get Set Header Body Request Method URL Path Host Join Split Contains Replace
    """,
    "java": """
        equals hashCode toString getClass length size isEmpty get set put add remove contains
        containsKey keySet values entrySet getKey getValue iterator hasNext next stream map filter
        collect forEach of ofNullable orElse orElseGet orElseThrow isPresent ifPresent append
        insert charAt substring indexOf lastIndexOf startsWith endsWith split trim replace format
        join valueOf parseInt compareTo compare apply accept test run call close read write flush
        getMessage getCause printStackTrace getName name ordinal addAll removeAll clear toArray
        asList unmodifiableList requireNonNull build builder toList copyOf
    """,
    "rust": """
        new len is_empty push pop insert remove get get_mut iter iter_mut into_iter map filter
        collect unwrap unwrap_or unwrap_or_else unwrap_or_default expect ok err and_then or_else
        as_ref as_mut as_str as_bytes to_string to_owned clone into from default fmt eq cmp hash
        next poll poll_next deref drop write read flush take replace extend contains contains_key
        keys values entry find any all fold chain zip rev enumerate min max sum split trim
        starts_with ends_with parse lock send recv spawn await borrow try_from from_str
        with_capacity as_slice to_vec join first last size_hint source description name
    """,
}


@cache
def _common(grammar: str) -> frozenset[str]:
    return frozenset(_COMMON["typescript" if grammar == "tsx" else grammar].split())


def is_common(name: str, grammar: str) -> bool:
    """Whether the common types of the language's own library have a member of this name."""
    return name in _common(grammar) or (name.startswith("__") and name.endswith("__"))


_IMPORTS = re.compile(
    r"^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+)?import[ \t]+(?:\(([^()]*)\)|([^\n(]+))", re.MULTILINE
)
_GO_IMPORT = re.compile(r'^[ \t]*(?:import[ \t]+)?(\w+[ \t]+)?"([^"\n]+)"[ \t]*$', re.MULTILINE)


def foreign_names(text: str, grammar: str, own: frozenset[str]) -> frozenset[str]:
    """Names that a file has from other packages: what stands after them is not ours to find."""
    if grammar == "rust":
        return frozenset({"std", "core", "alloc"})
    if grammar == "go":
        found = set()
        for alias, path in _GO_IMPORT.findall(text):
            if not any(path == each or path.startswith(f"{each}/") for each in own):
                last = re.sub(r"/v\d+$", "", path).rpartition("/")[2]
                found.add(alias.strip() or re.sub(r"^go-|\.v\d+$", "", last))
        return frozenset(found)
    if grammar != "python":
        return frozenset()
    names: set[str] = set()
    for module, inside, listed in _IMPORTS.findall(text):
        for part in (inside or listed).split(","):
            words = part.split("#")[0].split()
            if not words:
                continue
            first = (module or words[0]).partition(".")[0]
            if not module.startswith(".") and first not in own:
                names.add(words[-1].partition(".")[0])
    return frozenset(names)
