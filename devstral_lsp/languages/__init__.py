"""Facts about programming languages, found by LSP language id or file name.

`language.py` defines the fields, and one file per language their values. A language without a file
is `PLAIN_TEXT`: no comment marker, blocks by indentation.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from importlib import import_module

from devstral_lsp.languages.language import Dialect, Grammar, Language, LanguagePromptFacts

__all__ = [
    "PLAIN_TEXT",
    "Language",
    "Registry",
    "edited_language_id",
    "file_extension",
    "get_language",
    "grammar_of",
    "language_id_of_path",
    "language_ids_of_word",
    "misspelt_language",
    "prompt_facts_of",
    "registry",
]

PLAIN_TEXT = Language(
    name="plain",
    braces=False,
    paragraph_start=re.compile(r"\[[^\[\]\n]++\]$"),
    has_lone_brackets=True,
)

_MODULES = (
    "python",
    "javascript",
    "typescript",
    "go",
    "rust",
    "java",
    "c",
    "cpp",
    "csharp",
    "php",
    "kotlin",
    "swift",
    "scala",
    "dart",
    "ruby",
    "lua",
    "shellscript",
    "html",
    "css",
    "json",
    "yaml",
    "toml",
    "markdown",
    "sql",
    "haskell",
    "elixir",
    "makefile",
    "dockerfile",
)
"""The modules of this folder that define a language; the value has the module's name in upper
case."""

_FURTHER_IDS = frozenset(
    (  # noqa: SIM905 (they would fill the screen as a list)
        "abap ada angular apex arduino asciidoc asm astro awk bat bibtex bicep blade clojure "
        "cmake cobol coffeescript conf crystal csv cuda cuda-cpp cython d delphi diff dotenv "
        "ejs elm erb erlang fennel fish forth fortran fsharp gdscript git-commit git-rebase "
        "gitcommit gitignore gitrebase gleam glsl graphql groovy haml handlebars haxe hcl heex "
        "hjson hlsl html5 http hxml ini jade java-properties jinja json5 jsonl jsonnet julia "
        "just kdl latex lean liquid lisp livescript llvm log luau matlab mdx meson mojo mysql "
        "nasm nginx nim ninja nix nunjucks objc objcpp objective-c objective-cpp objectivec "
        "ocaml odin org pascal perl perl6 pgsql plaintext plsql po postcss postscript "
        "powershell prisma prolog properties proto protobuf puppet purescript qml r racket raku "
        "razor reason rescript restructuredtext rmd robot rst sass scheme sed shaderlab slim "
        "solidity sparql starlark stylus sv svelte svg systemd systemverilog tcl terraform tex "
        "text text.html tmux tsv twig typoscript typst v vala vb verilog vhdl vim viml vue wasm "
        "wgsl wit xhtml xml xsl xslt yang zig "
    ).split()
)
"""Language ids of LSP and of editors without facts here."""

_PROSE = frozenset({"plaintext", "text", "latex", "tex", "restructuredtext", "git-commit", "log"})
"""Language ids of texts that are not code."""

_PROSE_SUFFIXES = frozenset({"txt", "tex", "rst", "log", "adoc", "asciidoc", "org", "csv", "tsv"})
_MAX_ID_LENGTH = 40
_ALIKE = 0.82
"""Similarity above which a word is a misspelling; the ids of real languages are less similar."""


class Registry:
    """Finds languages by id, alias, extension or file name."""

    def __init__(self, languages: Iterable[Language]) -> None:
        self.languages = tuple(languages)
        self._by_id: dict[str, tuple[Language, Dialect | None]] = {}
        self._id_of_name: dict[str, str] = {}
        for language in self.languages:
            for id_ in (language.name, *language.aliases):
                self._by_id[id_] = (language, None)
            for name in (*language.extensions, *language.file_names):
                self._id_of_name[name] = language.name
            for dialect in language.dialects:
                for id_ in (dialect.id, *dialect.aliases):
                    self._by_id[id_] = (language, dialect)
                for name in dialect.extensions:
                    self._id_of_name[name] = dialect.id

    @property
    def ids(self) -> frozenset[str]:
        """The LSP language ids, without aliases."""
        dialects = (dialect.id for each in self.languages for dialect in each.dialects)
        return frozenset((*(each.name for each in self.languages), *dialects))

    def find(self, language_id: str) -> tuple[Language, Dialect | None]:
        """The language with this id or alias, and the dialect that the id names."""
        return self._by_id.get(language_id.lower(), (PLAIN_TEXT, None))

    def id_of_name(self, name: str) -> str | None:
        """The language id for an extension with its dot, or for a whole file name."""
        return self._id_of_name.get(name)


@cache
def registry() -> Registry:
    """All languages, loaded on first use and never at start-up."""
    modules = (import_module(f"{__name__}.{name}") for name in _MODULES)
    return Registry(vars(each)[each.__name__.rpartition(".")[2].upper()] for each in modules)


def get_language(language_id: str) -> Language:
    """The facts for an LSP language id; `PLAIN_TEXT` if it is unknown."""
    return registry().find(language_id)[0]


def grammar_of(language_id: str) -> Grammar | None:
    """The grammar that parses texts with this language id; None if there is none."""
    language, dialect = registry().find(language_id)
    return language.grammar if dialect is None else dialect.grammar


def prompt_facts_of(language_id: str) -> LanguagePromptFacts:
    """What prompts say about a language; for an unknown one, whether it is code or prose."""
    known = get_language(language_id).prompt_facts
    if known is not None:
        return known
    return LanguagePromptFacts(
        title=language_id or "plain text",
        is_code=bool(language_id) and language_id.lower() not in _PROSE,
        has_classes=False,
    )


def language_id_of_path(path: str) -> str:
    """The LSP language id that an editor would give a file of this name, "plaintext" if none."""
    name = path.rpartition("/")[2].lower()
    dot = name.rfind(".")
    known = registry().id_of_name(name) or (registry().id_of_name(name[dot:]) if dot >= 0 else None)
    return known or "plaintext"


def edited_language_id(path: str) -> str:
    """The same for a file that is edited: of an unknown one that says so, its suffix.

    Code is checked more strictly than prose, so ".proto" must not count as the latter.
    """
    known, (stem, _, suffix) = language_id_of_path(path), path.rpartition(".")
    is_told = known != "plaintext" or not stem or suffix.lower() in _PROSE_SUFFIXES
    return known if is_told or "/" in suffix else suffix.lower()


def file_extension(language_id: str) -> str:
    """The usual suffix of a file in this language, with its dot; "" if unknown."""
    language, dialect = registry().find(language_id)
    return next(iter((*(dialect.extensions if dialect else ()), *language.extensions)), "")


def language_ids_of_word(word: str) -> tuple[str, ...]:
    """The LSP language ids that a user means by "Python", "py", "*.py", "C++" or "golang".

    The first is the word itself in lower case, because some editors define their own ids.
    """
    name = word.strip().lower().removeprefix("*").removeprefix(".")
    language, dialect = registry().find(name)
    if dialect is not None and dialect.is_separate:
        return (name,)
    known = name if language is PLAIN_TEXT else language.name
    return tuple(dict.fromkeys((name, registry().id_of_name(f".{name}") or known)))


def misspelt_language(word: str) -> str:
    """The language id of which `word` is most probably a misspelling, such as "pyhton"; "" if
    none."""
    (name, *meant) = language_ids_of_word(word)
    ids = registry().ids | _FURTHER_IDS
    if meant or name in ids or len(name) > _MAX_ID_LENGTH:
        return ""
    from difflib import get_close_matches  # not at start-up: most users misspell nothing

    close = get_close_matches(name, sorted(ids), n=1, cutoff=_ALIKE)
    return close[0] if close else ""
