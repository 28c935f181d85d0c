"""What the user is told beside the answers: notices, status and problems with the settings.

A pop-up comes once per topic and session; the status is a line in the editor's log whenever it
changes, and where no status bar shows it, an outage pops up once, until a model answers again.
Knows no reasons: whoever makes a notice has decided that the user should read it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lsprotocol import types

from devstral_lsp.completion.status import Status, StatusKind
from devstral_lsp.config.problem import Effect, Problem, headline, worst
from devstral_lsp.providers.base import Notice, NoticeSeverity
from devstral_lsp.server.plain_text import message_text

if TYPE_CHECKING:
    from devstral_lsp.server.protocol import JsonRpcProtocol

DID_CHANGE_STATUS = "didChangeStatus"
"""To clients of Copilot's language server, for a status bar: {kind, message, busy}."""

_TYPES = {
    StatusKind.NORMAL: types.MessageType.Info,
    StatusKind.INACTIVE: types.MessageType.Info,
    StatusKind.WARNING: types.MessageType.Warning,
    StatusKind.ERROR: types.MessageType.Error,
}


class UserMessages:
    """Speaks to one client. `send_status` once it has said that it listens to the status."""

    def __init__(self, protocol: JsonRpcProtocol) -> None:
        self._protocol = protocol
        self._told: set[str] = set()
        """The topics of notices, and what they said."""
        self._problems: tuple[Problem, ...] = ()
        self._about: object = None
        """What the last message on the settings was about."""
        self._sent: Status | None = None
        self._settled = Status(StatusKind.NORMAL)
        self._in_outage = False
        self.send_status = False

    def notify(self, notice: Notice) -> None:
        """Tell a notice, unless its topic has been told."""
        if notice.topic in self._told:
            return
        self._told |= {notice.topic, notice.message}
        warning = notice.severity is NoticeSeverity.WARNING
        kind = types.MessageType.Warning if warning else types.MessageType.Info
        self.show(kind, notice.message)

    def status(self, status: Status) -> None:
        """Pass a status on, if it is not the one that was told last."""
        if self.send_status and status != self._sent:
            message = message_text(status.message)
            told = {"kind": status.kind.value, "message": message, "busy": status.busy}
            self._protocol.notify(DID_CHANGE_STATUS, told)
        self._sent = status
        if status.busy or status == self._settled:
            return  # A try is no news until it has ended in another way than the one before it.
        self._settled = status
        if status.message:
            self._log(_TYPES[status.kind], status.message)
        if not self.send_status and status.kind is not StatusKind.INACTIVE:
            self._pop_up_once(status)

    def _pop_up_once(self, status: Status) -> None:
        """The reason may change within an outage, which is over once all is well."""
        was_in_outage, self._in_outage = self._in_outage, status.kind is not StatusKind.NORMAL
        if self._in_outage and not was_in_outage and status.message not in self._told:
            self.show(types.MessageType.Warning, status.message)

    def problems(self, problems: Sequence[Problem]) -> None:
        """Tell what is wrong with the settings, in one message, when that has changed.

        While the settings from before stay in force, further slips in the same place are no news
        for a pop-up: many editors save with each pause in typing. The log has them.
        """
        problems = tuple(each for each in problems if each.effect is not Effect.WAITS)
        if problems == self._problems:
            return
        self._problems = problems
        if not problems:
            self._about = None
            self._log(types.MessageType.Info, "devstral-lsp can read all its settings again.")
            return
        text, about = headline(problems), _about(problems)
        if not text:
            text = "\n".join(["devstral-lsp left out settings:", *(p.sentence for p in problems)])
        if about == self._about:
            self._log(types.MessageType.Warning, text)
            return
        self._about = about
        self._told.add(text)
        self.show(types.MessageType.Warning, text)

    def show(self, kind: types.MessageType, message: str) -> None:
        """Pop a message up."""
        params = types.ShowMessageParams(type=kind, message=message_text(message))
        self._protocol.notify(types.WINDOW_SHOW_MESSAGE, params)

    def _log(self, kind: types.MessageType, message: str) -> None:
        params = types.LogMessageParams(type=kind, message=message_text(message))
        self._protocol.notify(types.WINDOW_LOG_MESSAGE, params)


def _about(problems: Sequence[Problem]) -> object:
    """What a message on these problems is about: two that are about the same are one."""
    gravest = worst(problems)
    if gravest is not None and gravest.effect is Effect.KEEPS:
        return gravest.effect, gravest.source
    return headline(problems) or tuple(problems)
