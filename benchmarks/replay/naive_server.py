"""The baseline: what forty lines of pygls give. A fixed wait, the whole file, no streaming.

python -m benchmarks.replay.naive_server
"""

from __future__ import annotations

import asyncio
import os

import httpx
from lsprotocol import types
from pygls.lsp.server import LanguageServer

WAIT_S = 0.25
MAX_TOKENS = 128
SERVER = LanguageServer("naive", "1")
CLIENT = httpx.AsyncClient(
    base_url=os.environ["DEVSTRAL_FIM_BASE_URL"],
    headers={"Authorization": f"Bearer {os.environ['MISTRAL_API_KEY']}"},
)


@SERVER.feature(types.TEXT_DOCUMENT_INLINE_COMPLETION, types.InlineCompletionOptions())
async def complete(
    server: LanguageServer, params: types.InlineCompletionParams
) -> list[types.InlineCompletionItem]:
    document = server.workspace.get_text_document(params.text_document.uri)
    text, offset = document.source, document.offset_at_position(params.position)
    await asyncio.sleep(WAIT_S)  # a newer key cancels this request, and the wait with it
    body = {
        "model": "codestral-latest",
        "prompt": text[:offset],
        "suffix": text[offset:],
        "max_tokens": MAX_TOKENS,
        "temperature": 0,
    }
    answer = (await CLIENT.post("/v1/fim/completions", json=body)).json()
    content = answer["choices"][0]["message"]["content"]
    here = types.Range(params.position, params.position)
    return [types.InlineCompletionItem(insert_text=content, range=here)] if content else []


if __name__ == "__main__":
    SERVER.start_io()
