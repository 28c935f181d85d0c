"""Bring code up to what is usual in the language version that the project targets.

The table says where a project names that version, what to assume if it does not, and what is out of
date. Offered for the languages in the table.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from devstral_lsp.languages import get_language
from devstral_lsp.refactor.action import KEEP, REWRITE, Action, Project
from devstral_lsp.refactor.selection_context import SelectionContext
from devstral_lsp.refactor.types import ActionOffer, ModelTask
from devstral_lsp.text import Snapshot


class _Age(NamedTuple):
    version: str
    """Where the project says it."""
    floor: str
    """What any project may be assumed to have."""
    replace: str
    """What gives way to what."""


_JAVASCRIPT = (
    "`var` by `const` and `let`, string concatenation by template literals, `arguments` and "
    "`apply` by rest and spread, `a && a.b` by `?.`, `||` for defaults by `??` where 0 and empty "
    "strings are values, prototype juggling by classes, chains of `then` by `await`"
)
_AGES = {
    "python": _Age(
        "the lowest Python that `requires-python` allows",
        "Python 3.9",
        "`%` and `str.format` by f-strings, `typing.List` and its like by built-in generics, "
        "`Optional[X]` by `X | None` from 3.10, `os.path` by `pathlib`, old-style `super(C, self)` "
        "and `class C(object)`, hand-written `__init__` of plain records by dataclasses, chains "
        "over types and shapes by `match` from 3.10",
    ),
    "javascript": _Age("the Node.js of `engines`, or the build's target", "ES2020", _JAVASCRIPT),
    "typescript": _Age(
        "the `typescript` of package.json and the `target` of tsconfig.json",
        "TypeScript 4.9 with ES2020",
        f"{_JAVASCRIPT}, `any` by `unknown` or a proper type, `namespace` by modules, casts in "
        "angle brackets by `as` or better by `satisfies`, enums of strings by unions only if they "
        "are not exported",
    ),
    "go": _Age(
        "the `go` line of go.mod",
        "Go 1.18",
        "`interface{}` by `any`, `ioutil` by `os` and `io`, hand-written searches and sorts by "
        "`slices` and `maps` from 1.21, `min` and `max` by the built-in ones from 1.21, counting "
        "loops by `range n` from 1.22, comparing errors with `==` by `errors.Is` and `errors.As`",
    ),
    "rust": _Age(
        "`edition` and `rust-version` of Cargo.toml",
        "the 2021 edition",
        "`try!` by `?`, nested `match` by `let … else` and `if let`, arguments of `format!` by "
        "captured names, `extern crate`, `lazy_static` and `once_cell` by `OnceLock` and "
        "`LazyLock` where the version has them, index loops by iterators",
    ),
    "java": _Age(
        "the `release` or `source` of the Maven or Gradle build",
        "Java 11",
        "anonymous classes by lambdas, `instanceof` with a cast by patterns from 16, string blocks "
        "by text blocks from 15, `switch` statements by expressions from 14, plain data classes by "
        "records from 16 unless they are exposed, `Date` and `Calendar` by `java.time`, `new "
        "Integer` and its like by `valueOf`",
    ),
    "c": _Age(
        "the `-std` or `C_STANDARD` of the build",
        "C99",
        "declarations at the top by declarations at first use, `int` flags by `bool`, casts of "
        "`malloc`, structs that are filled field by field by designated initialisers, unbounded "
        "string functions by bounded ones",
    ),
    "cpp": _Age(
        "the `-std` or `CXX_STANDARD` of the build",
        "C++17",
        "raw owning pointers by smart ones, `NULL` by `nullptr`, iterator loops by range-based "
        "`for`, `typedef` by `using`, output parameters by returned values, hand-written loops by "
        "algorithms where these read better",
    ),
    "csharp": _Age(
        "`LangVersion` and `TargetFramework` of the project file",
        "C# 8",
        "null checks by `?.`, `??` and patterns, `string.Format` by interpolation, `switch` "
        "statements by expressions, `using` blocks by declarations, nested namespaces by "
        "file-scoped ones from 10, plain data classes by records from 9 unless they are exposed",
    ),
    "php": _Age(
        "`require.php` of composer.json",
        "PHP 7.4",
        "`array()` by `[]`, `isset` with a ternary by `??`, PHPDoc types by declared ones, "
        "`switch` by `match` from 8.0, constructors that only assign by promotion from 8.0, class "
        "constants that form a set by enums from 8.1 unless they are exposed",
    ),
    "ruby": _Age(
        "`required_ruby_version` or .ruby-version",
        "Ruby 2.7",
        "hash rockets with symbol keys, `&&` chains by `&.`, option hashes by keyword arguments in "
        "private methods, hand-written accessors by `attr_*`, case chains over shapes by pattern "
        "matching from 3.0",
    ),
    "kotlin": _Age(
        "the Kotlin plugin's version of the build",
        "Kotlin 1.6",
        "`!!` by safe calls, Java collections and loops by the standard library, `if` chains by "
        "`when`, static holders by top-level functions, string concatenation by templates",
    ),
    "swift": _Age(
        "`swift-tools-version`",
        "Swift 5.5",
        "completion handlers by `async` where callers are in the selection, nested `if let` by "
        "`guard`, `if let x = x` by the short form from 5.7, hand-written `==` by synthesised ones",
    ),
    "dart": _Age(
        "`environment.sdk` of pubspec.yaml",
        "Dart 2.12",
        "`new`, late checks for null by null safety, `List()` by literals, chains over types by "
        "patterns from 3.0",
    ),
    "scala": _Age(
        "`scalaVersion` of the build",
        "Scala 2.13",
        "`implicit` by `given` and `using` from 3, sealed hierarchies of values by `enum` from 3, "
        "procedure syntax, `null` by `Option`",
    ),
    "shellscript": _Age(
        "the shell of the first line",
        "POSIX `sh`, or bash 4 where the first line says bash",
        "backquotes by `$(…)`, `expr` by `$((…))`, `[ ]` by `[[ ]]` in bash only, `ls` in loops by "
        "globs, unquoted expansions",
    ),
}


def _find(place: SelectionContext) -> Sequence[ActionOffer]:
    target = place.target
    if target is None or place.language.name not in _AGES or not place.is_function(target):
        return []
    return [ActionOffer(title=f"Modernise {target.label}", span=target.span)]


def _model_task(offer: ActionOffer, snapshot: Snapshot, project: Project) -> ModelTask:
    ages = _AGES[get_language(snapshot.language).name]
    return ModelTask(
        instruction=(
            "Bring this code to what is idiomatic in the version of the language that the "
            f"project targets: {ages.version}, if you are told; otherwise use nothing newer "
            f"than {ages.floor}. Replace what is out of date, such as {ages.replace}. {KEEP} "
            "Change only what has a better form in that version, and leave the rest as it is."
        ),
        adds_imports=True,
    )


ACTION = Action("modernise", REWRITE, _find, _model_task)
