"""What a file defines and what a function binds, as queries on the syntax tree. One row a grammar.

Captures of DEFINITIONS: `type`, `method` (functions too), `field`, `constant`, `self` (a field that
is bound inside a function), `embed` (a further base of the type around it), `import` and `package`
are whole nodes; of each, `name`, `base`, `params`, `result`, `of` (a field's type), `value`, `body`
and `owner` (the type of a method that stands outside of it) are parts.

Captures of BINDINGS: `name` is a pattern that binds names, `of` its type, `value` what it is bound
to or loops over; `test` is a call that must be named `isinstance`.

No predicates: tree-sitter would look for the text of a tree that was parsed slice by slice.
"""

from __future__ import annotations

from types import MappingProxyType

from devstral_lsp.syntax.grammars import grammar_name

_TYPESCRIPT_TYPES = """
    (class_declaration name: (_) @name (class_heritage)? @base body: (_) @body) @type
    (abstract_class_declaration name: (_) @name (class_heritage)? @base body: (_) @body) @type
    (interface_declaration name: (_) @name (extends_type_clause)? @base body: (_) @body) @type
    (type_alias_declaration name: (_) @name value: (_) @base) @type
    (enum_declaration name: (_) @name body: (_) @body) @type
    (internal_module name: (_) @name body: (_) @body) @type
    (enum_body (property_identifier) @name @constant)
    (enum_body (enum_assignment name: (_) @name) @constant)
    (function_signature name: (_) @name parameters: (_) @params return_type: (_)? @result) @method
    (method_signature name: (_) @name parameters: (_) @params return_type: (_)? @result) @method
    (abstract_method_signature
        name: (_) @name parameters: (_) @params return_type: (_)? @result) @method
    (property_signature name: (_) @name type: (_)? @of) @field
    (public_field_definition name: (_) @name type: (_)? @of value: (_)? @value) @field
    (required_parameter
        (accessibility_modifier) pattern: (identifier) @name type: (_)? @of) @self
    (required_parameter "readonly" pattern: (identifier) @name type: (_)? @of) @self
    (function_declaration name: (_) @name
        parameters: (_) @params return_type: (_)? @result body: (_) @body) @method
    (generator_function_declaration name: (_) @name
        parameters: (_) @params return_type: (_)? @result body: (_) @body) @method
    (method_definition name: (_) @name
        parameters: (_) @params return_type: (_)? @result body: (_) @body) @method
    (variable_declarator name: (identifier) @name value: (arrow_function
        parameters: (_) @params return_type: (_)? @result body: (_) @body)) @method
    (variable_declarator name: (identifier) @name type: (_) @of) @field
    (export_statement value: (class) @value) @field
"""
_JAVASCRIPT_TYPES = """
    (class_declaration name: (_) @name (class_heritage)? @base body: (_) @body) @type
    (field_definition property: (_) @name value: (_)? @value) @field
    (function_declaration name: (_) @name parameters: (_) @params body: (_) @body) @method
    (generator_function_declaration name: (_) @name parameters: (_) @params body: (_) @body) @method
    (method_definition name: (_) @name parameters: (_) @params body: (_) @body) @method
    (variable_declarator name: (identifier) @name value: (arrow_function
        parameters: (_) @params body: (_) @body)) @method
"""
_JAVASCRIPT_VALUES = """
    (arrow_function body: (statement_block)) @scope
    (function_expression) @scope
    (variable_declarator name: (identifier) @name value: (object) @body) @type
    (variable_declarator name: (identifier) @name value: (_) @value) @field
    (variable_declarator value: (object (pair key: (property_identifier) @name
        value: (_) @value) @field))
    (assignment_expression left: (member_expression object: (this)
        property: (property_identifier) @name) right: (_) @value) @self
    (import_statement) @import
    (export_statement source: (_)) @import
"""
_AS_CONST = """
    (variable_declarator name: (identifier) @name value: (as_expression (object) @body)) @type
    (variable_declarator value: (as_expression (object (pair key: (property_identifier) @name
        value: (_) @value) @field)))
    (variable_declarator value: (satisfies_expression (object (pair
        key: (property_identifier) @name value: (_) @value) @field)))
"""
_TYPESCRIPT = _TYPESCRIPT_TYPES + _JAVASCRIPT_VALUES + _AS_CONST

