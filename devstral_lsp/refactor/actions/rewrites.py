"""Actions that differ only in their data: what to rewrite, and the instruction to the model.

To add one, add a constant here and a line in the registry.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from devstral_lsp.languages import prompt_facts_of
from devstral_lsp.languages.language import LanguagePromptFacts
from devstral_lsp.refactor.action import KEEP, REWRITE, Action, Project
from devstral_lsp.refactor.selection_context import RewriteTarget, SelectionContext
from devstral_lsp.refactor.types import ActionOffer, ModelTask, NamePolicy
from devstral_lsp.text import Snapshot


def _rewrite(
    name: str,
    title: str,
    instruction: Callable[[LanguagePromptFacts], str],
    *,
    fits: Callable[[SelectionContext, RewriteTarget], bool],
    names: NamePolicy = NamePolicy.KEPT,
    adds_imports: bool = True,
    may_remove: bool = False,
) -> Action:
    """An action on the target of a selection; `{}` in `title` stands for the target's name."""

    def find(place: SelectionContext) -> Iterator[ActionOffer]:
        target = place.target
        if target is not None and fits(place, target):
            yield ActionOffer(title=title.format(target.label), span=target.span)

    def model_task(offer: ActionOffer, snapshot: Snapshot, project: Project) -> ModelTask:
        return ModelTask(
            instruction=instruction(prompt_facts_of(snapshot.language)),
            names=names,
            adds_imports=adds_imports,
            may_remove=may_remove,
        )

    return Action(name, REWRITE, find, model_task)


_PROSE = (
    "Make the text easier to read: shorter sentences, plain words, one thought at a time. Keep "
    "its meaning, language and tone, its markup, links and code, and do not add facts."
)


def _readability(facts: LanguagePromptFacts) -> str:
    if facts.is_code:
        return (
            f"Make this {facts.title} code easier to read. Give local names a meaning, flatten "
            "nesting by early exits, put steps in the order in which a reader needs them, and "
            "split expressions that hold several thoughts; follow the conventions of the file and "
            f"of the language. {KEEP} Do not change what reads well already, and do not add "
            "comments that repeat the code."
        )
    if facts.title in ("Markdown", "plaintext"):
        return _PROSE
    return (
        f"Make this {facts.title} easier to read: order, grouping and indentation as is usual in "
        f"{facts.title}. Keep its meaning, all values and names, and the comments."
    )


IMPROVE_READABILITY = _rewrite(
    "improve_readability",
    "Improve readability of {}",
    _readability,
    fits=lambda place, target: place.is_line_selection or target.unit is not None,
    adds_imports=False,
    may_remove=True,
)

SIMPLIFY = _rewrite(
    "simplify",
    "Simplify {}",
    lambda facts: (
        f"Simplify this {facts.title} code. Remove what is never reached, conditions that are "
        "always true or false, needless variables and repetition; use what the language and its "
        f"standard library offer. {KEEP} Do not make it terse at the cost of clarity, and leave it "
        "as it is where nothing can be simplified."
    ),
    fits=lambda place, target: place.traits.is_code,
    may_remove=True,
)

OPTIMISE = _rewrite(
    "optimise",
    "Optimise {}",
    lambda facts: (
        f"Make this {facts.title} code do less work: a better algorithm or data structure, no "
        "repeated computation, no needless copies or round trips. Only change what gains something "
        "at sizes that are likely in practice, and prefer the standard library to clever tricks. "
        f"{KEEP} Keep the order of results and the errors, too; where a change is not obvious, "
        "say in a short comment why it is there."
    ),
    fits=lambda place, target: place.is_function(target),
    may_remove=True,
    names=NamePolicy.ADDED,
)

ADD_TYPE_ANNOTATIONS = _rewrite(
    "add_type_annotations",
    "Add type annotations to {}",
    lambda facts: (
        f"Add the type annotations that are missing. {facts.annotations} Derive each type from "
        "what the code does with the value and from the definitions that you are shown; where that "
        "leaves it open, choose the widest type that is right. Change nothing but annotations and "
        "the imports that they need."
    ),
    fits=lambda place, target: (
        bool(place.traits.annotations)
        and any(unit.lacks_types for unit in place.functions_in(target))
    ),
    names=NamePolicy.ADDED,
)

ADD_ERROR_HANDLING = _rewrite(
    "add_error_handling",
    "Add error handling to {}",
    lambda facts: (
        "Add error handling for what can really fail here: input and output, parsing, outside "
        f"services, values that may be missing. {facts.error_handling} Keep what happens when "
        "nothing fails, and keep the signatures. Do not guard against what cannot happen, do not "
        "hide errors, and do not handle what the caller is in a better place to handle."
    ),
    fits=lambda place, target: bool(place.traits.error_handling) and place.is_function(target),
    names=NamePolicy.ADDED,
)

ADD_LOGGING = _rewrite(
    "add_logging",
    "Add logging to {}",
    lambda facts: (
        "Add logging to this code: decisions, calls to the outside and failures, with the values "
        f"that somebody would look for. {facts.logging} Choose levels with care: debug for steps, "
        "info for what an operator wants to know, warning and error for trouble. Never log "
        "passwords, keys or personal data, and nothing in tight loops; change nothing else."
    ),
    fits=lambda place, target: bool(place.traits.logging) and place.is_function(target),
    names=NamePolicy.ADDED,
)

_IS_ASYNC = re.compile(r"\basync\b|\bsuspend\b|\bFuture\b|\bTask\b")
_FIXED = re.compile(r"\b(?:constructor|get|set|operator)\b|\b__\w+__\b")
"""Constructors, accessors and Python's special methods are called by the language itself."""


def _can_be_async(place: SelectionContext, target: RewriteTarget) -> bool:
    unit = target.unit
    if unit is None or unit is not place.function or not place.traits.async_style:
        return False
    if unit.is_member and place.class_ is not None and unit.name == place.class_.name:
        return False
    return not _IS_ASYNC.search(unit.header) and not _FIXED.search(unit.header)


MAKE_ASYNC = _rewrite(
    "make_async",
    "Make {} async",
    lambda facts: (
        f"Make this function asynchronous. {facts.async_style} Run independent steps at the same "
        "time only where their order cannot matter. Keep its name, its parameters, what it gives "
        "and which errors it raises; do not leave a synchronous twin behind."
    ),
    fits=_can_be_async,
    names=NamePolicy.ADDED,
)


def _has_collaborators(place: SelectionContext, target: RewriteTarget) -> bool:
    pattern = place.language.collaborators
    if pattern is None or target.unit is None or target.unit.body is None:
        return False
    return pattern.search(place.slice(target.unit.body)) is not None


def _injection(facts: LanguagePromptFacts) -> str:
    where = "the constructor, or a parameter of the function" if facts.has_classes else "parameters"
    return (
        "Use dependency injection: take the collaborators that this code constructs or looks up by "
        f"a global name (services, clients, clocks, randomness, configuration) through {where}. "
        "Give each a default that is what the code uses now, where the language allows it, so that "
        "existing callers keep working. Depend on the narrowest interface that the code needs; do "
        "not inject plain values and containers, and do not bring in a framework."
    )


INJECT_DEPENDENCIES = _rewrite(
    "inject_dependencies",
    "Use dependency injection in {}",
    _injection,
    fits=_has_collaborators,
    names=NamePolicy.ADDED,
)
