"""The refactor benchmark on a few functions: what it counts, and that its judge can say no."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.refactor import __main__ as refactor
from benchmarks.refactor import corpus
from benchmarks.refactor.corpus import Snippet
from benchmarks.refactor.good import Reply, tags
from benchmarks.refactor.judge import Verdict, _is_filled, judge
from devstral_lsp.text import Snapshot, Span, Text

HEAD, TAIL = "import os\n\n\n", "\n\ndef last():\n    return os.name\n"
CODE = """\
def first(names):
    \"\"\"The first of them.\"\"\"
    found = sorted(names)
    if not found:
        raise ValueError("none")
    best = found[0]
    return best
"""
SNIPPET = Snippet(
    "a.py",
    Snapshot("file:///a.py", 1, "python", Text.of(HEAD + CODE + TAIL)),
    Span(len(HEAD), len(HEAD + CODE)),
    "first",
    7,
)


def test_a_run_counts_good_and_bad_replies(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(refactor, "snippets", lambda seed: [SNIPPET])
    file = tmp_path / "counts.json"
    assert refactor.main(["--json", str(file), "--show", "3"]) == 0
    counts = json.loads(file.read_text())
    assert counts["functions"] == {"python": 1}
    assert counts["good"] >= 20
    assert counts["bad"] >= 25
    assert (counts["good_refused"], counts["good_wrong"], counts["bad_reached"]) == (0, 0, 0)
    assert "1 functions: python 1" in capsys.readouterr().out


def test_a_reply_that_gets_through_with_other_code_is_told() -> None:
    other = CODE.replace("found[0]", "found[1]")
    wanted = CODE.replace("best", "least")
    assert judge(SNIPPET, Reply("x", tags(other, SNIPPET), wanted)).verdict is Verdict.OTHERWISE
    assert judge(SNIPPET, Reply("x", tags(wanted, SNIPPET), wanted)).verdict is Verdict.AS_WANTED
    assert judge(SNIPPET, Reply("x", tags(CODE, SNIPPET), wanted)).verdict is Verdict.UNCHANGED
    assert judge(SNIPPET, Reply("x", "", wanted)).verdict is Verdict.REFUSED


@pytest.mark.parametrize(
    ("lines", "verdict"),
    [
        (["    # ... rest unchanged"], Verdict.UNCHANGED),
        (["    log(names)", "    # ... rest unchanged"], Verdict.REFUSED),
        (
            [
                '    """The first of them."""',
                "    found = sorted(names)",
                "    # ... rest unchanged",
            ],
            Verdict.UNCHANGED,
        ),
        (["    found = sorted(names)", "    return found[0]"], Verdict.REFUSED),
    ],
)
def test_an_elision_may_be_filled_in_with_what_it_stands_for(
    lines: list[str], verdict: Verdict
) -> None:
    reply = Reply("elided", tags("\n".join([CODE.split("\n")[0], *lines, ""]), SNIPPET), "")
    assert judge(SNIPPET, reply).verdict is verdict


def test_an_elision_that_comes_through_is_told() -> None:
    made = CODE.replace("    if not found:", "    # ... rest unchanged\n    if not found:")
    reply = Reply("elided", tags(made, SNIPPET), "")
    assert not _is_filled(reply, made, CODE)


def test_functions_are_chosen_by_the_seed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for number in range(12):
        name = f"work_{number}"
        text = HEAD + (CODE + "\n\n").replace("first", name) * 12
        (tmp_path / f"{name}.py").write_text(text)
    monkeypatch.setattr(corpus, "ROOTS", {"python": ((str(tmp_path), "*.py"),)})
    one, two = corpus.snippets(1), corpus.snippets(1)
    assert [each.path for each in one] == [each.path for each in two]
    assert len(one) == corpus.PER_LANGUAGE
    assert {each.code.partition("(")[0] for each in one} <= {f"def work_{n}" for n in range(12)}
