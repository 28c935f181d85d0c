"""The judge's weights, as `benchmarks/local_fit.py` printed them.

Fitted on packages that were first released in 2026; `benchmarks/local.py` reports on others.
One row per clue, in the order of `clues.CLUES`, after the bias; one column per `judge.Stage`, in
its order: finish_word, start, go_on.
"""

from __future__ import annotations

WEIGHTS = {
    "bias": (-0.657, -2.349, -0.746),
    "odds": (0.385, 0.405, 0.510),
    "runner_up": (-3.427, 0.794, -0.272),
    "seen": (0.459, 0.274, 0.243),
    "own": (-0.981, -0.553, -0.654),
    "own_share": (0.877, 1.324, 0.781),
    "rung_against": (-0.014, 0.037, 0.068),
    "below": (1.684, 1.761, 1.383),
    "below_rung": (0.004, 0.324, 0.066),
    "below_against": (-0.520, -0.510, -0.268),
    "shapes_for": (0.774, 1.008, 0.740),
    "shapes_against": (-0.773, -0.333, -0.514),
    "ending_share": (2.443, 0.000, 0.000),
    "typed": (0.135, 0.000, 0.000),
    "length": (-0.076, -0.012, -0.021),
    "name": (-1.052, -1.423, -1.656),
    "near_name": (-0.004, 1.087, 0.806),
    "known_name": (1.359, 0.964, 0.414),
    "line_end": (-7.627, -6.288, 0.343),
    "left_open": (0.000, -1.202, -0.420),
    "closer": (1.484, 2.848, 0.704),
    "unopened": (-4.244, -2.577, -2.233),
    "nothing_below": (0.514, -0.349, 0.316),
    "repeats_below": (-1.592, -2.443, -1.116),
    "repeats_above": (-1.843, 0.188, -0.134),
}
