from __future__ import annotations

from dataclasses import replace

import pytest

from devstral_lsp.refactor.actions import ACTIONS
from devstral_lsp.refactor.types import RefactorRefused
from tests.refactor.actions.marked import Files, model_task, offers, selection, titles

NAME = "convert_idiom"


@pytest.mark.parametrize(
    ("language", "marked", "title"),
    [
        (
            "python",
            "def f(a):\n    r = []\n    for x in│ a:\n        r.append(x)\n    return r\n",
            "Convert loop to comprehension in `f`",
        ),
        (
            "python",
            "│r = {}\nfor x in a:\n    if x:\n        r[x] = 1│\n",
            "Convert loop to comprehension",
        ),
        ("python", "│r = [g(x) for x in a if x]\ns = r│\n", "Convert comprehension to loop"),
        (
            "javascript",
            "function f(p, done) {\n  read(p, (err, text) => {\n    done(err, text)│\n  })\n}\n",
            "Convert callbacks to promises in `f`",
        ),
        (
            "typescript",
            "│get(u).then(r => r.json())\n  .then(show)│\n",
            "Convert promise chain to async/await",
        ),
        (
            "typescript",
            "│for (const x of xs) {\n  ys.push(x + 1)\n}│\n",
            "Convert loop to array methods",
        ),
        ("javascript", "│ys = xs.map(x => {\n  return x })│\n", "Convert array methods to loop"),
        ("java", "│for (String x : xs) {\n  ys.add(x);\n}│\n", "Convert loop to stream"),
        ("java", "│xs.stream()\n  .toList();│\n", "Convert stream to loop"),
        ("csharp", "│foreach (var x in xs) {\n  ys.Add(x);\n}│\n", "Convert loop to LINQ"),
        ("rust", "│for x in xs {\n  ys.push(x);\n}│\n", "Convert loop to iterator chain"),
        ("rust", "│xs.iter()\n  .map(f)│\n", "Convert iterator chain to loop"),
        ("ruby", "│xs.each do |x|\n  ys << x\nend│\n", "Convert each to map"),
        ("php", "│foreach ($xs as $x) {\n  $ys[] = $x;\n}│\n", "Convert loop to array functions"),
    ],
)
def test_offered_for_what_is_found(language: str, marked: str, title: str) -> None:
    assert titles(NAME, marked, language) == [title]


@pytest.mark.parametrize(
    ("language", "marked"),
    [
        ("python", "│for x in a:\n    print(x)│\n"),
        ("python", "│for x in a:\n    x = 1│\n"),
        ("javascript", "│try { a() }\ncatch (err) { b() }│\n"),
        ("go", "│for _, x := range xs {\n  ys = append(ys, x)\n}│\n"),
    ],
)
def test_not_offered_otherwise(language: str, marked: str) -> None:
    assert titles(NAME, marked, language) == []


def test_both_ways_where_both_are_found() -> None:
    marked = "│for x in a:\n    r.append(x)\ns = [x for x in r]│\n"
    assert titles(NAME, marked) == [
        "Convert loop to comprehension",
        "Convert comprehension to loop",
    ]


def test_what_is_asked() -> None:
    asked = model_task(NAME, "│get(u).then(r => r.json())\n  .then(show)│\n", "javascript")
    assert "`Promise.all`" in asked.instruction


def test_an_unknown_conversion_is_refused() -> None:
    marked = "│xs.stream()\n  .toList();│\n"
    (offer,) = offers(NAME, marked, "java")
    with pytest.raises(RefactorRefused):
        ACTIONS[NAME].model_task(
            replace(offer, argument="loop_to_goto"), selection(marked, "java").snapshot, Files()
        )
