"""Bringing changed settings into force: asking the editor, applying, registering anew.

What the settings mean is decided elsewhere; this is only the order of the steps.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from uuid import uuid4

from lsprotocol import types

from devstral_lsp.server.capabilities import registrations
from devstral_lsp.server.configuration import SECTION, Way

if TYPE_CHECKING:
    from devstral_lsp.server.server import Server


async def refresh(server: Server) -> None:
    """Ask the editor for its settings, and apply all layers as they are now."""
    await pull(server)
    server.reconfigure()
    await adapt_registrations(server)


async def pull(server: Server) -> None:
    """Take the editor's answer to `workspace/configuration`, if it gives any.

    An editor that does not answer is waited for until it is asked anew.
    """
    if not server.client.answers_configuration:
        return
    wanted = types.ConfigurationParams(items=[types.ConfigurationItem(section=SECTION)])
    protocol = server.protocol
    protocol.give_up(server.question)
    server.question = question = str(uuid4())
    method = types.WORKSPACE_CONFIGURATION
    asking = protocol.send_request_async(method, wanted, msg_id=question)
    try:
        await asyncio.wait((asking,))
    finally:
        protocol.give_up(question)
    answer = None if asking.cancelled() or asking.exception() else asking.result()
    if isinstance(answer, list) and answer:
        server.configuration.hear(Way.PULLED, answer[0])
        server.reconfigure()


async def adapt_registrations(server: Server) -> None:
    """Register and unregister so that the client asks for what the settings say."""
    wanted = registrations(server.client, server.resolved.settings, server.configuration.user_file)
    gone = [each for method, each in server.registered.items() if method not in wanted]
    new = [each for method, each in wanted.items() if method not in server.registered]
    server.registered = wanted
    if gone:
        unregistered = [types.Unregistration(id=each.id, method=each.method) for each in gone]
        await server.client_unregister_capability_async(types.UnregistrationParams(unregistered))
    if new:
        await server.client_register_capability_async(types.RegistrationParams(new))
