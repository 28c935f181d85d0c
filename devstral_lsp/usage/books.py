"""The rows of the budget file, within one transaction: what was spent, limits learnt, pauses."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from devstral_lsp.usage.budget_file import KEPT_DAYS, Moment
from devstral_lsp.usage.decision import MONTH_S, WORKING_DAY_S
from devstral_lsp.usage.plans import Limit, Period, Unit
from devstral_lsp.usage.quota_headers import QuotaReport

MARGIN_S = 1.0
"""By which a window is taken to be longer: requests do not all travel equally fast."""

LEARNT_TTL_S = 7 * 24 * 3600.0
"""How long a limit counts that no reply has told since: a plan may have changed."""

TOLD = "as the endpoint says"
"""The source of a limit that a reply has told."""

_UNITS = tuple(Unit)

_LONGEST_WINDOW_S = max(each.seconds or 0.0 for each in Period)


@dataclass(frozen=True, slots=True)
class Pause:
    """For how long a model is left alone: until `until_s`, by the file's own time.

    `error` is the class of the failure that began it at `begun_s`.
    """

    until_s: float
    begun_s: float
    pause_s: float
    error: str


@dataclass(frozen=True, slots=True)
class Reservation:
    """The rows of a request that may be on its way."""

    row: int
    at_s: float
    day: str
    model: str
    tokens: float
    usd: float


@dataclass(frozen=True, slots=True)
class Spent:
    """What was sent in a time, and what it cost as far as prices are known."""

    requests: float
    tokens: float
    usd: float

    def __str__(self) -> str:
        return f"{self.requests:,.0f} requests, {self.tokens:,.0f} tokens, ${self.usd:,.2f}"


class Books:
    """Reads and writes the rows of `account` in an open transaction."""

    def __init__(self, connection: sqlite3.Connection, moment: Moment, account: str) -> None:
        self._connection = connection
        self.moment = moment
        self._account = account
        self._sums: dict[object, tuple[float, ...]] = {}
        """Sums of rows that nothing was added to since: several limits count the same rows."""

    def used(self, limit: Limit) -> float:
        """How much of a limit is used."""
        where, values = self._counted(limit)
        table = "spent" if limit.window.seconds is None else "recent"
        if (known := self._sums.get((where, values))) is None:
            sums = ", ".join(f"TOTAL({unit.name})" for unit in _UNITS)
            statement = f"SELECT {sums} FROM {table} WHERE {where}"
            known = self._connection.execute(statement, values).fetchone()
            self._sums[where, values] = known
        return known[_UNITS.index(limit.unit)]

    def retry_after_s(self, limit: Limit, excess: float) -> float:
        """Seconds until `excess` of what is used counts no more."""
        seconds = limit.window.seconds
        if seconds is None:
            return _end_of(limit.window, self.moment) - self.moment.wall_s
        where, values = self._counted(limit)
        statement = f"SELECT at_s, {limit.unit.name} FROM recent WHERE {where} ORDER BY at_s"
        left = excess
        for at_s, amount in self._connection.execute(statement, values):
            left -= amount
            if left <= 1e-9:
                return max(0.0, float(at_s) + seconds + MARGIN_S - self.moment.now_s)
        return seconds + MARGIN_S

    def progress(self, window: Period) -> float:
        """The share that is over of the month, or of a working day since its first request."""
        if window is Period.MONTH:
            return 1.0 - (_end_of(window, self.moment) - self.moment.wall_s) / MONTH_S
        row = self._connection.execute(
            "SELECT MIN(first_wall_s) FROM spent WHERE day = ? AND is_ours", (self.moment.day,)
        ).fetchone()
        return 0.0 if row[0] is None else (self.moment.wall_s - row[0]) / WORKING_DAY_S

    def reserve(self, model: str, tokens: float, usd: float) -> Reservation:
        """Note a request before it is sent."""
        oldest_s = self.moment.now_s - _LONGEST_WINDOW_S - MARGIN_S
        self._connection.execute("DELETE FROM recent WHERE at_s < ?", (oldest_s,))
        row = self._add_recent(model, 1, tokens, usd, is_ours=True)
        is_known = "SELECT 1 FROM spent WHERE day = ? LIMIT 1"
        is_new_day = self._connection.execute(is_known, (self.moment.day,)).fetchone() is None
        self._add_spent(self.moment.day, model, 1, tokens, usd, is_ours=True)
        if is_new_day:
            self._forget_old_days()
        return Reservation(row, self.moment.now_s, self.moment.day, model, tokens, usd)

    def arrived(self, reservation: Reservation) -> None:
        """The endpoint has answered: its own window began no later than now."""
        statement = "UPDATE recent SET at_s = ? WHERE id = ?"
        self._connection.execute(statement, (self.moment.now_s, reservation.row))
        self._sums.clear()

    def settle(
        self, reservation: Reservation, tokens: float, usd: float, charged_tokens: float
    ) -> None:
        """What a request cost; `charged_tokens` count towards limits of less than a day."""
        statement = "UPDATE recent SET tokens = ?, usd = ? WHERE id = ?"
        self._connection.execute(statement, (charged_tokens, usd, reservation.row))
        difference = (tokens - reservation.tokens, usd - reservation.usd)
        self._add_spent(reservation.day, reservation.model, 0, *difference, is_ours=True)

    def cancel(self, reservation: Reservation) -> None:
        """The request was not sent."""
        self._connection.execute("DELETE FROM recent WHERE id = ?", (reservation.row,))
        less = (-1, -reservation.tokens, -reservation.usd)
        self._add_spent(reservation.day, reservation.model, *less, is_ours=True)

    def learnt(self) -> tuple[Limit, ...]:
        """The limits that replies have told lately."""
        rows = self._connection.execute(
            "SELECT unit, window, most, model FROM learnt WHERE account = ? AND at_s > ?",
            (self._account, self.moment.now_s - LEARNT_TTL_S),
        )
        return tuple(
            Limit(unit=Unit(unit), window=Period[window], most=most, source=TOLD, model=model)
            for unit, window, most, model in rows
            if window in Period.__members__  # a later version may know more
        )

    def learn(self, model: str, reports: Iterable[QuotaReport]) -> None:
        """Take in what a reply tells. What it counts beyond our own, others have sent."""
        for report in reports:
            if report.most:
                self._connection.execute(
                    "INSERT OR REPLACE INTO learnt VALUES (?, ?, ?, ?, ?, ?)",
                    (
                        *(self._account, model, report.unit.value, report.window.name),
                        *(report.most, self.moment.now_s),
                    ),
                )
            if report.remaining is not None:
                self._learn_remaining(model, report, report.remaining)

    def pause(self, model: str) -> Pause | None:
        """Why a model is left alone; None if it is not."""
        row = self._connection.execute(
            "SELECT until_s, begun_s, pause_s, error FROM pauses WHERE account = ? AND model = ?",
            (self._account, model),
        ).fetchone()
        return Pause(*row) if row is not None else None

    def pauses(self) -> list[tuple[str, Pause]]:
        """The models that are left alone now, and why."""
        rows = self._connection.execute(
            "SELECT model, until_s, begun_s, pause_s, error FROM pauses "
            "WHERE account = ? AND until_s > ?",
            (self._account, self.moment.now_s),
        )
        return [(row[0], Pause(*row[1:])) for row in rows]

    def spent(self) -> tuple[Spent, Spent]:
        """What all accounts have spent today and in this month."""
        statement = (
            "SELECT TOTAL(requests), TOTAL(tokens), TOTAL(usd) FROM spent "
            "WHERE is_ours AND day >= ?"
        )
        days = (self.moment.day, self.moment.day[:8])
        today, month = (self._connection.execute(statement, (day,)).fetchone() for day in days)
        return Spent(*today), Spent(*month)

    def begin_pause(self, model: str, pause_s: float, error: str, sent_s: float = 0.0) -> None:
        """Leave a model alone: of the failures of requests that were on their way together, for
        the longest. One that was sent at `sent_s`, after the last failure, tells how it is now.
        """
        known, now_s = self.pause(model), self.moment.now_s
        until_s = now_s + pause_s
        if known is not None and known.begun_s >= sent_s:
            until_s = max(until_s, known.until_s)
        self._connection.execute(
            "INSERT OR REPLACE INTO pauses VALUES (?, ?, ?, ?, ?, ?)",
            (self._account, model, until_s, now_s, pause_s, error),
        )

    def hold_back(self, model: str, seconds: float) -> None:
        """One request goes first after a pause: others wait for its outcome so long at most."""
        self._connection.execute(
            "UPDATE pauses SET until_s = ? WHERE account = ? AND model = ?",
            (self.moment.now_s + seconds, self._account, model),
        )

    def end_pause(self, reservation: Reservation) -> None:
        """The request was answered: what went before it is over, but not what came after."""
        self._connection.execute(
            "DELETE FROM pauses WHERE account = ? AND model = ? AND begun_s < ?",
            (self._account, reservation.model, reservation.at_s),
        )

    def _forget_old_days(self) -> None:
        """Delete what no limit counts and no figure shows."""
        self._connection.execute(
            "DELETE FROM spent WHERE day NOT IN "
            "(SELECT DISTINCT day FROM spent ORDER BY day DESC LIMIT ?)",
            (KEPT_DAYS,),
        )

    def _learn_remaining(self, model: str, report: QuotaReport, remaining: float) -> None:
        most = report.most
        if most is None:
            if remaining < 1:  # all that is known is that nothing is left for now
                self.begin_pause(model, report.reset_s or report.window.seconds or 60.0, _USED_UP)
            return
        limit = Limit(unit=report.unit, window=report.window, most=most, source=TOLD, model=model)
        others = (most - remaining) - self.used(limit)
        if others <= 0:
            return
        amounts = (others, 0.0) if report.unit is Unit.REQUESTS else (0.0, others)
        if report.window.seconds is None:
            self._add_spent(self.moment.day, model, *amounts, 0.0, is_ours=False)
        else:
            self._add_recent(model, *amounts, 0.0, is_ours=False)

    def _counted(self, limit: Limit) -> tuple[str, tuple[object, ...]]:
        """The condition for the rows that count towards a limit now, and its values."""
        moment = self.moment
        since: tuple[str, object] = ("day >= ?", moment.day[:8])
        if limit.window is Period.DAY:
            since = ("day = ?", moment.day)
        elif limit.window.seconds is not None:
            since = ("at_s > ?", moment.now_s - limit.window.seconds - MARGIN_S)
        if limit.is_total:
            return f"{since[0]} AND is_ours", (since[1],)
        if not limit.model:
            return f"{since[0]} AND account = ?", (since[1], self._account)
        where = f"{since[0]} AND account = ? AND model = ?"
        return where, (since[1], self._account, limit.model)

    def _add_recent(
        self, model: str, requests: float, tokens: float, usd: float, *, is_ours: bool
    ) -> int:
        self._sums.clear()
        values = (self._account, model, is_ours, requests, tokens, usd)
        cursor = self._connection.execute(
            "INSERT INTO recent (at_s, day, account, model, is_ours, requests, tokens, usd) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (self.moment.now_s, self.moment.day, *values),
        )
        return cursor.lastrowid or 0

    def _add_spent(
        self, day: str, model: str, requests: float, tokens: float, usd: float, *, is_ours: bool
    ) -> None:
        self._sums.clear()
        self._connection.execute(
            "INSERT INTO spent VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (day, account, model, is_ours) DO UPDATE SET "
            "requests = requests + excluded.requests, tokens = tokens + excluded.tokens, "
            "usd = usd + excluded.usd",
            (day, self._account, model, is_ours, requests, tokens, usd, self.moment.wall_s),
        )


def _end_of(window: Period, moment: Moment) -> float:
    """When a day or a month ends, in seconds since 1970."""
    today = datetime.fromtimestamp(moment.wall_s, UTC).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    if window is Period.DAY:
        return (today + timedelta(days=1)).timestamp()
    return (today.replace(day=1) + timedelta(days=32)).replace(day=1).timestamp()


_USED_UP = "RateLimited"
