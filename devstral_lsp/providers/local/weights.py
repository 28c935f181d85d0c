"""The judge's weights, as `benchmarks/local_fit.py` printed them.

Fitted on packages that were first released in 2026; `benchmarks/local.py` reports on others.
One row per clue, in the order of `clues.CLUES`, after the bias; one column per `judge.Stage`, in
its order: finish_word, start, go_on.
"""

from __future__ import annotations

WEIGHTS = {
    "bias": (-1.005, -1.705, -0.531),
    "odds": (0.543, 0.487, 0.484),
    "runner_up": (-3.850, 0.059, -1.704),
    "seen": (-0.055, 0.119, 0.338),
    "own": (-1.358, -0.409, -0.653),
    "own_share": (1.046, 0.929, 0.509),
    "rung_against": (0.478, -0.058, 0.084),
    "below": (2.696, 1.733, 1.669),
    "below_rung": (0.161, 0.566, -0.018),
    "below_against": (-1.681, -0.588, -0.193),
    "shapes_for": (1.079, 1.292, 0.758),
    "shapes_against": (-1.008, -0.431, -0.738),
    "ending_share": (0.144, 0.000, 0.000),
    "typed": (0.175, 0.000, 0.000),
    "length": (-0.071, -0.047, -0.048),
    "name": (-0.911, -0.963, -1.374),
    "near_name": (0.989, 1.225, 1.784),
    "known_name": (1.611, 0.597, -0.694),
    "line_end": (0.000, -3.433, 0.544),
    "left_open": (0.000, 0.000, -1.282),
    "closer": (1.534, 0.365, 1.242),
    "unopened": (0.000, 0.357, -2.652),
    "nothing_below": (0.000, -0.719, 2.462),
    "repeats_below": (-1.553, -3.239, -0.821),
    "repeats_above": (2.444, -0.099, -0.368),
}
