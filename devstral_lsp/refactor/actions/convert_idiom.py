"""Turn one idiom of a language into another: loops and comprehensions, callbacks and promises.

The idioms are a table, which recognises them by regular expressions. That is enough to make an
offer; the model decides whether the conversion can be done.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from devstral_lsp.refactor.action import KEEP, REWRITE, Action, Project
from devstral_lsp.refactor.selection_context import SelectionContext
from devstral_lsp.refactor.types import ActionOffer, ModelTask, RefactorRefused
from devstral_lsp.text import Snapshot

MOST_IDIOMS = 2
"""At one place."""
_LARGEST = 20_000
"""Code points that are searched."""


class _Idiom(NamedTuple):
    """`pattern` finds what can be converted; `title` is for the menu, `how` for the model."""

    languages: tuple[str, ...]
    name: str
    pattern: re.Pattern[str]
    title: str
    how: str


def _seen(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.MULTILINE)


_JS = ("javascript", "typescript")
_IDIOMS = (
    _Idiom(
        ("python",),
        "loop_to_comprehension",
        _seen(
            r"^[ \t]*(?:async )?for [^\n]+:[ \t]*\n(?:[ \t]*if [^\n]+:[ \t]*\n)?"
            r"[ \t]*(?:\w+\.(?:append|add)\(|\w+\[[^\n]+\] = )"
        ),
        "Convert loop to comprehension",
        "Turn the loops that only build a list, set or dictionary into comprehensions, or into "
        "generator expressions where the result is consumed at once. Leave loops that do anything "
        "else, and such as would need more than two clauses.",
    ),
    _Idiom(
        ("python",),
        "comprehension_to_loop",
        _seen(
            r"[\[({][^\[\](){}]{1,200}(?:\([^()]{0,80}\)[^\[\](){}]{0,80})*\sfor\s[^\n]{1,100}\sin\s"
        ),
        "Convert comprehension to loop",
        "Turn the comprehensions and generator expressions into plain loops with well-named "
        "variables.",
    ),
    _Idiom(
        _JS,
        "callbacks_to_promises",
        _seen(r"(?<!catch)(?<!catch )\((?:err|error)\b[^()]{0,80}\)\s*(?:=>|\{)"),
        "Convert callbacks to promises",
        "Turn callback style into promises with `async` and `await`: use the promise form of the "
        "called functions where there is one, and wrap the others. Errors that went to the "
        "callback are thrown.",
    ),
    _Idiom(
        _JS,
        "chain_to_await",
        _seen(r"\.then\("),
        "Convert promise chain to async/await",
        "Turn chains of `then`, `catch` and `finally` into `async` and `await` with `try`. Keep "
        "what runs at the same time: use `Promise.all` where the chain did.",
    ),
    _Idiom(
        _JS,
        "loop_to_methods",
        _seen(r"\bfor\s*\([^\n{]{0,200}\{[^{}]*\.push\("),
        "Convert loop to array methods",
        "Turn the loops that build arrays into `map`, `filter`, `flatMap` or `reduce`, whichever "
        "reads best. Leave loops with `await`, `break` or side effects.",
    ),
    _Idiom(
        _JS,
        "methods_to_loop",
        _seen(r"\.(?:map|filter|reduce|forEach|flatMap)\("),
        "Convert array methods to loop",
        "Turn the chains of array methods into plain `for … of` loops with well-named variables.",
    ),
    _Idiom(
        _JS,
        "promises_to_callbacks",
        _seen(r"\bnew Promise\("),
        "Convert promises to callbacks",
        "Turn the promises into callback style: a last parameter that is called exactly once with "
        "an error or null first, then the result.",
    ),
    _Idiom(
        ("java",),
        "loop_to_stream",
        _seen(r"\bfor\s*\([^\n:{]{0,200}:[^\n{]{0,200}\{[^{}]*(?:\{[^{}]*)?\.(?:add|put)\("),
        "Convert loop to stream",
        "Turn the loops that build collections into streams. Leave loops with checked exceptions, "
        "`break` or side effects.",
    ),
    _Idiom(
        ("java",),
        "stream_to_loop",
        _seen(r"\.(?:stream|parallelStream)\(\)|\bStream\.of\("),
        "Convert stream to loop",
        "Turn the streams into plain loops with well-named variables.",
    ),
    _Idiom(
        ("csharp",),
        "loop_to_linq",
        _seen(r"\bforeach\s*\([^\n{]{0,200}\)\s*+\{[^{}]*(?:\{[^{}]*)?\.Add\("),
        "Convert loop to LINQ",
        "Turn the loops that build collections into LINQ. Leave loops with `await` or with side "
        "effects.",
    ),
    _Idiom(
        ("csharp",),
        "linq_to_loop",
        _seen(r"\.(?:Select|Where|SelectMany|Aggregate|GroupBy)\("),
        "Convert LINQ to loop",
        "Turn the LINQ queries into plain loops with well-named variables.",
    ),
    _Idiom(
        ("rust",),
        "loop_to_iterator",
        _seen(r"\bfor\s[^\n{]{0,200}\{[^{}]*(?:\{[^{}]*)?\.(?:push|insert)\("),
        "Convert loop to iterator chain",
        "Turn the loops that build collections into iterator chains that end in `collect`. Leave "
        "loops with `?`, `await`, `break` or side effects unless the chain stays as clear.",
    ),
    _Idiom(
        ("rust",),
        "iterator_to_loop",
        _seen(r"\.(?:map|filter|fold|flat_map|filter_map)\("),
        "Convert iterator chain to loop",
        "Turn the iterator chains into plain loops with well-named variables.",
    ),
    _Idiom(
        ("kotlin", "swift", "dart"),
        "loop_to_map",
        _seen(r"\bfor\b[^\n{]{0,120}?\bin\b[^\n{]{0,120}\{[^{}]*(?:\{[^{}]*)?\.(?:add|append)\("),
        "Convert loop to collection functions",
        "Turn the loops that build collections into `map`, `filter` and their like. Leave loops "
        "with side effects.",
    ),
    _Idiom(
        ("ruby",),
        "each_to_map",
        _seen(r"\.each\s*(?:do|\{)\s*\|[^|]*\|[^}]{0,200}<<"),
        "Convert each to map",
        "Turn the `each` loops that fill an array into `map`, `select`, `filter_map` or "
        "`each_with_object`, whichever reads best.",
    ),
    _Idiom(
        ("php",),
        "loop_to_array_functions",
        _seen(r"\bforeach\s*\([^\n{]{0,200}\{[^{}]*(?:\{[^{}]*)?\[\]\s*="),
        "Convert loop to array functions",
        "Turn the loops that build arrays into `array_map` and `array_filter` with arrow "
        "functions. Leave loops with side effects, and keep the keys as they were.",
    ),
)


def _find(place: SelectionContext) -> Sequence[ActionOffer]:
    """One offer for each idiom that is found; `argument` is its name."""
    target = place.target
    if target is None or not place.traits.is_code or len(target.code) > _LARGEST:
        return []
    where = "" if place.is_line_selection else f" in {target.label}"
    return [
        ActionOffer(title=f"{idiom.title}{where}", span=target.span, argument=idiom.name)
        for idiom in _IDIOMS
        if place.language.name in idiom.languages and idiom.pattern.search(target.code)
    ][:MOST_IDIOMS]


def _model_task(offer: ActionOffer, snapshot: Snapshot, project: Project) -> ModelTask:
    how = next((each.how for each in _IDIOMS if each.name == offer.argument), None)
    if how is None:
        raise RefactorRefused("This conversion is not known.")
    return ModelTask(instruction=f"{how} {KEEP}", adds_imports=True)


ACTION = Action("convert_idiom", REWRITE, _find, _model_task)
