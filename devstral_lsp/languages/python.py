"""Python."""

from __future__ import annotations

import ast
import re
import threading
import warnings
from collections.abc import Iterator

from devstral_lsp.languages.language import (
    CALLED_CLASS,
    QUOTED_VALUE,
    Idiom,
    Import,
    Language,
    LanguagePromptFacts,
    Modernisation,
    NodeTypes,
    SeparateTests,
    imported_names,
    node_types,
    version_line,
)

_MISPLACED = re.compile(r"outside|not properly in loop|nonlocal|global declaration|duplicate arg")
_OLD_STATEMENTS = "Missing parentheses in call"
_guard = threading.Lock()
"""`warnings.catch_warnings` works in one thread at a time."""


def _has_broken_blocks(code: str) -> bool:
    """Whether blocks are missing or wrongly indented in `code`, or it is Python 2.

    Only the running Python's verdict on indentation and on Python 2's statements counts: other
    syntax may be newer than it.
    """
    try:
        with _guard, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(code + "\n")
    except IndentationError:
        return True
    except SyntaxError as error:
        return error.msg.startswith(_OLD_STATEMENTS)
    except (ValueError, RecursionError, MemoryError):
        return False
    return False


def _has_misplaced_statements(code: str) -> bool:
    """Whether a `return`, `await`, `break` or declaration is where it is not allowed."""
    try:
        with _guard, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(code + "\n", "code", "exec", dont_inherit=True)
    except SyntaxError as error:
        return _MISPLACED.search(error.msg) is not None
    except (ValueError, RecursionError, MemoryError):
        return False
    return False


_FROM = re.compile(
    r"^[ \t]*from[ \t]+([\w.]+)[ \t]+import[ \t]+"
    r"(?:\(((?:[^)\n]|\n(?![ \t]*from\b))*+)\)|([^\n(]+))",
    re.MULTILINE,
)
_IMPORT = re.compile(r"^[ \t]*import[ \t]+([\w.][\w., \t]*)", re.MULTILINE)


def _read_imports(text: str) -> Iterator[Import]:
    for match in _FROM.finditer(text):
        listed = re.sub(r"#[^\n]*", "", match[2] or match[3])
        yield Import(match[1], imported_names(listed))
    for match in _IMPORT.finditer(text):
        for module in match[1].split(","):
            if words := module.split():
                yield Import(words[0])


