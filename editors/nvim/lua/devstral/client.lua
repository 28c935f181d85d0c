--- The connection to the server, alike for all versions of Neovim.

local M = {}

--- Of the client, as `setup()` was told.
M.name = 'devstral'

local INLINE = 'textDocument/inlineCompletion'

--- Call a method of a client: a function in Neovim 0.10, a method since 0.11.
---@param client vim.lsp.Client
---@param name string
local function call(client, name, ...)
  if vim.fn.has('nvim-0.11') == 1 then
    return client[name](client, ...)
  end
  return client[name](...)
end

--- The client of a buffer, if it is attached.
---@param bufnr? integer
---@return vim.lsp.Client?
function M.of(bufnr)
  return vim.lsp.get_clients({ name = M.name, bufnr = bufnr or 0 })[1]
end

--- Whether suggestions are wanted: in insert mode, also while Ctrl-O runs one command in it.
---@return boolean
function M.is_inserting()
  return vim.api.nvim_get_mode().mode:match('^n?i') ~= nil
end

--- Send a request about the current buffer. An error is no answer.
---@param client vim.lsp.Client
---@param method string
---@param params table
---@param on_result fun(result: any)
---@return integer? request
function M.request(client, method, params, on_result)
  local _, request = call(client, 'request', method, params, function(err, result)
    if not err then
      on_result(result)
    end
  end, vim.api.nvim_get_current_buf())
  return request
end

--- Ask for inline completions at the cursor of the current window.
---@param client vim.lsp.Client
---@param kind integer lsp.InlineCompletionTriggerKind: 1 invoked, 2 automatic
---@param on_items fun(items: lsp.InlineCompletionItem[])
---@return integer? request
function M.ask(client, kind, on_items)
  local params = vim.lsp.util.make_position_params(0, client.offset_encoding)
  params.context = { triggerKind = kind }
  return M.request(client, INLINE, params, function(result)
    on_items(result and (result.items or result) or {})
  end)
end

---@param client vim.lsp.Client
---@param request integer
function M.cancel(client, request)
  call(client, 'cancel_request', request)
end

--- Have the server execute a command, and show its answer. What comes of it later, it shows itself.
---@param client vim.lsp.Client
---@param command lsp.Command|{ command: string, arguments?: any[] }
function M.execute(client, command)
  local params = { command = command.command, arguments = command.arguments }
  call(client, 'request', 'workspace/executeCommand', params, function(err, result)
    if err then
      vim.notify(err.message, vim.log.levels.ERROR)
    elseif type(result) == 'table' and result.message then
      vim.notify(result.message)
    end
  end, vim.api.nvim_get_current_buf())
end

--- Tell the server what the user has taken or seen of a suggestion.
---@param client vim.lsp.Client
---@param method string
---@param item { command?: lsp.Command }
---@param more? table
function M.tell(client, method, item, more)
  if item.command then
    local params = vim.tbl_extend('force', { item = { command = item.command } }, more or {})
    call(client, 'notify', method, params)
  end
end

return M