DEFINITIONS = MappingProxyType(
    {
        "python": """
    (class_definition name: (_) @name superclasses: (_)? @base body: (_) @body) @type
    (function_definition name: (_) @name
        parameters: (_) @params return_type: (_)? @result body: (_) @body) @method
    (class_definition body: (block (expression_statement (assignment
        left: (identifier) @name type: (_)? @of right: (_)? @value) @field)))
    (module (expression_statement (assignment
        left: (identifier) @name type: (_)? @of right: (_)? @value) @field))
    (assignment left: (attribute object: (identifier) @owner attribute: (identifier) @name)
        type: (_)? @of right: (_)? @value) @self
    (import_statement) @import
    (import_from_statement) @import
""",
        "javascript": _JAVASCRIPT_TYPES + _JAVASCRIPT_VALUES,
        "typescript": _TYPESCRIPT,
        "tsx": _TYPESCRIPT,
        "go": """
    (type_spec name: (_) @name type: (struct_type) @body) @type
    (type_spec name: (_) @name type: (interface_type) @body) @type
    (type_spec name: (_) @name type: [(type_identifier) (qualified_type) (pointer_type)
        (slice_type) (map_type) (function_type) (array_type) (generic_type)] @base) @type
    (type_alias name: (_) @name type: (_) @base) @type
    (field_declaration name: (_) @name type: (_) @of) @field
    (field_declaration !name type: (_) @base) @embed
    (interface_type (type_elem (_) @base) @embed)
    (method_elem name: (_) @name parameters: (_) @params result: (_)? @result) @method
    (method_declaration receiver: (_) @owner name: (_) @name
        parameters: (_) @params result: (_)? @result body: (_)? @body) @method
    (function_declaration name: (_) @name
        parameters: (_) @params result: (_)? @result body: (_)? @body) @method
    (source_file (const_declaration (const_spec
        name: (_) @name type: (_)? @of value: (_)? @value) @constant))
    (source_file (var_declaration (var_spec
        name: (_) @name type: (_)? @of value: (_)? @value) @field))
    (source_file (var_declaration (var_spec_list (var_spec
        name: (_) @name type: (_)? @of value: (_)? @value) @field)))
    (import_spec) @import
    (package_clause (_) @package)
""",
        "java": """
    (class_declaration name: (_) @name superclass: (_)? @base interfaces: (_)? @base
        body: (_) @body) @type
    (interface_declaration name: (_) @name (extends_interfaces)? @base body: (_) @body) @type
    (enum_declaration name: (_) @name interfaces: (_)? @base body: (_) @body) @type
    (record_declaration name: (_) @name parameters: (_) @params interfaces: (_)? @base
        body: (_) @body) @type
    (annotation_type_declaration name: (_) @name body: (_) @body) @type
    (record_declaration parameters: (formal_parameters (formal_parameter
        type: (_) @of name: (_) @name) @field))
    (method_declaration type: (_) @result name: (_) @name parameters: (_) @params
        body: (_)? @body) @method
    (constructor_declaration name: (_) @name parameters: (_) @params body: (_) @body) @method
    (field_declaration type: (_) @of
        declarator: (variable_declarator name: (_) @name value: (_)? @value)) @field
    (constant_declaration type: (_) @of
        declarator: (variable_declarator name: (_) @name value: (_)? @value)) @field
    (enum_constant name: (_) @name) @constant
    (annotation_type_element_declaration type: (_) @of name: (_) @name) @field
    (import_declaration) @import
    (package_declaration (_) @package)
""",
        "rust": """
    (struct_item name: (_) @name body: (_)? @body) @type
    (enum_item name: (_) @name body: (_) @body) @type
    (union_item name: (_) @name body: (_) @body) @type
    (trait_item name: (_) @name bounds: (_)? @base body: (_) @body) @type
    (impl_item trait: (_)? @base type: (_) @name body: (_) @body) @type
    (type_item name: (_) @name type: (_) @base) @type
    (field_declaration name: (_) @name type: (_) @of) @field
    (enum_variant name: (_) @name) @constant
    (function_item name: (_) @name
        parameters: (_) @params return_type: (_)? @result body: (_) @body) @method
    (function_signature_item name: (_) @name
        parameters: (_) @params return_type: (_)? @result) @method
    (const_item name: (_) @name type: (_) @of) @constant
    (static_item name: (_) @name type: (_) @of) @constant
    (macro_definition name: (_) @name) @constant
    (use_declaration) @import
    (mod_item !body) @import
""",
        "csharp": """
    (class_declaration name: (_) @name (base_list)? @base body: (_)? @body) @type
    (struct_declaration name: (_) @name (base_list)? @base body: (_)? @body) @type
    (interface_declaration name: (_) @name (base_list)? @base body: (_)? @body) @type
    (record_declaration name: (_) @name (base_list)? @base body: (_)? @body) @type
    (enum_declaration name: (_) @name body: (_) @body) @type
    (record_declaration (parameter_list (parameter type: (_) @of name: (_) @name) @field))
    (method_declaration returns: (_) @result name: (_) @name parameters: (_) @params
        body: (_)? @body) @method
    (constructor_declaration name: (_) @name parameters: (_) @params body: (_) @body) @method
    (property_declaration type: (_) @of name: (_) @name) @field
    (field_declaration (variable_declaration type: (_) @of
        (variable_declarator name: (_) @name))) @field
    (enum_member_declaration name: (_) @name) @constant
    (using_directive) @import
    (namespace_declaration name: (_) @package)
    (file_scoped_namespace_declaration name: (_) @package)
""",
        "cpp": """
    (class_specifier name: (_) @name (base_class_clause)? @base body: (_) @body) @type
    (struct_specifier name: (_) @name (base_class_clause)? @base body: (_) @body) @type
    (enum_specifier name: (_) @name body: (_) @body) @type
    (alias_declaration name: (_) @name type: (_) @base) @type
    (field_declaration type: (_) @of declarator: (field_identifier) @name) @field
    (field_declaration type: (_) @of
        declarator: (pointer_declarator declarator: (field_identifier) @name)) @field
    (field_declaration type: (_) @of
        declarator: (reference_declarator (field_identifier) @name)) @field
    (field_declaration type: (_)? @result declarator: (function_declarator
        declarator: (field_identifier) @name parameters: (_) @params)) @method
    (field_declaration type: (_)? @result declarator: (pointer_declarator
        declarator: (function_declarator
            declarator: (field_identifier) @name parameters: (_) @params))) @method
    (field_declaration type: (_)? @result declarator: (reference_declarator
        (function_declarator declarator: (field_identifier) @name parameters: (_) @params))) @method
    (function_definition type: (_)? @result declarator: (function_declarator
        declarator: (_) @name parameters: (_) @params) body: (_) @body) @method
    (type_definition type: (struct_specifier !name body: (_) @body)
        declarator: (type_identifier) @name) @type
    (type_definition type: (enum_specifier !name body: (_) @body)
        declarator: (type_identifier) @name) @type
    (type_definition type: (type_identifier) @base declarator: (type_identifier) @name) @type
    (type_definition type: [(struct_specifier name: (_) @base) (enum_specifier name: (_) @base)]
        declarator: (type_identifier) @name) @type
    (declaration type: (_) @result declarator: (function_declarator
        declarator: (identifier) @name parameters: (_) @params)) @method
    (declaration type: (_) @result declarator: (pointer_declarator
        declarator: (function_declarator
            declarator: (identifier) @name parameters: (_) @params))) @method
    (enumerator name: (_) @name) @constant
    (preproc_def name: (_) @name) @constant
    (preproc_include) @import
""",
        "php": """
    (class_declaration name: (_) @name (base_clause)? @base (class_interface_clause)? @base
        body: (_) @body) @type
    (interface_declaration name: (_) @name (base_clause)? @base body: (_) @body) @type
    (trait_declaration name: (_) @name body: (_) @body) @type
    (enum_declaration name: (_) @name body: (_) @body) @type
    (use_declaration (_) @base) @embed
    (method_declaration name: (_) @name parameters: (_) @params return_type: (_)? @result
        body: (_)? @body) @method
    (function_definition name: (_) @name parameters: (_) @params return_type: (_)? @result
        body: (_) @body) @method
    (property_declaration type: (_)? @of (property_element name: (_) @name)) @field
    (property_promotion_parameter type: (_)? @of name: (_) @name) @self
    (const_declaration (const_element (name) @name)) @constant
    (enum_case name: (_) @name) @constant
    (namespace_use_declaration) @import
    (namespace_definition name: (_) @package)
""",
        "ruby": """
    (class name: (_) @name superclass: (_)? @base body: (_)? @body) @type
    (module name: (_) @name body: (_)? @body) @type
    (method name: (_) @name parameters: (_)? @params body: (_)? @body) @method
    (singleton_method name: (_) @name parameters: (_)? @params body: (_)? @body) @method
    (assignment left: (constant) @name right: (_) @value) @constant
    (assignment left: (instance_variable) @name right: (_) @value) @self
    (call method: (identifier) @owner arguments: (argument_list (simple_symbol) @name)) @field
    (call !receiver method: (identifier) @owner arguments: (argument_list (constant) @base)) @embed
    (call method: (identifier) @owner arguments: (argument_list (string))) @import
""",
    }
)

