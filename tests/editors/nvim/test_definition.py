"""The plugin asks Neovim's other language servers what the server does not know."""

from __future__ import annotations

from typing import Any

import pytest

from tests.editors.nvim.session import Session
from tests.editors.support.waiting import until

pytestmark = [
    pytest.mark.editors,
    pytest.mark.timeout(120),
    pytest.mark.asyncio(loop_scope="session"),
]

OTHER = """\
local function request(method, params, callback)
  if method == 'initialize' then
    callback(nil, { capabilities = { typeDefinitionProvider = true, definitionProvider = true } })
  elseif method == 'textDocument/typeDefinition' then
    local start = { line = 4, character = 6 }
    local range = { start = start, ['end'] = start }
    callback(nil, { { targetUri = vim.uri_from_fname('/elsewhere/store.py'), targetRange = range,
      targetSelectionRange = range } })
  elseif method == 'textDocument/definition' and SILENT then
    return true, 9
  else
    callback(nil, params.position and { uri = 'file:///own.py',
      range = { start = params.position, ['end'] = params.position } } or nil)
  end
  return true, 1
end
local function other(dispatchers)
  return {
    request = request, notify = function() return true end,
    is_closing = function() return false end, terminate = function() end,
  }
end
vim.lsp.start({ name = NAME, cmd = other, root_dir = vim.fn.getcwd() })
"""


async def _answer(nvim: Session, name: str, lua: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The server's question at a dot of which the text tells nothing, and Neovim's answer."""
    (nvim.workspace / f"{name}.lua").write_text(lua)
    told = await nvim.opened(f"{name}.py")
    await nvim.normal()
    await nvim.command(f"luafile {name}.lua")
    await nvim.terminal.type("GA")
    await nvim.terminal.sees("-- INSERT --")
    await nvim.terminal.type("é = magic.")
    asked = await until(
        "devstral/definition",
        lambda: next(
            (
                (each, answer)
                for each in told.by_server("devstral/definition")
                if (answer := told.answer_of_editor(each))
            ),
            None,
        ),
    )
    await nvim.normal()
    await nvim.command("bwipeout!")
    return asked


async def test_it_answers_with_what_other_servers_know(nvim: Session) -> None:
    question, answer = await _answer(
        nvim, "spells", f"local NAME, SILENT = 'other', false\n{OTHER}"
    )
    known = answer["result"]
    assert known["types"] == [{"uri": "file:///elsewhere/store.py", "line": 4}]
    line = question["params"]["position"]["line"]
    assert known["definitions"] == [{"uri": "file:///own.py", "line": line}]


async def test_it_answers_without_one_that_is_silent(nvim: Session) -> None:
    _, answer = await _answer(nvim, "silent", f"local NAME, SILENT = 'silent', true\n{OTHER}")
    assert answer["result"]["types"] == [{"uri": "file:///elsewhere/store.py", "line": 4}]
