"""What an action has to know of a language before it asks for a change in it.

Keys are the names of `devstral_lsp.languages`. A language without an entry counts as code of which
nothing is known: what needs a trait is not offered there.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from devstral_lsp.languages import language_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """Facts in the words of an instruction; "" where the language has no such thing."""

    title: str
    """What people call the language."""
    is_code: bool = True
    has_classes: bool = True
    asynchrony: str = ""
    """How a function becomes asynchronous."""
    annotations: str = ""
    """How types are written where they may be left out."""
    failures: str = ""
    """How errors are told and handled."""
    logging: str = ""
    """What log lines are written with where the file does not show another habit."""
    constant: str = ""
    """How a constant is declared and named."""


_JAVASCRIPT_FAILURES = (
    "Throw `Error` objects, with `cause` where one error leads to another; catch only what can be "
    "handled here, and let no promise go unhandled."
)
_JAVASCRIPT_ASYNC = "Use `async` and `await`; the function then returns a promise."

_TRAITS = {
    "python": Traits(
        title="Python",
        asynchrony="Use `async def` and `await`; replace blocking calls by awaitable ones of the "
        "libraries that the file already uses, or by `asyncio.to_thread`.",
        annotations="Annotate all parameters and the result as PEP 484 has it; prefer built-in "
        "generics and `X | None` where the project's Python allows it, and abstract types from "
        "`collections.abc` for parameters.",
        failures="Raise and catch the narrowest exceptions that fit, never a bare `except`; chain "
        "with `raise … from`, and release what is held by `with`.",
        logging="Use the module's own `logging.getLogger(__name__)`, with `%s` arguments instead "
        "of formatted strings, and `logger.exception` only within a handler.",
        constant="a module-level name in UPPER_CASE",
    ),
    "javascript": Traits(
        title="JavaScript",
        asynchrony=_JAVASCRIPT_ASYNC,
        failures=_JAVASCRIPT_FAILURES,
        logging="Use the logger that the file imports; `console` only if there is none.",
        constant="a `const` in UPPER_CASE at module level",
    ),
    "typescript": Traits(
        title="TypeScript",
        asynchrony=_JAVASCRIPT_ASYNC,
        annotations="Annotate parameters and results; no `any`: use `unknown`, unions or generics "
        "where a type is open, and the file's own types where they fit.",
        failures=_JAVASCRIPT_FAILURES,
        logging="Use the logger that the file imports; `console` only if there is none.",
        constant="a `const` in UPPER_CASE at module level",
    ),
    "go": Traits(
        title="Go",
        has_classes=False,
        failures="Return errors, wrapped with `%w` and what was being done; check each one, and "
        "do not panic.",
        logging="Use the logger that the file uses already, otherwise `log/slog` with attributes.",
        constant="a package-level `const` in MixedCaps, unexported",
    ),
    "rust": Traits(
        title="Rust",
        has_classes=False,
        asynchrony="Use `async fn` and `.await`, with the runtime that the crate already depends "
        "on.",
        failures="Return `Result` and pass errors on by `?`; no `unwrap` or `expect` outside of "
        "what cannot fail, with the crate's own error type where it has one.",
        logging="Use the macros of `tracing` or `log`, whichever the crate depends on.",
        constant="a `const` with its type, in UPPER_CASE",
    ),
    "java": Traits(
        title="Java",
        failures="Throw and catch specific exceptions, keep the cause, and use "
        "try-with-resources; never swallow one.",
        logging="Use the logger of the class; otherwise SLF4J with `{}` placeholders.",
        constant="a `private static final` field in UPPER_CASE",
    ),
    "c": Traits(
        title="C",
        has_classes=False,
        failures="Check every return value that tells of a failure, free what has been taken on "
        "each way out, and report by the convention that the file has.",
        logging="Use the logging function or macro of the file; otherwise `fprintf(stderr, …)`.",
        constant="a `static const` or a macro in UPPER_CASE, whichever the file prefers",
    ),
    "cpp": Traits(
        title="C++",
        failures="Report by exceptions or by return values, as the file does; own resources by "
        "RAII so that nothing leaks on any way out.",
        logging="Use the logging library or macro of the file; otherwise `std::cerr`.",
        constant="a `constexpr` constant, named as the file names its constants",
    ),
    "csharp": Traits(
        title="C#",
        asynchrony="Use `async Task` and `await`, end the name in `Async` only if callers are in "
        "the selection, and pass a `CancellationToken` on where one is at hand.",
        failures="Throw and catch specific exceptions, rethrow by `throw;`, and use `using` for "
        "what must be disposed of.",
        logging="Use the injected `ILogger` with message templates.",
        constant="a `private const` in PascalCase",
    ),
    "php": Traits(
        title="PHP",
        annotations="Declare parameter, return and property types; use nullable and union types "
        "where the project's PHP allows them, and PHPDoc only for what types cannot say.",
        failures="Throw and catch specific exceptions, keep the previous one, and use `finally` "
        "to release.",
        logging="Use the PSR-3 logger of the class, with placeholders in the message.",
        constant="a `private const` in UPPER_CASE, or `const` at file level",
    ),
    "kotlin": Traits(
        title="Kotlin",
        asynchrony="Use `suspend` functions and structured concurrency; switch the dispatcher "
        "around blocking calls.",
        failures="Use nullable types or `Result` for what is expected, specific exceptions "
        "otherwise, and `use` for resources; never catch `CancellationException`.",
        logging="Use the logger of the file, with lazily built messages.",
        constant="a `private const val` in UPPER_CASE",
    ),
    "swift": Traits(
        title="Swift",
        asynchrony="Use `async` and `await`, with structured tasks.",
        failures="Use `throws` with an error type that says what went wrong, `guard` for early "
        "exits and `defer` to release; no `try!` and no forced unwrapping.",
        logging="Use `Logger` of `os`, or what the file uses already.",
        constant="a `private let` in lowerCamelCase",
    ),
    "scala": Traits(
        title="Scala",
        asynchrony="Return a `Future`, or the effect type that the file uses.",
        failures="Use `Either`, `Try` or the effect type of the file for what is expected.",
        logging="Use the logger of the class.",
        constant="a `val` in UpperCamelCase of the companion object",
    ),
    "dart": Traits(
        title="Dart",
        asynchrony="Use `async` and `await`; the function then returns a `Future`.",
        failures="Throw `Exception`s, catch them by type with `on`, and `rethrow` to pass on.",
        logging="Use `package:logging` or what the file uses already.",
        constant="a `const` in lowerCamelCase",
    ),
    "ruby": Traits(
        title="Ruby",
        failures="Rescue specific errors, never `Exception`; use `ensure` to release, and raise "
        "with a message that says what was being done.",
        logging="Use the logger of the file or of the framework, with a block for costly messages.",
        constant="a constant in UPPER_CASE, frozen where it can change",
    ),
    "lua": Traits(
        title="Lua",
        has_classes=False,
        failures="Return `nil` and a message for what is expected, use `error` and `pcall` for the "
        "rest, as the file does.",
        logging="Use the logging function of the file; otherwise `io.stderr:write`.",
        constant="a `local` in UPPER_CASE at the top of the file",
    ),
    "shellscript": Traits(
        title="shell",
        has_classes=False,
        failures="Check exit codes, quote expansions, clean up by `trap`, write messages to "
        "standard error, and end with a code other than 0.",
        logging="Write to standard error, by the function that the script has for it if any.",
        constant="a `readonly` variable in UPPER_CASE",
    ),
    "elixir": Traits(
        title="Elixir",
        has_classes=False,
        failures="Return `{:ok, value}` and `{:error, reason}` and chain by `with`; raise only for "
        "bugs.",
        logging="Use `Logger` with metadata.",
        constant="a module attribute",
    ),
    "haskell": Traits(title="Haskell", has_classes=False),
    "sql": Traits(title="SQL", has_classes=False),
    "makefile": Traits(title="Make", has_classes=False),
    "dockerfile": Traits(title="Dockerfile", has_classes=False),
    "html": Traits(title="HTML", is_code=False, has_classes=False),
    "css": Traits(title="CSS", is_code=False, has_classes=False),
    "json": Traits(title="JSON", is_code=False, has_classes=False),
    "yaml": Traits(title="YAML", is_code=False, has_classes=False),
    "toml": Traits(title="TOML", is_code=False, has_classes=False),
    "markdown": Traits(title="Markdown", is_code=False, has_classes=False),
}
TRAITS = MappingProxyType(_TRAITS)

_PROSE = frozenset({"plaintext", "text", "latex", "tex", "restructuredtext", "git-commit", "log"})


def traits_of(language_id: str) -> Traits:
    """The traits for an LSP language id; those of unknown code for one that is not listed."""
    known = TRAITS.get(language_of(language_id).name)
    if known is not None:
        return known
    is_code = language_id.lower() not in _PROSE and bool(language_id)
    return Traits(title=language_id or "plain text", is_code=is_code, has_classes=False)
