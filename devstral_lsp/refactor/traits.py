"""What prompts say about each language.

Keys are the names of `devstral_lsp.languages`. A language without an entry counts as code of which
nothing is known: an action that needs a fact is not offered there.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from devstral_lsp.languages import get_language


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguagePromptFacts:
    """Facts in the words of an instruction; "" where the language has no such thing."""

    title: str
    """The language's usual name."""
    is_code: bool = True
    has_classes: bool = True
    async_style: str = ""
    """How a function becomes asynchronous."""
    annotations: str = ""
    """How optional type annotations are written."""
    error_handling: str = ""
    """How errors are reported and handled."""
    logging: str = ""
    """What to log with if the file does not show it."""
    constant: str = ""
    """How a constant is declared and named."""


_JAVASCRIPT_FAILURES = (
    "Throw `Error` objects, with `cause` where one error leads to another; catch only what can be "
    "handled here, and let no promise go unhandled."
)
_JAVASCRIPT_ASYNC = "Use `async` and `await`; the function then returns a promise."

_TRAITS = {
    "python": LanguagePromptFacts(
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
    "javascript": LanguagePromptFacts(
        title="JavaScript",
        async_style=_JAVASCRIPT_ASYNC,
        error_handling=_JAVASCRIPT_FAILURES,
        logging="Use the logger that the file imports; `console` only if there is none.",
        constant="a `const` in UPPER_CASE at module level",
    ),
    "typescript": LanguagePromptFacts(
        title="TypeScript",
        async_style=_JAVASCRIPT_ASYNC,
        annotations="Annotate parameters and results; no `any`: use `unknown`, unions or generics "
        "where a type is open, and the file's own types where they fit.",
        error_handling=_JAVASCRIPT_FAILURES,
        logging="Use the logger that the file imports; `console` only if there is none.",
        constant="a `const` in UPPER_CASE at module level",
    ),
    "go": LanguagePromptFacts(
        title="Go",
        has_classes=False,
        error_handling="Return errors, wrapped with `%w` and what was being done; check each one, "
        "and do not panic.",
        logging="Use the logger that the file uses already, otherwise `log/slog` with attributes.",
        constant="a package-level `const` in MixedCaps, unexported",
    ),
    "rust": LanguagePromptFacts(
        title="Rust",
        has_classes=False,
        async_style="Use `async fn` and `.await`, with the runtime that the crate already depends "
        "on.",
        error_handling="Return `Result` and pass errors on by `?`; no `unwrap` or `expect` outside "
        "of what cannot fail, with the crate's own error type where it has one.",
        logging="Use the macros of `tracing` or `log`, whichever the crate depends on.",
        constant="a `const` with its type, in UPPER_CASE",
    ),
    "java": LanguagePromptFacts(
        title="Java",
        error_handling="Throw and catch specific exceptions, keep the cause, and use "
        "try-with-resources; never swallow one.",
        logging="Use the logger of the class; otherwise SLF4J with `{}` placeholders.",
        constant="a `private static final` field in UPPER_CASE",
    ),
    "c": LanguagePromptFacts(
        title="C",
        has_classes=False,
        error_handling="Check every return value that tells of a failure, free what has been taken "
        "on each way out, and report by the convention that the file has.",
        logging="Use the logging function or macro of the file; otherwise `fprintf(stderr, …)`.",
        constant="a `static const` or a macro in UPPER_CASE, whichever the file prefers",
    ),
    "cpp": LanguagePromptFacts(
        title="C++",
        error_handling="Report by exceptions or by return values, as the file does; own resources "
        "by RAII so that nothing leaks on any way out.",
        logging="Use the logging library or macro of the file; otherwise `std::cerr`.",
        constant="a `constexpr` constant, named as the file names its constants",
    ),
    "csharp": LanguagePromptFacts(
        title="C#",
        async_style="Use `async Task` and `await`, end the name in `Async` only if callers are in "
        "the selection, and pass a `CancellationToken` on where one is at hand.",
        error_handling="Throw and catch specific exceptions, rethrow by `throw;`, and use `using` "
        "for what must be disposed of.",
        logging="Use the injected `ILogger` with message templates.",
        constant="a `private const` in PascalCase",
    ),
    "php": LanguagePromptFacts(
        title="PHP",
        annotations="Declare parameter, return and property types; use nullable and union types "
        "where the project's PHP allows them, and PHPDoc only for what types cannot say.",
        error_handling="Throw and catch specific exceptions, keep the previous one, and use "
        "`finally` to release.",
        logging="Use the PSR-3 logger of the class, with placeholders in the message.",
        constant="a `private const` in UPPER_CASE, or `const` at file level",
    ),
    "kotlin": LanguagePromptFacts(
        title="Kotlin",
        async_style="Use `suspend` functions and structured concurrency; switch the dispatcher "
        "around blocking calls.",
        error_handling="Use nullable types or `Result` for what is expected, specific exceptions "
        "otherwise, and `use` for resources; never catch `CancellationException`.",
        logging="Use the logger of the file, with lazily built messages.",
        constant="a `private const val` in UPPER_CASE",
    ),
    "swift": LanguagePromptFacts(
        title="Swift",
        async_style="Use `async` and `await`, with structured tasks.",
        error_handling="Use `throws` with an error type that says what went wrong, `guard` for "
        "early exits and `defer` to release; no `try!` and no forced unwrapping.",
        logging="Use `Logger` of `os`, or what the file uses already.",
        constant="a `private let` in lowerCamelCase",
    ),
    "scala": LanguagePromptFacts(
        title="Scala",
        async_style="Return a `Future`, or the effect type that the file uses.",
        error_handling="Use `Either`, `Try` or the effect type of the file for what is expected.",
        logging="Use the logger of the class.",
        constant="a `val` in UpperCamelCase of the companion object",
    ),
    "dart": LanguagePromptFacts(
        title="Dart",
        async_style="Use `async` and `await`; the function then returns a `Future`.",
        error_handling="Throw `Exception`s, catch them by type with `on`, and `rethrow` to pass "
        "on.",
        logging="Use `package:logging` or what the file uses already.",
        constant="a `const` in lowerCamelCase",
    ),
    "ruby": LanguagePromptFacts(
        title="Ruby",
        error_handling="Rescue specific errors, never `Exception`; use `ensure` to release, and "
        "raise with a message that says what was being done.",
        logging="Use the logger of the file or of the framework, with a block for costly messages.",
        constant="a constant in UPPER_CASE, frozen where it can change",
    ),
    "lua": LanguagePromptFacts(
        title="Lua",
        has_classes=False,
        error_handling="Return `nil` and a message for what is expected, use `error` and `pcall` "
        "for the rest, as the file does.",
        logging="Use the logging function of the file; otherwise `io.stderr:write`.",
        constant="a `local` in UPPER_CASE at the top of the file",
    ),
    "shellscript": LanguagePromptFacts(
        title="shell",
        has_classes=False,
        error_handling="Check exit codes, quote expansions, clean up by `trap`, write messages to "
        "standard error, and end with a code other than 0.",
        logging="Write to standard error, by the function that the script has for it if any.",
        constant="a `readonly` variable in UPPER_CASE",
    ),
    "elixir": LanguagePromptFacts(
        title="Elixir",
        has_classes=False,
        error_handling="Return `{:ok, value}` and `{:error, reason}` and chain by `with`; raise "
        "only for bugs.",
        logging="Use `Logger` with metadata.",
        constant="a module attribute",
    ),
    "haskell": LanguagePromptFacts(title="Haskell", has_classes=False),
    "sql": LanguagePromptFacts(title="SQL", has_classes=False),
    "makefile": LanguagePromptFacts(title="Make", has_classes=False),
    "dockerfile": LanguagePromptFacts(title="Dockerfile", has_classes=False),
    "html": LanguagePromptFacts(title="HTML", is_code=False, has_classes=False),
    "css": LanguagePromptFacts(title="CSS", is_code=False, has_classes=False),
    "json": LanguagePromptFacts(title="JSON", is_code=False, has_classes=False),
    "yaml": LanguagePromptFacts(title="YAML", is_code=False, has_classes=False),
    "toml": LanguagePromptFacts(title="TOML", is_code=False, has_classes=False),
    "markdown": LanguagePromptFacts(title="Markdown", is_code=False, has_classes=False),
}
TRAITS = MappingProxyType(_TRAITS)

_PROSE = frozenset({"plaintext", "text", "latex", "tex", "restructuredtext", "git-commit", "log"})


def traits_of(language_id: str) -> LanguagePromptFacts:
    """The facts for an LSP language id; those of unknown code for one that is not listed."""
    known = TRAITS.get(get_language(language_id).name)
    if known is not None:
        return known
    is_code = language_id.lower() not in _PROSE and bool(language_id)
    return LanguagePromptFacts(
        title=language_id or "plain text", is_code=is_code, has_classes=False
    )
