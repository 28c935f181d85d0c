"""Bring code to what is usual in the language's version that the project says it has.

What a version is called, where a project says it, what may be used if none is said, and what is
out of date is a table. Offered for what the table knows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from devstral_lsp.languages import get_language
from devstral_lsp.refactor.rewrite_action import KEEP, REWRITE, is_function
from devstral_lsp.refactor.selection_context import SelectionContext
from devstral_lsp.refactor.types import ActionOffer, ModelTask, Project
from devstral_lsp.text import Snapshot


@dataclass(frozen=True, slots=True)
class IdiomAge:
    """`floor` is what any project may be taken to have; `replace`, what should give way to what."""

    version: str
    floor: str
    replace: str


_JAVASCRIPT = (
    "`var` by `const` and `let`, string concatenation by template literals, `arguments` and "
    "`apply` by rest and spread, `a && a.b` by `?.`, `||` for defaults by `??` where 0 and empty "
    "strings are values, prototype juggling by classes, chains of `then` by `await`"
)
_AGES = {
    "python": IdiomAge(
        "the lowest Python that `requires-python` allows",
        "Python 3.9",
        "`%` and `str.format` by f-strings, `typing.List` and its like by built-in generics, "
        "`Optional[X]` by `X | None` from 3.10, `os.path` by `pathlib`, old-style `super(C, self)` "
        "and `class C(object)`, hand-written `__init__` of plain records by dataclasses, chains "
        "over types and shapes by `match` from 3.10",
    ),
    "javascript": IdiomAge(
        "the Node.js of `engines`, or the build's target", "ES2020", _JAVASCRIPT
    ),
    "typescript": IdiomAge(
        "the `typescript` of package.json and the `target` of tsconfig.json",
        "TypeScript 4.9 with ES2020",
        f"{_JAVASCRIPT}, `any` by `unknown` or a proper type, `namespace` by modules, casts in "
        "angle brackets by `as` or better by `satisfies`, enums of strings by unions only if they "
        "are not exported",
    ),
    "go": IdiomAge(
        "the `go` line of go.mod",
        "Go 1.18",
        "`interface{}` by `any`, `ioutil` by `os` and `io`, hand-written searches and sorts by "
        "`slices` and `maps` from 1.21, `min` and `max` by the built-in ones from 1.21, counting "
        "loops by `range n` from 1.22, comparing errors with `==` by `errors.Is` and `errors.As`",
    ),
    "rust": IdiomAge(
        "`edition` and `rust-version` of Cargo.toml",
        "the 2021 edition",
        "`try!` by `?`, nested `match` by `let … else` and `if let`, arguments of `format!` by "
        "captured names, `extern crate`, `lazy_static` and `once_cell` by `OnceLock` and "
        "`LazyLock` where the version has them, index loops by iterators",
    ),
    "java": IdiomAge(
        "the `release` or `source` of the Maven or Gradle build",
        "Java 11",
        "anonymous classes by lambdas, `instanceof` with a cast by patterns from 16, string blocks "
        "by text blocks from 15, `switch` statements by expressions from 14, plain data classes by "
        "records from 16 unless they are exposed, `Date` and `Calendar` by `java.time`, `new "
        "Integer` and its like by `valueOf`",
    ),
    "c": IdiomAge(
        "the `-std` or `C_STANDARD` of the build",
        "C99",
        "declarations at the top by declarations at first use, `int` flags by `bool`, casts of "
        "`malloc`, structs that are filled field by field by designated initialisers, unbounded "
        "string functions by bounded ones",
    ),
    "cpp": IdiomAge(
        "the `-std` or `CXX_STANDARD` of the build",
        "C++17",
        "raw owning pointers by smart ones, `NULL` by `nullptr`, iterator loops by range-based "
        "`for`, `typedef` by `using`, output parameters by returned values, hand-written loops by "
        "algorithms where these read better",
    ),
    "csharp": IdiomAge(
        "`LangVersion` and `TargetFramework` of the project file",
        "C# 8",
        "null checks by `?.`, `??` and patterns, `string.Format` by interpolation, `switch` "
        "statements by expressions, `using` blocks by declarations, nested namespaces by "
        "file-scoped ones from 10, plain data classes by records from 9 unless they are exposed",
    ),
    "php": IdiomAge(
        "`require.php` of composer.json",
        "PHP 7.4",
        "`array()` by `[]`, `isset` with a ternary by `??`, PHPDoc types by declared ones, "
        "`switch` by `match` from 8.0, constructors that only assign by promotion from 8.0, class "
        "constants that form a set by enums from 8.1 unless they are exposed",
    ),
    "ruby": IdiomAge(
        "`required_ruby_version` or .ruby-version",
        "Ruby 2.7",
        "hash rockets with symbol keys, `&&` chains by `&.`, option hashes by keyword arguments in "
        "private methods, hand-written accessors by `attr_*`, case chains over shapes by pattern "
        "matching from 3.0",
    ),
    "kotlin": IdiomAge(
        "the Kotlin plugin's version of the build",
        "Kotlin 1.6",
        "`!!` by safe calls, Java collections and loops by the standard library, `if` chains by "
        "`when`, static holders by top-level functions, string concatenation by templates",
    ),
    "swift": IdiomAge(
        "`swift-tools-version`",
        "Swift 5.5",
        "completion handlers by `async` where callers are in the selection, nested `if let` by "
        "`guard`, `if let x = x` by the short form from 5.7, hand-written `==` by synthesised ones",
    ),
    "dart": IdiomAge(
        "`environment.sdk` of pubspec.yaml",
        "Dart 2.12",
        "`new`, late checks for null by null safety, `List()` by literals, chains over types by "
        "patterns from 3.0",
    ),
    "scala": IdiomAge(
        "`scalaVersion` of the build",
        "Scala 2.13",
        "`implicit` by `given` and `using` from 3, sealed hierarchies of values by `enum` from 3, "
        "procedure syntax, `null` by `Option`",
    ),
    "shellscript": IdiomAge(
        "the shell of the first line",
        "POSIX `sh`, or bash 4 where the first line says bash",
        "backquotes by `$(…)`, `expr` by `$((…))`, `[ ]` by `[[ ]]` in bash only, `ls` in loops by "
        "globs, unquoted expansions",
    ),
}


@dataclass(frozen=True, slots=True)
class Modernise:
    """See the module."""

    name: str = "modernise"
    kind: str = REWRITE

    def offers(self, place: SelectionContext) -> Sequence[ActionOffer]:
        target = place.target
        if target is None or place.language.name not in _AGES or not is_function(place, target):
            return ()
        title = f"Modernise {target.label}"
        return (ActionOffer(action=self.name, title=title, kind=self.kind, span=target.span),)

    def model_task(self, offer: ActionOffer, snapshot: Snapshot, project: Project) -> ModelTask:
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


ACTION = Modernise()
