--- What the buffer's other language servers know of a name: where it and its type are defined, and
--- the signature of the call around the cursor. The server asks where the text tells nothing.

local M = {}

local TIMEOUT_MS = 50

--- A position of one client's as another client counts it.
---@param line string
---@param character integer
---@param from string encoding
---@param to string encoding
---@return integer
local function recoded(line, character, from, to)
  if vim.fn.has('nvim-0.11') == 1 then
    return vim.str_utfindex(line, to, vim.str_byteindex(line, from, character, false), false)
  end
  local byte = vim.lsp.util._str_byteindex_enc(line, character, from)
  return vim.lsp.util._str_utfindex_enc(line, byte, to)
end

---@param found lsp.Location|(lsp.Location|lsp.LocationLink)[]|nil
---@param places { uri: string, line: integer }[]
local function add_places(found, places)
  if type(found) ~= 'table' then
    return
  end
  for _, each in ipairs(vim.islist(found) and found or { found }) do
    local range = each.targetSelectionRange or each.range
    places[#places + 1] = { uri = each.targetUri or each.uri, line = range.start.line }
  end
end

--- Answer `devstral/definition`. Neovim calls handlers in a coroutine, which waits here.
---@param params { textDocument: { uri: string, version: integer }, position: lsp.Position, cursor: lsp.Position }
---@param context lsp.HandlerContext
function M.answer(_, params, context)
  local waiting, open = coroutine.running(), 1
  local bufnr = vim.uri_to_bufnr(params.textDocument.uri)
  local asking = vim.lsp.get_client_by_id(context.client_id)
  local version = vim.lsp.util.buf_versions[bufnr]
  if not waiting or not asking or version ~= params.textDocument.version then
    return vim.NIL
  end
  local known = { types = {}, definitions = {}, signature = vim.NIL }
  local is_waiting = false
  local function finish()
    if is_waiting then
      is_waiting = false
      coroutine.resume(waiting)
    end
  end
  ---@param client vim.lsp.Client
  local function ask(client, method, place, on_result)
    local is_new = vim.fn.has('nvim-0.11') == 1
    local own = is_new and { client, method, bufnr } or { method, { bufnr = bufnr } }
    if not client.supports_method(unpack(own)) then
      return
    end
    local line = vim.api.nvim_buf_get_lines(bufnr, place.line, place.line + 1, false)[1] or ''
    local encoding = { asking.offset_encoding, client.offset_encoding }
    local character = recoded(line, place.character, encoding[1], encoding[2])
    local request = {
      textDocument = { uri = params.textDocument.uri },
      position = { line = place.line, character = character },
    }
    open = open + 1
    local function take(_, result)
      on_result(result)
      open = open - 1
      if open == 0 then
        finish()
      end
    end
    local arguments = { method, request, take, bufnr }
    if is_new then
      table.insert(arguments, 1, client)
    end
    client.request(unpack(arguments))
  end
  for _, client in ipairs(vim.lsp.get_clients({ bufnr = bufnr })) do
    if client.id ~= asking.id then
      ask(client, 'textDocument/typeDefinition', params.position, function(found)
        add_places(found, known.types)
      end)
      ask(client, 'textDocument/definition', params.position, function(found)
        add_places(found, known.definitions)
      end)
      ask(client, 'textDocument/signatureHelp', params.cursor, function(help)
        local chosen = help and help.signatures and help.signatures[(help.activeSignature or 0) + 1]
        known.signature = chosen and chosen.label or known.signature
      end)
    end
  end
  open = open - 1
  if open > 0 then
    is_waiting = true
    vim.defer_fn(finish, TIMEOUT_MS)
    coroutine.yield()
  end
  return known
end

return M
