"""How well and how fast secrets are found: `python -m benchmarks.secrets [FOLDER …]`.

Recall is of the sets that the tests make. False alarms are counted in the source files of the
folders that are named, else in what is installed beside Python: lines in which something is found,
whether or not it is a secret of an example.
"""

from __future__ import annotations

import sys
import sysconfig
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from devstral_lsp.secrets.placeholders import Placeholders
from devstral_lsp.secrets.scan import find_secrets
from tests.support.secrets_kinds import kinds
from tests.support.secrets_samples import Sample, held_out, samples

SUFFIXES = frozenset(
    {".c", ".cs", ".css", ".go", ".h", ".hpp", ".html", ".java", ".js", ".json", ".lua", ".php"}
    | {".pl", ".py", ".rb", ".rs", ".sh", ".sql", ".toml", ".ts", ".tsx", ".xml", ".yaml", ".yml"}
)
MAX_FILES, MAX_LENGTH = 2_000, 60_000
BLOCK = 8_192


def main(folders: Sequence[str]) -> None:
    """Print the figures."""
    sets = (("written for", samples()), ("held out", held_out(41)), ("by service", kinds(41)))
    for name, made in sets:
        missed = [each for each in made if _leaks(each)]
        count = len({each.kind for each in made})
        recall = 1 - len(missed) / len(made)
        _say(f"{name}: {len(made)} secrets of {count} kinds, recall {recall:.2%}")
        for (kind, form), count in Counter((each.kind, each.form) for each in missed).items():
            _say(f"  missed {count} of {kind} in {form}")
    texts = list(_texts([Path(each) for each in folders] or [Path(sysconfig.get_path("purelib"))]))
    lines = sum(text.count("\n") + 1 for text in texts)
    alarms = sum(
        len({text.count("\n", 0, start) for start, _ in find_secrets(text)}) for text in texts
    )
    _say(f"false alarms: {alarms} of {lines:,} lines, {alarms / max(1, lines):.4%}")
    _times("".join(texts)[: 100 * BLOCK])


def _leaks(sample: Sample) -> bool:
    (redacted,) = Placeholders(b"benchmark").page().redact([sample.text])
    return any(piece in redacted for piece in sample.pieces)


def _texts(folders: Sequence[Path]) -> Iterator[str]:
    files = sorted(
        file for folder in folders for file in folder.rglob("*") if file.suffix in SUFFIXES
    )
    step = max(1, len(files) // MAX_FILES)
    for file in files[::step]:
        if file.is_file():
            yield file.read_text("utf-8", "replace")[:MAX_LENGTH]


def _times(text: str) -> None:
    """For new text, and for a prompt of which one line has changed, in ms of the processor."""
    blocks = [text[at : at + BLOCK] for at in range(0, len(text), BLOCK)]
    taken = sorted(_ms(block) for block in blocks)
    _say(f"{BLOCK:,} code points of new text: {_middle(taken)}")
    prompt = text[: 5 * BLOCK]
    find_secrets(prompt)
    again = sorted(_ms(f"{prompt}\nvalue{number} = 1") for number in range(100))
    _say(f"a prompt of {len(prompt):,}, one line of it new: {_middle(again)}")


def _ms(text: str) -> float:
    began = time.process_time()
    find_secrets(text)
    return (time.process_time() - began) * 1000


def _middle(taken: Sequence[float]) -> str:
    p95 = taken[int(len(taken) * 0.95)]
    return f"p50 {taken[len(taken) // 2]:.2f} ms, p95 {p95:.2f} ms"


def _say(line: str) -> None:
    print(line)


if __name__ == "__main__":
    main(sys.argv[1:])
