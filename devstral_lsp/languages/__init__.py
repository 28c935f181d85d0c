"""Facts about programming languages that need no parser: how a comment starts, what opens a block.

Keys are LSP language ids. A language that is not listed gets `PLAIN_TEXT`: no comment marker,
blocks by indentation. Knows no document and no model; `context/` holds what needs a grammar.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """What can be said of a language by looking at single lines."""

    name: str
    line_comment: str = ""
    """Marker of a comment to the end of the line; empty where there is none."""
    block_comment: tuple[str, str] | None = None
    quotes: tuple[str, ...] = ('"', "'")
    braces: bool = True
    """Blocks stand in braces. Otherwise they go by indentation, or by `end` words."""
    block_start_token: str = ""
    """What ends a line that opens a block where braces do not: ":" in Python."""
    block_end_keywords: tuple[str, ...] = ()
    """Words that close a block on a line of their own: `end`, `fi`, `done`."""
    top_level_keywords: tuple[str, ...] = ()
    """Words that start a new top-level unit at column 0, where a completion should have ended."""


_C_FAMILY = ("//", ("/*", "*/"))
_JS_DECLARATIONS = (
    *("function ", "class ", "export ", "import ", "const "),
    *("let ", "interface ", "type "),
)

PLAIN_TEXT = Language(name="plain", braces=False)


def _c(name: str, *declarations: str, quotes: tuple[str, ...] = ('"', "'")) -> Language:
    comment, block = _C_FAMILY
    return Language(
        name=name,
        line_comment=comment,
        block_comment=block,
        quotes=quotes,
        top_level_keywords=declarations,
    )


_JS_QUOTES = ('"', "'", "`")

LANGUAGES: dict[str, Language] = {
    language.name: language
    for language in (
        Language(
            name="python",
            line_comment="#",
            quotes=('"""', "'''", '"', "'"),
            braces=False,
            block_start_token=":",
            top_level_keywords=(
                "def ",
                "class ",
                "async def ",
                "@",
                "import ",
                "from ",
                "if __name__",
            ),
        ),
        _c("javascript", *_JS_DECLARATIONS, quotes=_JS_QUOTES),
        _c("typescript", *_JS_DECLARATIONS, quotes=_JS_QUOTES),
        _c("go", "func ", "type ", "var ", "const ", "package ", "import ", quotes=('"', "`", "'")),
        _c("rust", "fn ", "pub ", "impl ", "struct ", "enum ", "mod ", "use ", "trait ", "#["),
        _c("java", "public ", "class ", "import ", "package ", "interface "),
        _c("c", "static ", "int ", "void ", "struct ", "#include", "#define", "typedef "),
        _c("cpp", "static ", "int ", "void ", "struct ", "class ", "namespace ", "template"),
        _c("csharp", "using ", "namespace ", "public ", "class "),
        _c("php", "function ", "class ", "namespace ", "use "),
        _c("kotlin", "fun ", "class ", "import ", "package ", "val "),
        _c("swift", "func ", "class ", "struct ", "import ", "extension "),
        _c("scala", "def ", "class ", "object ", "import ", "package "),
        _c("dart", "class ", "import ", "void "),
        Language(
            name="ruby",
            line_comment="#",
            braces=False,
            block_end_keywords=("end",),
            top_level_keywords=("def ", "class ", "module ", "require "),
        ),
        Language(
            name="lua",
            line_comment="--",
            block_comment=("--[[", "]]"),
            braces=False,
            block_end_keywords=("end", "until"),
            top_level_keywords=("function ", "local function ", "return "),
        ),
        Language(
            name="shellscript",
            line_comment="#",
            braces=False,
            block_end_keywords=("fi", "done", "esac", "}"),
            top_level_keywords=("function ",),
        ),
        Language(name="html", block_comment=("<!--", "-->"), braces=False),
        Language(name="css", block_comment=("/*", "*/")),
        Language(name="json", quotes=('"',)),
        Language(name="yaml", line_comment="#", braces=False, block_start_token=":"),
        Language(name="toml", line_comment="#", braces=False),
        Language(name="markdown", block_comment=("<!--", "-->"), braces=False, quotes=()),
        Language(name="sql", line_comment="--", block_comment=("/*", "*/"), braces=False),
        Language(name="haskell", line_comment="--", block_comment=("{-", "-}"), braces=False),
        Language(name="elixir", line_comment="#", braces=False, block_end_keywords=("end",)),
        Language(name="makefile", line_comment="#", braces=False),
        Language(name="dockerfile", line_comment="#", braces=False),
    )
}

