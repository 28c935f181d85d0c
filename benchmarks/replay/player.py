"""The user at the editor: types one trace in real time, reads what is shown, accepts what is right.

Within a pause everything shown is looked at; within a burst only what the typist's draw says. A
text that is right and gains enough is accepted one reaction after the look, unless the next key
came first. A wrong text is ignored and costs no time.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from benchmarks.replay import typist
from benchmarks.replay.corpus import Trace, count_keys, key_at
from benchmarks.replay.document import Take, right_part
from benchmarks.replay.editor import Editor, now_s
from benchmarks.replay.records import Pause
from benchmarks.replay.tokens import count_tokens
from benchmarks.replay.typist import Slip, Typist


@dataclass(slots=True)
class Player:
    """One trace being played. `offset` is the place in the true text."""

    editor: Editor
    trace: Trace
    typist: Typist
    offset: int = 0
    slipped: set[int] = field(default_factory=set)
    minimum_s: float = 0.0

    async def play(self) -> None:
        self.offset = self.trace.start
        self.editor.record.trace_keys = count_keys(
            self.trace.text, self.trace.start, self.trace.end
        )
        await asyncio.sleep(typist.START_S)
        while self.offset < self.trace.end:
            take = await self._wait()
            if take:
                self._accept(take)
                continue
            slip = self.typist.slip(self.offset) if self.offset not in self.slipped else None
            if slip:
                await self._slip(slip)
                continue
            self._press()

    async def _wait(self) -> Take | None:
        """The interval before the next key; what is accepted within it, if anything is."""
        if self.offset == self.trace.start:
            return None
        planned_s = max(self.minimum_s, self.typist.interval_s(self.offset))
        if self.offset in self.slipped:
            planned_s = typist.BACKSPACE_S
        self.minimum_s = 0.0
        shows, standing = len(self.editor.record.shows), self.editor.ghost is not None
        take = await self._take_before(self.editor.last_key_at + planned_s, planned_s)
        if planned_s > typist.PAUSE_S:
            new = self.editor.record.shows[shows:]
            after_ms = new[0].after_key_ms if new else None
            self.editor.record.pauses.append(Pause(standing, after_ms))
        return take

    async def _take_before(self, deadline: float, planned_s: float) -> Take | None:
        while True:
            take, take_at = self._intent(planned_s)
            until = min(deadline, take_at)
            self.editor.changed.clear()
            try:
                left_s = until - now_s()
                await asyncio.wait_for(self.editor.changed.wait(), max(0.0, left_s))
            except TimeoutError:
                return take if take_at <= deadline else None

    def _intent(self, planned_s: float) -> tuple[Take | None, float]:
        """What the user means to accept and when; never, when nothing is worth it."""
        ghost = self.editor.ghost
        take = right_part(ghost, self.editor.truly_next) if ghost else None
        never = None, float("inf")
        if not take or self._gain(take) < self.typist.temperament.min_gain_keys:
            return never
        shown_place = self.trace.end - len(self.editor.shown_next)
        if self.typist.glances(shown_place):
            look_at = self.editor.shown_at
        elif planned_s > typist.LOOK_WAIT_S:
            look_at = max(self.editor.shown_at, self.editor.last_key_at + typist.SETTLE_S)
        else:
            return never
        return take, look_at + self.typist.reaction_s(shown_place, take.text)

    def _gain(self, take: Take) -> int:
        return count_keys(self.trace.text, self.offset, self.offset + len(take.text))

    def _accept(self, take: Take) -> None:
        self.editor.record.gained_keys += self._gain(take) - 1
        self.editor.record.shows[-1].gained_keys += self._gain(take) - 1
        self.editor.record.accepted_tokens += count_tokens(take.text)
        self.offset += len(take.text)
        self.editor.accept(take, self._truly_next())
        self.minimum_s = typist.AFTER_ACCEPT_S

    def _press(self) -> None:
        key = key_at(self.trace.text, self.offset)
        self.offset += len(key)
        self.editor.press(key, self._truly_next())

    async def _slip(self, slip: Slip) -> None:
        """The wrong key, what follows before it is noticed, and the way back."""
        self.slipped.add(self.offset)
        self.editor.press(slip.wrong, "")
        unnoticed = self.trace.text[self.offset + 1 : self.offset + 1 + slip.unnoticed]
        for key in unnoticed:
            await asyncio.sleep(typist.BURST_S[0])
            self.editor.press(key, "")
        await asyncio.sleep(typist.SLIP_NOTICED_S)
        for left in range(len(unnoticed), -1, -1):
            self.editor.erase("" if left else self._truly_next())
            if left:
                await asyncio.sleep(typist.BACKSPACE_S)

    def _truly_next(self) -> str:
        return self.trace.text[self.offset : self.trace.end]
