"""The judge's weights, as `benchmarks/local_fit.py` printed them.

Fitted on packages that were first released in 2026; `benchmarks/local.py` reports on others.
One row per clue, in the order of `clues.CLUES`, after the bias. Columns in the order of
`judge.COLUMNS`: finish_word, start and go_on, each for pieces new to the open document and for
pieces that it has shown in such a place.
"""

from __future__ import annotations

WEIGHTS = {
    "bias": (-1.011, -0.335, -2.093, -1.402, -0.751, -0.700),
    "odds": (0.557, 0.249, 0.592, 0.378, 0.676, 0.468),
    "runner_up": (-4.839, -2.112, -0.120, 1.046, 0.170, -0.529),
    "seen": (0.232, 0.644, 0.057, 0.306, -0.071, 0.346),
    "own": (0.000, -0.335, 0.000, -1.402, 0.000, -0.700),
    "own_share": (1.081, 0.685, 1.312, 1.191, 0.735, 0.717),
    "rung_against": (0.104, -0.134, 0.155, 0.030, 0.029, 0.098),
    "below": (1.892, 0.871, 1.699, 1.619, 1.603, 1.303),
    "below_rung": (-0.179, 0.190, 0.585, 0.291, 0.021, 0.066),
    "below_against": (-0.145, -0.608, -0.602, -0.470, -0.211, -0.287),
    "shapes_for": (0.908, 0.596, 1.107, 1.037, 1.297, 0.739),
    "shapes_against": (-0.430, -0.773, -0.331, -0.378, -0.401, -0.728),
    "ending_share": (2.350, 1.665, 0.000, 0.000, 0.000, 0.000),
    "typed": (0.158, 0.068, 0.000, 0.000, 0.000, 0.000),
    "length": (-0.069, -0.094, -0.058, -0.004, 0.015, -0.019),
    "name": (-0.832, -0.055, -1.658, -0.409, -1.756, -0.689),
    "near_name": (0.276, 0.306, 1.155, 1.287, 0.898, 0.839),
    "known_name": (1.317, -0.055, 1.202, -0.409, 0.558, -0.689),
    "line_end": (-5.672, 0.000, -4.477, -6.130, 0.276, 0.199),
    "left_open": (0.000, 0.000, -2.073, -1.289, -0.226, -0.108),
    "closer": (3.014, 0.796, 1.236, 4.298, 0.439, 0.796),
    "unopened": (0.000, -7.361, -1.996, -4.150, -2.419, -2.500),
    "nothing_below": (0.850, 2.152, -0.241, -0.558, 0.207, 0.501),
    "repeats_below": (-4.052, -1.521, -2.798, -2.121, -2.835, -0.969),
    "repeats_above": (0.000, -1.558, 0.000, 0.250, 0.000, -0.337),
}