_ALIASES = {
    "javascriptreact": "javascript",
    "typescriptreact": "typescript",
    "jsx": "javascript",
    "tsx": "typescript",
    "js": "javascript",
    "ts": "typescript",
    "py": "python",
    "sh": "shellscript",
    "bash": "shellscript",
    "zsh": "shellscript",
    "c++": "cpp",
    "c#": "csharp",
    "cs": "csharp",
    "jsonc": "json",
    "scss": "css",
    "less": "css",
    "golang": "go",
    "rs": "rust",
}

_SUFFIXES = {
    ".py": "python", ".pyi": "python", ".js": "javascript", ".mjs": "javascript",
    ".cjs": "javascript", ".jsx": "javascriptreact", ".ts": "typescript", ".mts": "typescript",
    ".tsx": "typescriptreact", ".go": "go", ".rs": "rust", ".java": "java", ".c": "c", ".h": "c",
    ".cc": "cpp", ".cpp": "cpp", ".cxx": "cpp", ".hpp": "cpp", ".hh": "cpp", ".cs": "csharp",
    ".php": "php", ".kt": "kotlin", ".swift": "swift", ".scala": "scala", ".dart": "dart",
    ".rb": "ruby", ".lua": "lua", ".sh": "shellscript", ".bash": "shellscript", ".html": "html",
    ".htm": "html", ".css": "css", ".scss": "css", ".json": "json", ".yaml": "yaml", ".yml": "yaml",
    ".toml": "toml", ".md": "markdown", ".sql": "sql", ".hs": "haskell", ".ex": "elixir",
    ".exs": "elixir", ".mk": "makefile",
}  # fmt: skip

_OWN_RIGHT = frozenset({"scss", "less", "jsonc"})
"""Languages that share the facts of another, and are not meant by its name."""

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
"""Language ids of LSP and of editors of which no facts are listed here."""

_LONGEST_ID = 40
_ALIKE = 0.82
"""Ids that real languages have are less alike than this, a slip and its word are more."""


def get_language(language_id: str) -> Language:
    """The facts for an LSP language id; `PLAIN_TEXT` for one that is not known."""
    name = language_id.lower()
    return LANGUAGES.get(_ALIASES.get(name, name), PLAIN_TEXT)


def language_id_of_path(path: str) -> str:
    """The LSP language id that an editor would give a file of this name, "plaintext" if none."""
    name = path.rsplit("/", 1)[-1].lower()
    if name in ("makefile", "dockerfile"):
        return name
    dot = name.rfind(".")
    return _SUFFIXES.get(name[dot:], "plaintext") if dot >= 0 else "plaintext"


def file_extension(language_id: str) -> str:
    """The usual suffix of a file in this language, with its dot; "" if none is known."""
    name = language_id.lower()
    names = (name, _ALIASES.get(name, name))
    return next((suffix for each in names for suffix, id_ in _SUFFIXES.items() if id_ == each), "")


def language_ids_of_word(word: str) -> tuple[str, ...]:
    """The LSP language ids that a user means by "Python", "py", "*.py", "C++" or "golang".

    The first is the word itself, in lower case, since some editors have such ids of their own.
    """
    name = word.strip().lower().removeprefix("*").removeprefix(".")
    if name in _OWN_RIGHT:
        return (name,)
    meant = _SUFFIXES.get(f".{name}") or _ALIASES.get(name) or name
    return tuple(dict.fromkeys((name, meant)))


def misspelt_language(word: str) -> str:
    """The language id that `word` is most likely a slip of, such as "pyhton"; empty if none."""
    (name, *meant) = language_ids_of_word(word)
    ids = {*LANGUAGES, *_FURTHER_IDS, *_SUFFIXES.values(), "javascriptreact", "typescriptreact"}
    if meant or name in ids or name in _ALIASES or len(name) > _LONGEST_ID:
        return ""
    from difflib import get_close_matches  # not at start-up: most people mistype nothing

    close = get_close_matches(name, sorted(ids), n=1, cutoff=_ALIKE)
    return close[0] if close else ""