_TYPESCRIPT_BINDINGS = """
    (required_parameter pattern: (_) @name type: (_)? @of value: (_)? @value)
    (optional_parameter pattern: (_) @name type: (_)? @of)
    (variable_declarator name: (_) @name type: (_)? @of value: (_)? @value)
    (for_in_statement left: (_) @name right: (_) @value)
    (binary_expression left: (identifier) @name "instanceof" right: (_) @of)
    (arrow_function parameter: (identifier) @name)
    (call_expression function: (member_expression object: (_) @value property: (_) @via)
        arguments: (arguments . (arrow_function parameter: (identifier) @name)))
    (call_expression function: (member_expression object: (_) @value property: (_) @via)
        arguments: (arguments . (arrow_function parameters: (formal_parameters
            . (required_parameter pattern: (_) @name !type)))))
"""

BINDINGS = MappingProxyType(
    {
        "python": """
    (parameters (identifier) @name)
    (lambda_parameters (identifier) @name)
    (typed_parameter (identifier) @name type: (_) @of)
    (default_parameter name: (_) @name value: (_) @value)
    (typed_default_parameter name: (_) @name type: (_) @of)
    (assignment left: [(identifier) (pattern_list) (tuple_pattern)] @name
        type: (_)? @of right: (_)? @value)
    (for_statement left: (_) @name right: (_) @value)
    (for_in_clause left: (_) @name right: (_) @value)
    (as_pattern (_) @value alias: (_) @name)
    (named_expression name: (_) @name value: (_) @value)
    (call function: (identifier) @test arguments: (argument_list . (identifier) @name . (_) @of .))
""",
        "javascript": """
    (formal_parameters (identifier) @name)
    (variable_declarator name: (_) @name value: (_)? @value)
    (for_in_statement left: (_) @name right: (_) @value)
    (binary_expression left: (identifier) @name "instanceof" right: (_) @of)
    (arrow_function parameter: (identifier) @name)
""",
        "typescript": _TYPESCRIPT_BINDINGS,
        "tsx": _TYPESCRIPT_BINDINGS,
        "go": """
    (parameter_declaration name: (_) @name type: (_) @of)
    (short_var_declaration left: (_) @name right: (_) @value)
    (var_spec name: (_) @name type: (_)? @of value: (_)? @value)
    (range_clause left: (_) @name right: (_) @value)
    (type_switch_statement alias: (_) @name (type_case type: (_) @of))
""",
        "java": """
    (formal_parameter type: (_) @of name: (_) @name)
    (catch_formal_parameter (catch_type) @of name: (_) @name)
    (local_variable_declaration type: (_) @of
        declarator: (variable_declarator name: (_) @name value: (_)? @value))
    (enhanced_for_statement type: (_) @of name: (_) @name value: (_) @value)
    (resource type: (_) @of name: (_) @name value: (_) @value)
    (instanceof_expression right: (_) @of name: (_) @name)
    (lambda_expression parameters: (identifier) @name)
    (method_invocation object: (_) @value name: (_) @via
        arguments: (argument_list . (lambda_expression parameters: (identifier) @name)))
""",
        "rust": """
    (parameter pattern: (_) @name type: (_) @of)
    (let_declaration pattern: (_) @name type: (_)? @of value: (_)? @value)
    (let_condition pattern: (_) @name value: (_) @value)
    (for_expression pattern: (_) @name value: (_) @value)
    (match_expression value: (_) @value body: (match_block (match_arm pattern: (_) @name)))
    (closure_parameters (identifier) @name)
    (call_expression function: (field_expression value: (_) @value field: (_) @via)
        arguments: (arguments . (closure_expression
            parameters: (closure_parameters . (_) @name))))
""",
        "csharp": """
    (parameter type: (_) @of name: (_) @name)
    (variable_declaration type: (_) @of (variable_declarator name: (_) @name (_)? @value))
    (foreach_statement type: (_) @of left: (_) @name right: (_) @value)
    (declaration_pattern type: (_) @of name: (_) @name)
    (invocation_expression function: (member_access_expression expression: (_) @value
        name: (_) @via) arguments: (argument_list . (argument (lambda_expression
            parameters: (implicit_parameter) @name))))
""",
        "cpp": """
    (parameter_declaration type: (_) @of declarator: (_) @name)
    (declaration type: (_) @of declarator: (identifier) @name)
    (declaration type: (_) @of
        declarator: (init_declarator declarator: (_) @name value: (_) @value))
    (for_range_loop type: (_) @of declarator: (_) @name right: (_) @value)
""",
        "php": """
    (simple_parameter type: (_)? @of name: (_) @name)
    (assignment_expression left: (variable_name) @name right: (_) @value)
    (foreach_statement (_) @value (variable_name) @name)
    (catch_clause type: (_) @of name: (_) @name)
    (binary_expression left: (variable_name) @name "instanceof" right: (_) @of)
""",
        "ruby": """
    (method_parameters (identifier) @name)
    (assignment left: (identifier) @name right: (_) @value)
""",
    }
)


def grammar_of(language_id: str) -> str:
    """The grammar that parses a language, "" if none: C++ also parses C."""
    grammar = grammar_name(language_id) or ""
    grammar = "cpp" if grammar == "c" else grammar
    return grammar if grammar in DEFINITIONS else ""
