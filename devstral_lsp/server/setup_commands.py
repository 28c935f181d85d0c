"""The commands for setting up: `devstral.checkKey`, `…doctor`, `…status`, `…models` and
`…localServers`.

They use the session's settings and the keys that the editor stores. Modules are imported on first
use.
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
    """`devstral.checkKey [{host?}]`: whether an origin accepts its key, {ok, message}."""
    host = only_argument(params).get("host", "")
    if not isinstance(host, str):
        raise JsonRpcInvalidParams(f"{params.command} takes {{host?}}")

    async def check() -> dict[str, Any]:
        await asyncio.to_thread(import_module, "devstral_lsp.doctor.key_check")
        from devstral_lsp.doctor.key_check import check_key

        editor_keys, folders = editor_extension(server).editor_keys, server.session.folders
        found = await check_key(
            server.resolved, os.environ, editor_keys=editor_keys, folders=folders, host=host
        )
        return asdict(found)

    return check()


async def doctor(server: Server, _: types.ExecuteCommandParams) -> list[dict[str, str]]:
    """`devstral.doctor`: the results of all checks, [{check, mark, said, advice}]."""
    await asyncio.to_thread(import_module, "devstral_lsp.doctor.checks")
    from devstral_lsp.doctor.checks import run_checks

    folder = next(iter(server.session.folders), Path.cwd())
    keys = editor_extension(server).editor_keys
    checks = run_checks(server.resolved, os.environ, folder, editor_keys=keys)
    async with aclosing(checks) as results:
        return [each.to_json async for each in results]


async def status(server: Server, _: types.ExecuteCommandParams) -> dict[str, Any]:
    """`devstral.status`: the members of `didChangeStatus`, and why refactoring is unavailable."""
    await server.app()
    refactoring = await server.refactoring.refusal()
    return {**server.messages.last_status, "refactoring": refactoring}


def models(server: Server, params: types.ExecuteCommandParams) -> Coroutine[Any, Any, Any]:
    """`devstral.models [{chat?}]`: the models to choose from, for completions or for refactoring.

    Returns {models: [{id, suits, contextTokens, pricePrompt, priceCompletion, retirement}],
    failure}, as specified in `doctor/models.py`.
    """
    chat = only_argument(params).get("chat", False)
    if not isinstance(chat, bool):
        raise JsonRpcInvalidParams(f"{params.command} takes {{chat?}}")

    async def find() -> dict[str, Any]:
        await asyncio.to_thread(import_module, "devstral_lsp.doctor.models")
        from devstral_lsp.doctor.models import list_models

        offer = await list_models(
            server.resolved,
            os.environ,
            for_fim=not chat,
            editor_keys=editor_extension(server).editor_keys,
            folders=server.session.folders,
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
    """`devstral.localServers`: the model servers that are running on this machine."""
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
