"""The type of a language's facts.

`languages/` has one file per language with such a value; `languages/__init__.py` finds it by id.
Every field has a default: a language supports as much as its file says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

Grammar = tuple[str, str]
"""The package of a tree-sitter grammar, and its function that returns the grammar."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Dialect:
    """A language id that shares the facts of its language except the grammar."""

    id: str
    aliases: tuple[str, ...] = ()
    extensions: tuple[str, ...] = ()
    grammar: Grammar | None = None
    """None if no grammar parses the dialect."""
    is_separate: bool = False
    """A setting that names the dialect does not include the language."""


@dataclass(frozen=True, slots=True)
class Import:
    """A module as written, and the names imported from it; none if it is imported as a whole."""

    module: str
    names: tuple[str, ...] = ()


def read_import_lines(pattern: re.Pattern[str], text: str) -> Iterator[Import]:
    """Imports of a language whose statements name one module, in the pattern's first group."""
    for match in pattern.finditer(text):
        yield Import(match[1].strip())


def imported_names(listed: str) -> tuple[str, ...]:
    """The names in `a, b as c` as the imported module defines them: `a` and `b`."""
    words = (each.split() for each in listed.replace("\\\n", " ").split(","))
    return tuple(each[0] for each in words if each and re.fullmatch(r"[\w$]+", each[0]))


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class NodeTypes:
    """Types of the grammar's nodes by their role in outlines and type annotations."""

    functions: frozenset[str] = frozenset()
    """Shown by signature."""
    containers: frozenset[str] = frozenset()
    """Shown by signature, with the signatures of their members."""
    values: frozenset[str] = frozenset()
    """Shown unchanged: types, constants, fields."""
    wrappers: frozenset[str] = frozenset()
    """Wrappers of one definition: `export`, decorators, templates."""
    transparent: frozenset[str] = frozenset()
    """Containers of definitions: namespaces, `#ifndef`."""
    name_holders: tuple[str, ...] = ()
    """Children that contain the name, if no field does."""
    bare_parameters: frozenset[str] = frozenset()
    """Without a field `type`, they have no annotation."""
    receivers: frozenset[str] = frozenset()
    """Names of a first parameter that needs no annotation."""
    defaults_tell_types: bool = False
    """A parameter with a default value needs no annotation."""
    no_result: frozenset[str] = frozenset()
    """Names of functions without a declared result, such as constructors."""


def node_types(words: str) -> frozenset[str]:
    """Split types of nodes at spaces."""
    return frozenset(words.split())


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class LanguagePromptFacts:
    """Texts for prompts; "" if the language has no such thing."""

    title: str
    """The usual name of the language."""
    is_code: bool = True
    has_classes: bool = True
    async_style: str = ""
    """How to make a function asynchronous."""
    annotations: str = ""
    """How to write optional type annotations."""
    error_handling: str = ""
    """How to raise and handle errors."""
    logging: str = ""
    """How to write log lines, unless the file does so in another way."""
    constant: str = ""
    """How to declare and name a constant."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class SeparateTests:
    """Paths of test files, with `{dir}` and `{stem}` of the tested file, and `{suffix}` with its
    dot.

    `{inner}` is the folder below the root of the sources, `{deeper}` the same without its first
    part. Paths in `beside` are used only if the file exists, those in `apart` if the file or its
    folder exists.
    """

    framework: str
    roots: str = r"src|lib|app"
    beside: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()
    new: str
    """The path if none of them exists."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class InlineTests:
    """Tests at the end of the tested file: the line where they begin, and how to write them."""

    start: re.Pattern[str]
    instruction: str


@dataclass(frozen=True, slots=True, eq=False)
class VersionSource:
    """Where a project states its version of `language`: in files called `file`.

    `pattern` finds it in its first group. For a JSON file, `entries` are groups and names; the
    first that exists counts.
    """

    language: str
    file: str
    pattern: re.Pattern[str] | None = None
    entries: tuple[tuple[str, str], ...] = ()


def version_line(language: str, file: str, pattern: str) -> VersionSource:
    """A source whose version is in one line."""
    return VersionSource(language, file, re.compile(pattern, re.MULTILINE))


