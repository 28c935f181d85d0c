"""The commands that switch completion off and on, and snooze it: `devstral.toggle`, `…snooze`.

Both return the new state as a message, which is also shown in editors without a status bar.
"""

from __future__ import annotations

from collections.abc import Coroutine, Mapping
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from devstral_lsp.server.server import Server

MAX_MINUTES = 24 * 60.0


def toggle(server: Server, params: types.ExecuteCommandParams) -> Coroutine[Any, Any, Any]:
    """`devstral.toggle [{on?, uri?, language?}]`: everywhere, in a document, or in a language.

    Without `on` it toggles. Returns {on, message}.
    """
    match members := only_argument(params):
        case {"on": bool(on)}:
            wanted: bool | None = on
        case {"on": _}:
            raise JsonRpcInvalidParams(f"{params.command} takes {{on?, uri?, language?}}")
        case _:
            wanted = None
    uri, language = members.get("uri", ""), members.get("language", "")
    if not (isinstance(uri, str) and isinstance(language, str)):
        raise JsonRpcInvalidParams(f"{params.command} takes {{on?, uri?, language?}}")

    async def switch() -> dict[str, Any]:
        app = await server.app()
        app.switches.toggle(uri or language, on=wanted)
        reason = app.reporter.off_reason(uri, language)
        where = " in this file" if uri else f" for {language}" if language else ""
        return _answer(server, {"on": not reason}, reason or f"Completion is switched on{where}.")

    return switch()


def snooze(server: Server, params: types.ExecuteCommandParams) -> Coroutine[Any, Any, Any]:
    """`devstral.snooze [{minutes?}]`: offer no automatic completions for so many minutes.

    0 ends it; without a number, it lasts until the server ends. Returns {minutes, message}.
    """
    minutes = only_argument(params).get("minutes")
    is_number = isinstance(minutes, int | float) and not isinstance(minutes, bool)
    if minutes is not None and not (is_number and 0 <= minutes <= MAX_MINUTES):
        raise JsonRpcInvalidParams(f"{params.command} takes {{minutes?}}, up to {MAX_MINUTES:g}")

    async def sleep() -> dict[str, Any]:
        switches = (await server.app()).switches
        switches.snooze(minutes)
        message = switches.snooze_reason or "Completions appear again while you type."
        return _answer(server, {"minutes": minutes}, message)

    return sleep()


def only_argument(params: types.ExecuteCommandParams) -> Mapping[str, Any]:
    """The members of the one object that a command takes; none if there is no argument."""
    match params.arguments or []:
        case []:
            return {}
        case [dict(members)]:
            return members
        case _:
            raise JsonRpcInvalidParams(f"{params.command} takes one object")


def _answer(server: Server, answer: dict[str, Any], message: str) -> dict[str, Any]:
    if not server.client.wants_status:
        server.messages.show(types.MessageType.Info, message)
    return {**answer, "message": message}
