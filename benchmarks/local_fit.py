"""Fit the weights of the `local` provider's judge, in pure Python, and print them.

    python -m benchmarks.local_fit [places per package]

The places are in packages that `benchmarks/local.py` never reports on. Each step of a guess, as
long as the steps before it were right, is one example: its features, and whether its piece is what
really stands there. Weights are the maximum of the penalised likelihood, by Newton's method.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Sequence

from benchmarks.local_places import TUNED_ON, Place, places, python_package
from benchmarks.local_project import Project, neighbours
from devstral_lsp.local.confidence import COLUMNS, Stage, model_column
from devstral_lsp.local.cursor_context import LocalContext
from devstral_lsp.local.features import FEATURES
from devstral_lsp.local.predict import steps

SEED = 1
ROUNDS = 12
PENALTY = 1.0

Example = tuple[Sequence[float], bool]


def main(count: int) -> None:
    examples: dict[tuple[Stage, bool], list[Example]] = {column: [] for column in COLUMNS}
    for name in TUNED_ON:
        files = neighbours(python_package(name), SEED)
        project = Project(files)
        for place in places(name, files, count, SEED):
            for stage, example in examples_at(project, place):
                examples[model_column(example[0], stage)].append(example)
    columns = [fit(examples[column]) for column in COLUMNS]
    print("examples:", [len(examples[column]) for column in COLUMNS], file=sys.stderr)
    for name, *row in zip(("bias", *FEATURES), *columns, strict=True):
        print(f'    "{name}": ({", ".join(f"{weight:.3f}" for weight in row)}),')


def examples_at(project: Project, place: Place) -> Iterator[tuple[Stage, Example]]:
    """The steps of a guess at `place`, up to the first that is wrong."""
    project.open(place.path)
    cursor = LocalContext.of(place.before, place.after)
    blocks = project.provider.blocks(cursor)
    rest = f"{place.truth}\n"
    for step in steps(cursor, blocks):
        right = rest.startswith(step.piece) and not splits_word(step.piece, rest)
        yield step.stage, (step.features, right)
        if not right:
            return
        rest = rest[len(step.piece) :]


def splits_word(piece: str, rest: str) -> bool:
    """Whether `piece`, with which `rest` begins, ends inside a word of it."""
    return (piece + " ")[-2].isalnum() and rest[len(piece) : len(piece) + 1].isalnum()


def fit(examples: Sequence[Example]) -> list[float]:
    """Weights of a logistic regression, the bias first, penalised on the scale of each feature."""
    rows = [(1.0, *features) for features, _ in examples]
    scales = [_scale(column) for column in zip(*rows, strict=True)]
    rows = [tuple(v / s for v, s in zip(row, scales, strict=True)) for row in rows]
    weights = [0.0] * len(scales)
    for _ in range(ROUNDS):
        weights = _newton_step(rows, [right for _, right in examples], weights)
    return [w / s for w, s in zip(weights, scales, strict=True)]


def _scale(column: Sequence[float]) -> float:
    mean = sum(column) / len(column)
    scale = math.sqrt(sum((v - mean) ** 2 for v in column) / len(column))
    return scale if scale > 1e-9 else 1.0  # a constant, but for rounding


def _newton_step(
    rows: Sequence[Sequence[float]], rights: Sequence[bool], weights: list[float]
) -> list[float]:
    size = len(weights)
    slope = [-PENALTY * w for w in weights]
    curve = [[PENALTY * (i == j) for j in range(size)] for i in range(size)]
    for row, right in zip(rows, rights, strict=True):
        score = sum(w * v for w, v in zip(weights, row, strict=True))
        p = 1 / (1 + math.exp(-max(-30.0, min(30.0, score))))
        spread = p * (1 - p)
        for i, value in enumerate(row):
            if value:
                slope[i] += (right - p) * value
                line, factor = curve[i], spread * value
                for j in range(i + 1):
                    line[j] += factor * row[j]
    return [w + d for w, d in zip(weights, _solve(curve, slope), strict=True)]


def _solve(lower: list[list[float]], right: list[float]) -> list[float]:
    """Solve a symmetric positive system, of which the lower half is given, by Cholesky's way."""
    size = len(right)
    root = [[0.0] * size for _ in range(size)]
    for i in range(size):
        for j in range(i + 1):
            rest = lower[i][j] - sum(root[i][k] * root[j][k] for k in range(j))
            root[i][j] = math.sqrt(rest) if i == j else rest / root[j][j]
    half: list[float] = []
    for i in range(size):
        half.append((right[i] - sum(root[i][k] * half[k] for k in range(i))) / root[i][i])
    full = [0.0] * size
    for i in reversed(range(size)):
        later = sum(root[k][i] * full[k] for k in range(i + 1, size))
        full[i] = (half[i] - later) / root[i][i]
    return full


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 500)