QUOTED_VALUE = r"\s*[=:]\s*[\"']([^\"'\n]+)[\"']"
"""A quoted value after its key, as in TOML and in Python's calls."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Modernisation:
    """What is outdated in a language. The texts are parts of an instruction.

    `version` says where a project states its version, `floor` the minimum version of any project,
    `replace` what to replace.
    """

    version: str
    floor: str
    replace: str


NEW_OBJECT = (
    r"\bnew\s+(?!Error|Map|Set|Array|Promise|RegExp|\w*(?:Exception|Error|List|Map)\b)[A-Z]\w*"
)
"""Pattern of an object construction, without errors and containers."""
CALLED_CLASS = r"(?<![\w.@])(?!\w*(?:Error|Exception|Warning)\b)[A-Z][^\Wa-z]*+[a-z]\w*+\("
"""The same for languages that construct objects by calling their class."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Idiom:
    """`pattern` finds code to convert; `title` names the target; `how` instructs the model."""

    name: str
    pattern: re.Pattern[str]
    title: str
    how: str


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Language:
    """All facts about a language. Compared by identity: there is one value per language.

    Patterns are matched at the start of a line, unless their docstring says "searched".
    """

    name: str
    """The LSP language id."""
    aliases: tuple[str, ...] = ()
    """Other ids and names."""
    dialects: tuple[Dialect, ...] = ()
    extensions: tuple[str, ...] = ()
    """Suffixes of its files, with the dot; the usual one first."""
    file_names: tuple[str, ...] = ()
    """Whole names of its files, in lower case."""

    line_comment: str = ""
    """Marker of a comment to the end of the line; "" if there is none."""
    block_comment: tuple[str, str] | None = None
    quotes: tuple[str, ...] = ('"', "'")
    """Quotes of strings; of those that begin alike, the longest first."""
    braces: bool = True
    """Braces delimit blocks. Otherwise indentation or `end` keywords do."""
    block_start_token: str = ""
    """The end of a line that opens a block without braces: ":" in Python."""
    block_end_keywords: tuple[str, ...] = ()
    """Keywords that close a block on a line of their own: `end`, `fi`, `done`."""
    top_level_keywords: tuple[str, ...] = ()
    """Keywords at column 0 that start a new top-level unit, before which a completion must end."""
    block_opener: re.Pattern[str] | None = None
    """Searched: other openers of blocks at the end of a line."""
    statement_end: str = ""
    """Ends every statement, where no grammar tells statements apart."""
    paragraph_start: re.Pattern[str] | None = None
    """The first line of a unit that reaches to the next blank line."""
    raw_string: str = ""
    """Pattern of strings that `quotes` does not describe."""
    has_character_literals: bool = False
    """A single quote encloses one character."""
    has_string_prefixes: bool = False
    """Letters may precede a quote."""
    has_regex_literals: bool = False
    has_lone_brackets: bool = False
    """A closing bracket may have no opening one: in prose, or in a pattern of `case`."""
    has_spread: bool = False
    """Three dots are an operator, and no other number of dots except one is valid."""
    has_single_names: bool = False
    """Two names never follow each other, as they do in `ctx context.Context`."""
    has_broken_blocks: Callable[[str], bool] | None = None
    """Whether the language rejects the blocks of a text that its grammar accepts."""
    has_misplaced_statements: Callable[[str], bool] | None = None
    """Whether the language forbids a statement where its grammar accepts it, such as a `return`
    outside of a function."""
    root_kind: Callable[[str], str] | None = None
    """The value at the root of a file, "" if the file is invalid: "value" for a single value."""
    has_preprocessor: bool = False
    """Lines with `#` may be unindented anywhere."""
    is_markup: bool = False
    """Markup: tags around prose, in which a quote opens nothing."""
    has_html_tags: bool = False
    """Files may contain HTML, where `<s>` strikes text through."""
    has_fences: bool = False
    """Documents contain fenced code blocks themselves."""
    returns_last_expression: bool = False
    stub_starts: tuple[str, ...] = ()
    """The start of a definition whose body may be `...`; "" if dots are no code."""

    grammar: Grammar | None = None
    enclosing_block: str = ""
    """Text before a part of a block that makes it parse by itself."""
    opening_tag: str = ""
    """Text before a part of a file that makes it parse as code."""
    nodes: NodeTypes | None = None
    has_docstrings: bool = False
    """Documentation is the first string in a body, not a comment above."""

    import_statement: re.Pattern[str] | None = None
    import_start: re.Pattern[str] | None = None
    """A line that may begin an import, which only later lines confirm."""
    groups_imports: bool = False
    """Imports may be in parentheses, as quoted paths."""
    read_imports: Callable[[str], Iterator[Import]] | None = None
    """Extracts the imports of a text, which need not parse."""
    imports_many_files: bool = False
    """One import may refer to several files."""
    shares_folder_scope: bool = False
    """Files of a folder use each other's definitions without an import."""
    preamble: re.Pattern[str] | None = None
    """Lines, or blocks up to an empty line, that stay above the imports."""

    confused_with: tuple[str, ...] = ()
    """Names with which models label a code block in this language."""
    doc_style: str = ""
    """Its documentation comments, as part of an instruction."""
    tests: SeparateTests | InlineTests | None = None
    version_sources: tuple[VersionSource, ...] = ()
    """The first one found in a folder counts, per language."""
    modernisation: Modernisation | None = None
    idioms: tuple[Idiom, ...] = ()
    collaborators: re.Pattern[str] | None = None
    """Searched: code that creates or looks up what could be injected."""
    prompt_facts: LanguagePromptFacts | None = None
