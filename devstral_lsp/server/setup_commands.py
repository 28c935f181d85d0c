"""The commands that help to set up: `devstral.checkKey`, `…doctor`, `…status`, `…models` and
`…localServers`.

They ask with the settings of the session and the keys that the editor keeps. What they need is
imported when the first of them runs.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Coroutine
from contextlib import aclosing
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from devstral_lsp.server.editor_extension import editor_extension
from devstral_lsp.server.server import Server
from devstral_lsp.server.switch_commands import only_argument


def check_key(server: Server, params: types.ExecuteCommandParams) -> Coroutine[Any, Any, Any]:
    """`devstral.checkKey [{host?}]`: whether the key for an origin is accepted, {ok, message}."""
    host = only_argument(params).get("host", "")
    if not isinstance(host, str):
        raise JsonRpcInvalidParams(f"{params.command} takes {{host?}}")

    async def check() -> dict[str, Any]:
        await asyncio.to_thread(import_module, "devstral_lsp.doctor.key_check")
        from devstral_lsp.doctor.key_check import check_key

        kept, folders = editor_extension(server).kept, server.session.folders
        found = await check_key(server.resolved, os.environ, kept=kept, folders=folders, host=host)
        return asdict(found)

    return check()


async def doctor(server: Server, _: types.ExecuteCommandParams) -> list[dict[str, str]]:
    """`devstral.doctor`: the results of all checks, [{check, mark, said, advice}]."""
    await asyncio.to_thread(import_module, "devstral_lsp.doctor.checks")
    from devstral_lsp.doctor.checks import run_checks

    folder = next(iter(server.session.folders), Path.cwd())
    kept = editor_extension(server).kept
    async with aclosing(run_checks(server.resolved, os.environ, folder, kept=kept)) as found:
        return [
            {
                "check": each.check,
                "mark": each.mark.value,
                "said": each.message,
                "advice": each.hint,
            }
            async for each in found
        ]


async def status(server: Server, _: types.ExecuteCommandParams) -> dict[str, Any]:
    """`devstral.status`: the members of `didChangeStatus`, and why no model can refactor, or ""."""
    await server.app()
    refactoring = await server.refactoring.refusal()
    return {**server.messages.last_status, "refactoring": refactoring}


def models(server: Server, params: types.ExecuteCommandParams) -> Coroutine[Any, Any, Any]:
    """`devstral.models [{chat?}]`: the models to choose from, for completions or for refactoring.

    Answers {models: [{id, suits, contextTokens, pricePrompt, priceCompletion, retirement}],
    failure}, as `doctor/models.py` says.
    """
    chat = only_argument(params).get("chat", False)
    if not isinstance(chat, bool):
        raise JsonRpcInvalidParams(f"{params.command} takes {{chat?}}")

    async def find() -> dict[str, Any]:
        await asyncio.to_thread(import_module, "devstral_lsp.doctor.models")
        from devstral_lsp.doctor.models import list_models

        kept, folders = editor_extension(server).kept, server.session.folders
        offer = await list_models(
            server.resolved, os.environ, for_fim=not chat, kept=kept, folders=folders
        )
        rows = [
            {
                "id": each.id,
                "suits": each.suits,
                "contextTokens": each.context_tokens,
                "pricePrompt": each.price_prompt,
                "priceCompletion": each.price_completion,
                "retirement": each.retirement,
            }
            for each in offer.models
        ]
        return {"models": rows, "failure": offer.failure}

    return find()


async def local_servers(server: Server, _: types.ExecuteCommandParams) -> list[dict[str, Any]]:
    """`devstral.localServers`: the model servers on this machine that answer now."""
    await asyncio.to_thread(import_module, "devstral_lsp.doctor.local_servers")
    from devstral_lsp.doctor.local_servers import find_local_servers

    return [
        {
            "name": each.name,
            "provider": each.provider,
            "baseUrl": each.base_url,
            "models": list(each.models),
            "description": each.description,
        }
        for each in await find_local_servers()
    ]
