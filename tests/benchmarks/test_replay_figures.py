"""The replay's traces, its typist's draws and its arithmetic."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from benchmarks.replay.corpus import SPAN_KEYS, Trace, count_keys, key_at, pick
from benchmarks.replay.figures import figures, merge, percentile
from benchmarks.replay.records import Cost, ModelCall, Pause, Played, Record, Show
from benchmarks.replay.report import table
from benchmarks.replay.typist import PAUSE_S, Typist

CODE = "if a:\n    b = 1\n    c\n\nd\n"


def test_enter_brings_the_indentation_and_tab_is_one_key() -> None:
    assert key_at(CODE, 5) == "\n    "
    assert key_at(CODE, 6) == "    "
    assert key_at(CODE, 22) == "\n"
    assert key_at(CODE, 2) == " "
    assert count_keys(CODE, 0, 15) == 11


def test_the_same_seed_picks_the_same_spans_of_different_files() -> None:
    first, again = pick(3, 4), pick(3, 4)
    assert first == again
    assert len({trace.path for trace in first}) == 4
    assert [trace.span for trace in first] != [trace.span for trace in pick(4, 4)]


def test_spans_have_their_length_and_leave_the_rest_of_the_file() -> None:
    low, high = SPAN_KEYS
    for trace in pick(1, 6):
        assert low <= count_keys(trace.text, trace.start, trace.end) <= high
        assert trace.cut.startswith(trace.text[: trace.start])
        assert trace.cut.endswith(trace.text[trace.end :])
        assert len(trace.cut) == len(trace.text) - len(trace.span)


def test_a_directory_of_another_language_can_be_the_corpus(tmp_path: Path) -> None:
    line = "function add(first, second) { return first + second; }\n"
    (tmp_path / "a.js").write_text(line * 120)
    (tmp_path / "b.txt").write_text(line * 120)
    traces = pick(1, 3, tmp_path)
    assert [trace.language_id for trace in traces] == ["javascript"]


def typist(seed: int = 1) -> Typist:
    text = "alpha = beta + gamma\n" * 40
    return Typist(seed, Trace(0, Path("a.py"), text, 100, 400))


def test_the_typist_does_the_same_at_a_place_however_often_asked() -> None:
    places = range(100, 400)
    forth = [(typist().interval_s(at), typist().slip(at), typist().glances(at)) for at in places]
    back = [
        (typist().interval_s(at), typist().slip(at), typist().glances(at))
        for at in reversed(places)
    ]
    assert forth == back[::-1]
    assert forth != [
        (typist(2).interval_s(a), typist(2).slip(a), typist(2).glances(a)) for a in places
    ]


def test_pauses_stand_at_borders_of_words_and_lines() -> None:
    user = typist()
    text = user.trace.text
    pauses = {at for at in range(100, 400) if user.interval_s(at) > PAUSE_S}
    inside = {at for at in range(100, 400) if text[at - 1 : at + 1].isalpha()}
    border = set(range(100, 400)) - inside
    assert len(pauses & inside) / len(inside) < 0.02
    assert len(pauses & border) / len(border) > 0.10


@pytest.mark.parametrize(
    ("values", "share", "result"),
    [([], 0.5, None), ([5], 0.95, 5), ([1, 2, 3, 4], 0.5, 2), (list(range(1, 101)), 0.95, 95)],
)
def test_percentiles(values: list[float], share: float, result: float | None) -> None:
    assert percentile(values, share) == result


def played() -> Played:
    record = Record(
        trace_keys=100,
        typed_keys=48,
        backspaces=1,
        accepts=1,
        gained_keys=52,
        accepted_tokens=20,
        flickers=2,
        withdrawn=1,
        requests=40,
        tiers=Counter(remembered=3, asked=1),
        shows=[Show(400, True), Show(600, False)],
        pauses=[Pause(True, None), Pause(False, 700), Pause(False, None), Pause(True, 300)],
    )
    calls = [
        ModelCall(1_000, 0, True, 30, True),
        ModelCall(1_000, 640, True, 0, False),
        ModelCall(1_000, 960, False, 10, False),
        ModelCall(1_000, 960, True, 0, True),
    ]
    return Played([record], calls, Cost(1.5, 50.0, 60.0))


def test_figures_are_what_their_names_say() -> None:
    values = {figure.name.strip(): figure.value for figure in figures(played())}
    assert values == {
        "keystrokes saved": 52,
        "keys of the traces": 100,
        "keys pressed": 50,
        "accepted": 1,
        "ghost texts shown": 2,
        "of them right": 50,
        "flickers": 2,
        "ghost texts withdrawn": 1,
        "key → ghost p50": 400,
        "key → ghost p95": 600,
        "pauses over 0.6 s": 4,
        "pauses answered": 75,
        "ghost stood already": 50,
        "at the latest after 0.6 s": 50,
        "pause → ghost p50": 700,
        "pause → ghost p95": 700,
        "editor requests / 100 keys": 80,
        "upstream requests / 100 keys": 8,
        "aborted": 50,
        "before the first token": 25,
        "asked outside the trace": 1,
        "failures shown to the user": 0,
        "answers remembered": 75,
        "answers joined": 0,
        "answers asked": 25,
        "answers local": 0,
        "prompt tokens": 4_000,
        "served by a prefix cache": 64,
        "outside the prefix cache": 1_440,
        "tokens generated": 40,
        "wasted": 50,
        "CPU of the server": 1.5,
        "peak memory": 50,
        "wall time": 60,
    }


def test_sessions_side_by_side_add_up() -> None:
    both = merge([played(), played()])
    values = {figure.name.strip(): figure.value for figure in figures(both)}
    assert values["keys of the traces"] == 200
    assert values["keystrokes saved"] == 52
    assert values["CPU of the server"] == 3.0
    assert values["peak memory"] == 50


def test_nothing_measured_is_a_dash() -> None:
    empty = figures(Played([], [], Cost(0, 0, 0)))
    text = table({"one": empty, "two": empty})
    row = next(line for line in text.splitlines() if line.startswith("keystrokes saved"))
    assert row.split()[-2:] == ["–", "–"]
