"""Shows notices, the status and problems of the settings to the user.

A notice pops up once per topic and session. A change of status is a line in the editor's log; if no
status bar shows it, an outage pops up once, until a model answers again.
"""

from __future__ import annotations

from collections.abc import Sequence

from lsprotocol import types

from devstral_lsp.completion.status import Status, StatusKind
from devstral_lsp.config.problem import Effect, Problem, headline, worst
from devstral_lsp.providers.base import Notice, NoticeSeverity
from devstral_lsp.server.plain_text import message_text
from devstral_lsp.server.protocol import JsonRpcProtocol

DID_CHANGE_STATUS = "didChangeStatus"
"""To clients of Copilot's language server, for a status bar: {kind, message, busy}, and our own
member `remedy` (`Status.remedy`)."""

_TYPES = {
    StatusKind.NORMAL: types.MessageType.Info,
    StatusKind.INACTIVE: types.MessageType.Info,
    StatusKind.WARNING: types.MessageType.Warning,
    StatusKind.ERROR: types.MessageType.Error,
}


class UserMessages:
    """The messages to one client. `send_status` if it supports `didChangeStatus`."""

    def __init__(self, protocol: JsonRpcProtocol) -> None:
        self._protocol = protocol
        self._shown: set[str] = set()
        """Topics and texts of earlier notices."""
        self._problems: tuple[Problem, ...] = ()
        self._problems_subject: object = None
        """The subject of the last message about settings."""
        self._sent: Status | None = None
        self._settled = Status(StatusKind.NORMAL)
        self._in_outage = False
        self.send_status = False

    def notify(self, notice: Notice) -> None:
        """Pop a notice up, unless its topic has been shown."""
        if notice.topic in self._shown:
            return
        self._shown |= {notice.topic, notice.message}
        warning = notice.severity is NoticeSeverity.WARNING
        kind = types.MessageType.Warning if warning else types.MessageType.Info
        self.show(kind, notice.message)

    def status(self, status: Status) -> None:
        """Send and log a status if it has changed."""
        has_changed, self._sent = status != self._sent, status
        if self.send_status and has_changed:
            self._protocol.notify(DID_CHANGE_STATUS, self.last_status)
        if status.busy or status == self._settled:
            return  # Reported only if the outcome differs from the last one.
        self._settled = status
        if status.message:
            self._log(_TYPES[status.kind], status.message)
        if not self.send_status and status.kind is not StatusKind.INACTIVE:
            self._pop_up_once(status)

    @property
    def last_status(self) -> dict[str, object]:
        """The members of `didChangeStatus`."""
        now = self._sent or Status(StatusKind.NORMAL)
        message = message_text(now.message)
        return {
            "kind": now.kind.value,
            "message": message,
            "busy": now.busy,
            "remedy": now.remedy,
        }

    def _pop_up_once(self, status: Status) -> None:
        """Pop the first warning of an outage up; its reason may change until the outage ends."""
        was_in_outage, self._in_outage = self._in_outage, status.kind is not StatusKind.NORMAL
        if self._in_outage and not was_in_outage and status.message not in self._shown:
            self.show(types.MessageType.Warning, status.message)

    def problems(self, problems: Sequence[Problem]) -> None:
        """Show the problems of the settings in one message when they have changed.

        While the last good settings stay in force, further mistakes in the same file are only
        logged: many editors save at each pause in typing.
        """
        problems = tuple(each for each in problems if each.effect is not Effect.WAITS)
        if problems == self._problems:
            return
        self._problems = problems
        if not problems:
            self._problems_subject = None
            self._log(types.MessageType.Info, "devstral-lsp can read all its settings again.")
            return
        text, subject = headline(problems), _subject(problems)
        if not text:
            text = "\n".join(["devstral-lsp left out settings:", *(p.sentence for p in problems)])
        if subject == self._problems_subject:
            self._log(types.MessageType.Warning, text)
            return
        self._problems_subject = subject
        self._shown.add(text)
        self.show(types.MessageType.Warning, text)

    def show(self, kind: types.MessageType, message: str) -> None:
        """Pop a message up."""
        params = types.ShowMessageParams(type=kind, message=message_text(message))
        self._protocol.notify(types.WINDOW_SHOW_MESSAGE, params)

    def _log(self, kind: types.MessageType, message: str) -> None:
        params = types.LogMessageParams(type=kind, message=message_text(message))
        self._protocol.notify(types.WINDOW_LOG_MESSAGE, params)


def _subject(problems: Sequence[Problem]) -> object:
    """The subject of a message about these problems; it pops up only when this changes."""
    gravest = worst(problems)
    if gravest is not None and gravest.effect is Effect.KEEPS:
        return gravest.effect, gravest.source
    return headline(problems) or tuple(problems)
