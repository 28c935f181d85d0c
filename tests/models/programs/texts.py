"""The two answers of the models that `make_model.py` writes, token by token.

No token may stand twice in them: each names its successor.
"""

FILLED = ("fill", "ed", " = ", "between", "(before", ", after)", "\n    re", "turn ", "filled")
"""Where a gap's text was asked for."""

CONTINUED = ("go_on", "(after", "_the", "_text)", "\n    pass")
"""To everything else."""
