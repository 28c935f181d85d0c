"""What the package knows of a programming language, as one value.

`languages/` holds one file per language with such a value; `languages/__init__.py` finds it by id.
Every field has a default: a language offers as much as its file says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

Grammar = tuple[str, str]
"""A package with a tree-sitter grammar, and its function that returns the grammar."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Dialect:
    """A language id that shares the facts of its language but for the grammar."""

    id: str
    aliases: tuple[str, ...] = ()
    extensions: tuple[str, ...] = ()
    grammar: Grammar | None = None
    """None where no grammar parses the dialect."""
    is_separate: bool = False
    """A setting that names the dialect does not mean the language as well."""


@dataclass(frozen=True, slots=True)
class Import:
    """A module as it is written, and the names taken from it; none where it is taken whole."""

    module: str
    names: tuple[str, ...] = ()


def read_import_lines(pattern: re.Pattern[str], text: str) -> Iterator[Import]:
    """The imports of a language whose statements name one module, in the pattern's first group."""
    for match in pattern.finditer(text):
        yield Import(match[1].strip())


def imported_names(listed: str) -> tuple[str, ...]:
    """The names in `a, b as c` as the imported module spells them: `a` and `b`."""
    words = (each.split() for each in listed.replace("\\\n", " ").split(","))
    return tuple(each[0] for each in words if each and re.fullmatch(r"[\w$]+", each[0]))


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class NodeTypes:
    """Types of the grammar's nodes by what they are to an outline, and to annotations of types."""

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
    bare_parameters: frozenset[str] = frozenset()
    """Lack an annotation where they have no field `type`."""
    receivers: frozenset[str] = frozenset()
    """Names of a first parameter that takes no annotation."""
    defaults_tell_types: bool = False
    """A parameter with a default value needs no annotation."""
    no_result: frozenset[str] = frozenset()
    """Names of functions that declare no result, such as constructors."""


def node_types(words: str) -> frozenset[str]:
    """Types of nodes, separated by spaces."""
    return frozenset(words.split())


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class LanguagePromptFacts:
    """Facts in the words of an instruction; "" where the language has no such thing."""

    title: str
    """What people call the language."""
    is_code: bool = True
    has_classes: bool = True
    async_style: str = ""
    """How a function becomes asynchronous."""
    annotations: str = ""
    """How types are written where they may be left out."""
    error_handling: str = ""
    """How errors are raised and handled."""
    logging: str = ""
    """How log lines are written where the file does not show another habit."""
    constant: str = ""
    """How a constant is declared and named."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class SeparateTests:
    """Paths with `{dir}` and `{stem}` of the tested file, `{suffix}` of its name with the dot.

    `{inner}` is the folder below the root of the sources, `{deeper}` the same without its first
    part. `beside` are only taken where the file exists, `apart` where the file or its folder does.
    """

    framework: str
    roots: str = r"src|lib|app"
    beside: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()
    new: str
    """Where none of them exists."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class InlineTests:
    """Tests that stand at the end of the tested file: where they begin, and how to write them."""

    start: re.Pattern[str]
    instruction: str


@dataclass(frozen=True, slots=True, eq=False)
class VersionSource:
    """Where a project says which version of `language` it uses: in files called `file`.

    `pattern` finds it in its first group. In a JSON file, `entries` are the groups and names to
    look at; the first that exists counts.
    """

    language: str
    file: str
    pattern: re.Pattern[str] | None = None
    entries: tuple[tuple[str, str], ...] = ()


def version_line(language: str, file: str, pattern: str) -> VersionSource:
    """A source whose version stands in one line."""
    return VersionSource(language, file, re.compile(pattern, re.MULTILINE))


