"""JavaScript."""

from __future__ import annotations

import re
from collections.abc import Iterator

from devstral_lsp.languages.language import (
    NEW_OBJECT,
    Dialect,
    Idiom,
    Import,
    Language,
    LanguagePromptFacts,
    Modernisation,
    NodeTypes,
    SeparateTests,
    VersionSource,
    imported_names,
    node_types,
    version_line,
)

_FROM = re.compile(
    r"^[ \t]*(?:import|export)\b(?:[ \t]+type\b)?"
    r"((?:[^'\";=\n]|\n(?![ \t]*(?:import|export)\b))*?)\bfrom\b\s*['\"]([^'\"\n]+)['\"]",
    re.MULTILINE,
)
_BARE = re.compile(r"\b(?:import|require)[ \t]*+\(?[ \t]*+['\"]([^'\"\n]+)['\"]")
_REQUIRE = re.compile(
    r"\b(?:const|let|var)[ \t]+\{([^{}=]*)\}[ \t]*=[ \t]*require\(['\"]([^'\"\n]+)['\"]\)"
)


def _read_imports(text: str) -> Iterator[Import]:
    for pattern in (_FROM, _REQUIRE):
        for match in pattern.finditer(text):
            listed = match[1].replace("{", ",").replace("}", ",")
            yield Import(match[2], imported_names(re.sub(r"\*\s+as\s+\w+|\*|\btype\b", "", listed)))
    for match in _BARE.finditer(text):
        yield Import(match[1])


_GRAMMAR = ("tree_sitter_javascript", "language")
FUNCTIONS = node_types("function_declaration generator_function_declaration method_definition")
VALUES = node_types("lexical_declaration variable_declaration field_definition")
NAME_HOLDERS = ("variable_declarator",)
JSDOC = (
    "JSDoc comments (`/** … */`) right above, with `@param`, `@returns` and `@throws` where they "
    "say more than the names do"
)
NODE_VERSIONS = (
    VersionSource("Node.js", "package.json", entries=(("engines", "node"),)),
    version_line("Node.js", ".nvmrc", r"\A\s*(\S+)"),
    version_line("Node.js", ".node-version", r"\A\s*(\S+)"),
)
OUTDATED = (
    "`var` by `const` and `let`, string concatenation by template literals, `arguments` and "
    "`apply` by rest and spread, `a && a.b` by `?.`, `||` for defaults by `??` where 0 and empty "
    "strings are values, prototype juggling by classes, chains of `then` by `await`"
)
PROMPT_FACTS = LanguagePromptFacts(
    title="JavaScript",
    async_style="Use `async` and `await`; the function then returns a promise.",
    error_handling="Throw `Error` objects, with `cause` where one error leads to another; catch "
    "only what can be handled here, and let no promise go unhandled.",
    logging="Use the logger that the file imports; `console` only if there is none.",
    constant="a `const` in UPPER_CASE at module level",
)

_COMPONENTS = frozenset({"vue", "svelte", "astro"})
_SCRIPT = re.compile(
    r"^(?:<script\b(?P<attributes>[^>\n]*+)>|---)[ \t]*+\n(?P<code>(?:(?![ \t]*+(?:</script>|---))"
    r"[^\n]*+\n)*+)",
    re.MULTILINE,
)


def script_of_component(text: str, language_id: str) -> tuple[int, int, str] | None:
    """Start and end of the first script of a component, and its language; None without one."""
    found = _SCRIPT.search(text) if language_id in _COMPONENTS else None
    if found is None:
        return None
    is_typed = "ts" in re.findall(r"\w+", found["attributes"] or "")
    return *found.span("code"), "typescript" if is_typed else "javascript"


