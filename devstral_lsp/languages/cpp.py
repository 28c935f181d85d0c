"""C++."""

from __future__ import annotations

import re
from dataclasses import replace

from devstral_lsp.languages.c import CMAKE, FUNCTIONS, NAME_HOLDERS, TRANSPARENT, VALUES, C
from devstral_lsp.languages.language import (
    NEW_OBJECT,
    LanguagePromptFacts,
    Modernisation,
    NodeTypes,
    node_types,
    version_line,
)

CPP = replace(
    C,
    name="cpp",
    aliases=("c++",),
    extensions=(".cc", ".cpp", ".cxx", ".hpp", ".hh"),
    top_level_keywords=("static ", "int ", "void ", "struct ", "class ", "namespace ", "template"),
    grammar=("tree_sitter_cpp", "language"),
    enclosing_block="class _ {\n",
    nodes=NodeTypes(
        functions=FUNCTIONS,
        containers=node_types("class_specifier struct_specifier"),
        values=VALUES | node_types("field_declaration alias_declaration"),
        wrappers=node_types("template_declaration"),
        transparent=TRANSPARENT | node_types("namespace_definition"),
        name_holders=NAME_HOLDERS,
    ),
    import_statement=re.compile(r"#\s*include\s*[<\"]|using\s+(?:namespace\s+)?[\w:]+\s*;"),
    confused_with=("c",),
    doc_style="the file's own documentation comments, otherwise Doxygen (`///` with `@param`)",
    version_sources=(
        version_line("C++", CMAKE, r"\bCMAKE_CXX_STANDARD\s+(\d+)"),
        version_line("C++", CMAKE, r"\bcxx_std_(\d+)"),
    ),
    modernisation=Modernisation(
        version="the `-std` or `CXX_STANDARD` of the build",
        floor="C++17",
        replace="raw owning pointers by smart ones, `NULL` by `nullptr`, iterator loops by "
        "range-based `for`, `typedef` by `using`, output parameters by returned values, "
        "hand-written loops by algorithms where these read better",
    ),
    collaborators=re.compile(rf"{NEW_OBJECT}|\bmake_(?:unique|shared)<|::[iI]nstance\("),
    prompt_facts=LanguagePromptFacts(
        title="C++",
        error_handling="Report by exceptions or by return values, as the file does; own resources "
        "by RAII so that nothing leaks on any way out.",
        logging="Use the logging library or macro of the file; otherwise `std::cerr`.",
        constant="a `constexpr` constant, named as the file names its constants",
    ),
)