QUOTED_VALUE = r"\s*[=:]\s*[\"']([^\"'\n]+)[\"']"
"""A quoted value behind its key, as in TOML and in calls of Python."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Modernisation:
    """What is out of date in a language. The texts are parts of an instruction.

    `version` is where a project says its version, `floor` the version that any project may be
    assumed to have, `replace` what should give way to what.
    """

    version: str
    floor: str
    replace: str


NEW_OBJECT = (
    r"\bnew\s+(?!Error|Map|Set|Array|Promise|RegExp|\w*(?:Exception|Error|List|Map)\b)[A-Z]\w*"
)
"""Expression for an object that is constructed and is neither an error nor a container."""
CALLED_CLASS = r"(?<![\w.@])(?!\w*(?:Error|Exception|Warning)\b)[A-Z][^\Wa-z]*+[a-z]\w*+\("
"""The same for languages that construct objects by calling their class."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Idiom:
    """`pattern` finds what can be turned; `title` says into what; `how` instructs the model."""

    name: str
    pattern: re.Pattern[str]
    title: str
    how: str


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Language:
    """All that the package knows of a language. Two values are never equal: there is one of each.

    Patterns named as such are matched where a line begins, unless their comment says otherwise.
    """

    name: str
    """The LSP language id."""
    aliases: tuple[str, ...] = ()
    """Other ids and words for it."""
    dialects: tuple[Dialect, ...] = ()
    extensions: tuple[str, ...] = ()
    """Suffixes of its files, with the dot; the usual one first."""
    file_names: tuple[str, ...] = ()
    """Whole names of its files, in lower case."""

    line_comment: str = ""
    """Marker of a comment to the end of the line; empty where there is none."""
    block_comment: tuple[str, str] | None = None
    quotes: tuple[str, ...] = ('"', "'")
    """What strings stand in; of those that begin alike, the longest first."""
    braces: bool = True
    """Blocks stand in braces. Otherwise they go by indentation, or by `end` words."""
    block_start_token: str = ""
    """What ends a line that opens a block where braces do not: ":" in Python."""
    block_end_keywords: tuple[str, ...] = ()
    """Words that close a block on a line of their own: `end`, `fi`, `done`."""
    top_level_keywords: tuple[str, ...] = ()
    """Words that start a new top-level unit at column 0, where a completion should have ended."""
    block_opener: re.Pattern[str] | None = None
    """Searched: what else at the end of a line opens a block."""
    raw_string: str = ""
    """Expression for a string that the quotes do not describe."""
    has_character_literals: bool = False
    """A single quote encloses one character."""
    has_string_prefixes: bool = False
    """Letters may stand right before a quote."""
    has_regex_literals: bool = False
    has_lone_brackets: bool = False
    """A closing bracket may lack its opening one: in prose, or in a pattern of `case`."""
    has_spread: bool = False
    """Three dots are an operator, and no other number of dots but one means anything."""
    has_single_names: bool = False
    """A name never follows another, as it does in `ctx context.Context`."""
    has_broken_blocks: Callable[[str], bool] | None = None
    """Whether the language rejects the blocks of a text that its grammar accepts."""
    has_misplaced_statements: Callable[[str], bool] | None = None
    """Whether a statement of a text stands where the language forbids it and its grammar does not,
    such as a `return` outside of a function."""
    root_kind: Callable[[str], str] | None = None
    """What a whole file holds at its root, "" if it is not valid: "value" for a single value."""
    has_preprocessor: bool = False
    """Lines with `#` may stand at the margin wherever the code around them stands."""
    is_markup: bool = False
    """Its files are tags around prose, in which a quote opens nothing."""
    has_html_tags: bool = False
    """HTML may stand in its files, so that `<s>` strikes text through."""
    has_fences: bool = False
    """Its documents hold fenced blocks of code themselves."""
    returns_last_expression: bool = False
    stub_starts: tuple[str, ...] = ()
    """How a definition begins whose body may be `...`; empty where dots are no code."""

    grammar: Grammar | None = None
    enclosing_block: str = ""
    """What goes before a part of a block so that it parses by itself."""
    opening_tag: str = ""
    """What goes before a part of a file so that it parses as code."""
    nodes: NodeTypes | None = None
    has_docstrings: bool = False
    """Documentation is the first string in a body, not a comment above."""

    import_statement: re.Pattern[str] | None = None
    import_start: re.Pattern[str] | None = None
    """A line that may begin an import which only later lines show to be one."""
    groups_imports: bool = False
    """Imports may stand in parentheses, as quoted paths."""
    read_imports: Callable[[str], Iterator[Import]] | None = None
    """The imports of a text, which need not parse."""
    imports_many_files: bool = False
    """One import may mean several files."""
    shares_folder_scope: bool = False
    """The files of a folder use each other's definitions without an import."""
    preamble: re.Pattern[str] | None = None
    """Lines, or blocks up to an empty line, that stay above the imports."""

    confused_with: tuple[str, ...] = ()
    """Names of languages with which models label a block of code in this one."""
    doc_style: str = ""
    """Its documentation comments, in the words of an instruction."""
    tests: SeparateTests | InlineTests | None = None
    version_sources: tuple[VersionSource, ...] = ()
    """Where several tell of one language, the first that is found in a folder counts."""
    modernisation: Modernisation | None = None
    idioms: tuple[Idiom, ...] = ()
    collaborators: re.Pattern[str] | None = None
    """Searched: code that makes or looks up what could be injected."""
    prompt_facts: LanguagePromptFacts | None = None