PYTHON = Language(
    name="python",
    aliases=("py",),
    extensions=(".py", ".pyi"),
    line_comment="#",
    quotes=('"""', "'''", '"', "'"),
    braces=False,
    block_start_token=":",
    top_level_keywords=("def ", "class ", "async def ", "@", "import ", "from ", "if __name__"),
    has_broken_blocks=_has_broken_blocks,
    has_misplaced_statements=_has_misplaced_statements,
    stub_starts=("def ", "class ", "async def ", "@"),
    has_string_prefixes=True,
    has_single_names=True,
    grammar=("tree_sitter_python", "language"),
    enclosing_block="if 1:\n",
    nodes=NodeTypes(
        functions=node_types("function_definition"),
        containers=node_types("class_definition"),
        values=node_types("assignment type_alias_statement"),
        wrappers=node_types("decorated_definition"),
        transparent=node_types("expression_statement"),
        name_holders=("identifier", "type"),
        bare_parameters=node_types(
            "identifier default_parameter list_splat_pattern dictionary_splat_pattern"
        ),
        receivers=frozenset({"self", "cls", "mcs"}),
    ),
    has_docstrings=True,
    import_statement=re.compile(r"(?:import\s+[\w.]|from\s+[\w.]+\s+import\b)"),
    imports_many_files=True,
    read_imports=_read_imports,
    doc_style="docstrings in triple double quotes as the first statement (PEP 257): a summary "
    "line in the imperative, then what a caller must know; parameters and results in the style of "
    "the file's other docstrings (Google, NumPy or reStructuredText), in prose if there is none",
    tests=SeparateTests(
        framework="pytest (plain functions, `assert`, tables by `pytest.mark.parametrize`), or "
        "`unittest` if the file that is there uses it",
        roots=r"src|lib",
        beside=("{dir}/test_{stem}.py", "{dir}/{stem}_test.py"),
        apart=(
            "tests/{deeper}/test_{stem}.py",
            "tests/{inner}/test_{stem}.py",
            "tests/unit/{deeper}/test_{stem}.py",
            "tests/unit/test_{stem}.py",
            "tests/test_{stem}.py",
            "test/{deeper}/test_{stem}.py",
            "test/test_{stem}.py",
            "{dir}/tests/test_{stem}.py",
        ),
        new="tests/test_{stem}.py",
    ),
    version_sources=(
        version_line("Python", "pyproject.toml", rf"^requires-python{QUOTED_VALUE}"),
        version_line("Python", "pyproject.toml", rf"^python{QUOTED_VALUE}"),  # of Poetry
        version_line("Python", "setup.cfg", r"^python_requires\s*=\s*(\S[^\n#]*)"),
        version_line("Python", "setup.py", rf"\bpython_requires{QUOTED_VALUE}"),
        version_line("Python", ".python-version", r"\A\s*([\d.]+)"),
    ),
    modernisation=Modernisation(
        version="the lowest Python that `requires-python` allows",
        floor="Python 3.9",
        replace="`%` and `str.format` by f-strings, `typing.List` and its like by built-in "
        "generics, `Optional[X]` by `X | None` from 3.10, `os.path` by `pathlib`, old-style "
        "`super(C, self)` and `class C(object)`, hand-written `__init__` of plain records by "
        "dataclasses, chains over types and shapes by `match` from 3.10",
    ),
    idioms=(
        Idiom(
            name="loop_to_comprehension",
            pattern=re.compile(
                r"^[ \t]*(?:async )?for [^\n]+:[ \t]*\n(?:[ \t]*if [^\n]+:[ \t]*\n)?"
                r"[ \t]*(?:\w+\.(?:append|add)\(|\w+\[[^\n]+\] = )",
                re.MULTILINE,
            ),
            title="Convert loop to comprehension",
            how="Turn the loops that only build a list, set or dictionary into comprehensions, or "
            "into generator expressions where the result is consumed at once. Leave loops that do "
            "anything else, and such as would need more than two clauses.",
        ),
        Idiom(
            name="comprehension_to_loop",
            pattern=re.compile(
                r"[\[({][^\[\](){}]{1,200}(?:\([^()]{0,80}\)[^\[\](){}]{0,80})*\sfor\s[^\n]{1,100}\sin\s",
                re.MULTILINE,
            ),
            title="Convert comprehension to loop",
            how="Turn the comprehensions and generator expressions into plain loops with "
            "well-named variables.",
        ),
    ),
    collaborators=re.compile(
        rf"{CALLED_CLASS}|\b(?:requests|httpx|subprocess|random|os\.environ)\b|\b(?:now|time|today)\(\)"
        r"|\bopen\("
    ),
    prompt_facts=LanguagePromptFacts(
        title="Python",
        async_style="Use `async def` and `await`; replace blocking calls by awaitable ones of the "
        "libraries that the file already uses, or by `asyncio.to_thread`.",
        annotations="Annotate all parameters and the result as PEP 484 has it; prefer built-in "
        "generics and `X | None` where the project's Python allows it, and abstract types from "
        "`collections.abc` for parameters.",
        error_handling="Raise and catch the narrowest exceptions that fit, never a bare `except`; "
        "chain with `raise … from`, and release what is held by `with`.",
        logging="Use the module's own `logging.getLogger(__name__)`, with `%s` arguments instead "
        "of formatted strings, and `logger.exception` only within a handler.",
        constant="a module-level name in UPPER_CASE",
    ),
)
