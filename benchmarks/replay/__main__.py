"""Replay of typing: what a user feels of a completion server, measured.

    python -m benchmarks.replay                         our own server
    python -m benchmarks.replay --vs naive              beside the naive baseline
    python -m benchmarks.replay --vs "tabby-agent --lsp --stdio"
    python -m benchmarks.replay.rehearsal               the engine alone, in jumped time

Real code is typed into a real server over stdio, key by key, in real time, by an editor that
behaves like VS Code (`editor`), a seeded typist (`typist`: constants and their reasons), against a
fake model with seeded delays and mistakes (`model`, `answers`). Both servers of `--vs` meet the
same files, the same typist and the same mistakes at the same places.

What the words mean:

key         One press: a character, Enter (with the indentation that the editor adds), Tab at a
            line's start, Backspace, or the key that accepts. The keys of a trace are those that
            typing it without slips and without help takes.
pause       More than 0.6 s from one key to when the typist means to press the next (accepting
            may come in between). Also counted after an acceptance, not before a trace's first key.
ghost text  What VS Code would show of the first item it can show.
shown       An answer put a ghost text where none stood or in the place of another. One that equals
            what stands is no new one; one that extends it is the same one, grown.
right       The ghost text, as far as shown then, is what the trace has next; or, for one of several
            lines, its first line is (the first that is not blank). During a slip nothing is right.
accepted    All of a right text with one key, or its first line with one key, if it gains enough.
saved       Keys that the accepted text would have taken, less the accepting keys, over the keys of
            the trace. Slips are not counted.
key → ghost From the last key to a text shown.
pause → ghost   The same for the first text that came up in a pause in which none stood already;
            "answered" counts both; the share answered after at most 0.6 s does not
            depend on how long the typist's pauses last.
flicker     A shown text was replaced by one that does not extend it. Withdrawn: by nothing.
upstream    Requests that reached the model, per 100 keys pressed. Aborted: the server hung up
            before the end; right when it had enough, so those before the first token stand apart.
tokens      Estimated (`tokens`). Prompted: prompt and suffix of all requests, aborted ones too.
            Generated: what the model wrote until it was done or hung up on. Wasted: generated less
            accepted. Served by a prefix cache: blocks of 64 from the start, suffix before prefix.
outside the trace   The prompt ends nowhere in the true text (say, ahead of a wrong suggestion):
            the model has nothing to say.
CPU, memory Of the server process and its children; the sum of their peaks.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from dataclasses import asdict
from pathlib import Path

from benchmarks.replay import figures, report
from benchmarks.replay.corpus import Trace, pick
from benchmarks.replay.records import Played
from benchmarks.replay.session import CannotPlay, Conditions, play

OWN = f"{sys.executable} -m devstral_lsp"
NAIVE = f"{sys.executable} -m benchmarks.replay.naive_server"
WORDS = {"own": OWN, "naive": NAIVE}
"""Commands that have a name."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.replay")
    add = parser.add_argument
    add("--server", default="own", metavar="COMMAND", help="a command, or: own, naive")
    add("--vs", metavar="COMMAND", help="play the same session on this server too")
    add("--seed", type=int, default=1)
    add("--traces", type=int, default=10)
    add("--corpus", type=Path, metavar="DIR", help="type files of this directory instead")
    add("--jobs", type=int, default=1, help="sessions side by side; timing suffers")
    add("--client-debounce", type=float, default=50, metavar="MS", help="VS Code's is 50")
    add("--static", action="store_true", help="the client offers no dynamic registration")
    add("--impatient", action="store_true", help="give up as VS Code 1.139 does: 0.72 s at a word")
    add("--env", action="append", default=[], metavar="NAME=VALUE", help="{url} is the model's")
    add(
        "--init", default="null", metavar="JSON", help="initializationOptions; {url} works here too"
    )
    add("--instant", action="store_true", help="a model that takes no time")
    add("--ttft", type=float, default=0.22, metavar="S", help="median time to the first token")
    add("--rate", type=float, default=80, metavar="N", help="tokens a second")
    add("--errors", type=float, default=1, metavar="X", help="0 is always right, 1 is standard")
    add("--json", type=Path, metavar="FILE")
    add("--out", type=Path, metavar="FILE", help="write the table there too")
    return parser


def _conditions(options: argparse.Namespace) -> Conditions:
    return Conditions(
        seed=options.seed,
        debounce_s=options.client_debounce / 1000,
        ttft_s=0 if options.instant else options.ttft,
        tokens_per_s=1e6 if options.instant else options.rate,
        errors=options.errors,
        dynamic=not options.static,
        impatient=options.impatient,
        environment=dict(pair.split("=", 1) for pair in options.env),
        options=options.init,
    )


async def _session(command: str, traces: list[Trace], conditions: Conditions, jobs: int) -> Played:
    parts = [traces[first::jobs] for first in range(min(jobs, len(traces)))]
    words = WORDS.get(command, command)
    played = await asyncio.gather(*(play(words, part, conditions) for part in parts))
    return figures.merge(played)


def main() -> int:
    options = _parser().parse_args()
    conditions = _conditions(options)
    traces = pick(options.seed, options.traces, options.corpus)
    columns = {}
    for command in filter(None, [options.server, options.vs]):
        name = command if command in WORDS else Path(command.split()[0]).name
        try:
            played = asyncio.run(_session(command, traces, conditions, options.jobs))
        except CannotPlay as fault:
            print(f"{name}: {fault}", file=sys.stderr)
            return 1
        columns[name if name not in columns else f"{name} (2)"] = figures.figures(played)
    text = report.table(columns)
    print(text)
    if options.out:
        options.out.write_text(text + "\n", encoding="utf-8")
    if options.json:
        report.write_json(options.json, asdict(conditions), columns)
    return 0


if __name__ == "__main__":
    sys.exit(main())