JAVASCRIPT = Language(
    name="javascript",
    aliases=("js",),
    dialects=(
        Dialect(id="javascriptreact", aliases=("jsx",), extensions=(".jsx",), grammar=_GRAMMAR),
    ),
    extensions=(".js", ".mjs", ".cjs"),
    line_comment="//",
    block_comment=("/*", "*/"),
    quotes=('"', "'", "`"),
    top_level_keywords=(
        "function ",
        "class ",
        "export ",
        "import ",
        "const ",
        "let ",
        "interface ",
        "type ",
    ),
    has_html_tags=True,
    has_regex_literals=True,
    has_spread=True,
    has_single_names=True,
    grammar=_GRAMMAR,
    enclosing_block="class _ {\n",
    nodes=NodeTypes(
        functions=FUNCTIONS,
        containers=node_types("class_declaration"),
        values=VALUES,
        wrappers=node_types("export_statement"),
        name_holders=NAME_HOLDERS,
    ),
    import_statement=re.compile(
        r"import\b(?!\s*\()[^;]*['\"][^'\"\n]+['\"]"
        r"|(?:const|let|var)\b[^;=]*=\s*require\(['\"][^'\"\n]+"
    ),
    import_start=re.compile(r"[ \t]*(?:import|const|let|var)\b[^{\n]*\{"),
    read_imports=_read_imports,
    preamble=re.compile(r"['\"]use \w+['\"];?\s*$"),
    doc_style=f"{JSDOC}, and with types in braces",
    tests=SeparateTests(
        framework="the test runner that package.json names (Vitest, Jest, Mocha or `node:test`)",
        beside=("{dir}/{stem}.test{suffix}", "{dir}/{stem}.spec{suffix}"),
        apart=(
            "{dir}/__tests__/{stem}.test{suffix}",
            "__tests__/{inner}/{stem}.test{suffix}",
            "__tests__/{stem}.test{suffix}",
            "tests/{inner}/{stem}.test{suffix}",
            "tests/{stem}.test{suffix}",
            "test/{inner}/{stem}.test{suffix}",
            "test/{stem}.test{suffix}",
        ),
        new="{dir}/{stem}.test{suffix}",
    ),
    version_sources=NODE_VERSIONS,
    modernisation=Modernisation(
        version="the Node.js of `engines`, or the build's target",
        floor="ES2020",
        replace=OUTDATED,
    ),
    idioms=(
        Idiom(
            name="callbacks_to_promises",
            pattern=re.compile(
                r"(?<!catch)(?<!catch )\((?:err|error)\b[^()]{0,80}\)\s*(?:=>|\{)", re.MULTILINE
            ),
            title="Convert callbacks to promises",
            how="Turn callback style into promises with `async` and `await`: use the promise form "
            "of the called functions where there is one, and wrap the others. Errors that went to "
            "the callback are thrown.",
        ),
        Idiom(
            name="chain_to_await",
            pattern=re.compile(r"\.then\(", re.MULTILINE),
            title="Convert promise chain to async/await",
            how="Turn chains of `then`, `catch` and `finally` into `async` and `await` with "
            "`try`. Keep what runs at the same time: use `Promise.all` where the chain did.",
        ),
        Idiom(
            name="loop_to_methods",
            pattern=re.compile(r"\bfor\s*\([^\n{]{0,200}\{[^{}]*\.push\(", re.MULTILINE),
            title="Convert loop to array methods",
            how="Turn the loops that build arrays into `map`, `filter`, `flatMap` or `reduce`, "
            "whichever reads best. Leave loops with `await`, `break` or side effects.",
        ),
        Idiom(
            name="methods_to_loop",
            pattern=re.compile(r"\.(?:map|filter|reduce|forEach|flatMap)\(", re.MULTILINE),
            title="Convert array methods to loop",
            how="Turn the chains of array methods into plain `for … of` loops with well-named "
            "variables.",
        ),
        Idiom(
            name="promises_to_callbacks",
            pattern=re.compile(r"\bnew Promise\(", re.MULTILINE),
            title="Convert promises to callbacks",
            how="Turn the promises into callback style: a last parameter that is called exactly "
            "once with an error or null first, then the result.",
        ),
    ),
    collaborators=re.compile(
        rf"{NEW_OBJECT}|\bfetch\(|\bDate\.now\(|\bMath\.random\(|\bprocess\.env\b"
    ),
    prompt_facts=PROMPT_FACTS,
)
