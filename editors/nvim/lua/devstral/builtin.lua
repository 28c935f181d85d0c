--- Neovim's own inline completion (0.12 and later), with what it leaves out.
---
--- That is: words and lines of a suggestion, asking for more than one, dropping answers that come
--- too late and suggestions that were typed against, and accepting right after a key, where 0.12.4
--- leaves that key behind the text (neovim#36529).

local client_of = require('devstral.client')
local piece = require('devstral.piece')

local M = {}

local INLINE = 'textDocument/inlineCompletion'
local INVOKED = 1

--- Whether the next question asks for more than one suggestion.
local wants_more = false

--- What Neovim shows: its own state cannot be read. `tail` is what is covered behind the cursor.
---@type { client: vim.lsp.Client, items: lsp.InlineCompletionItem[], index: integer, from: { [1]: integer, [2]: integer }, tail: integer }?
local shown

--- What of the text that is shown stands in the buffer; nil if it was typed against.
local function typed()
  return shown and piece.typed(shown.from, shown.items[shown.index].insertText)
end

--- Have Neovim ask the server. It has no call for that, but does so when the cursor has moved.
local function ask()
  local bufnr = vim.api.nvim_get_current_buf()
  pcall(vim.api.nvim_exec_autocmds, 'CursorMovedI', {
    group = 'nvim.lsp.inline_completion:' .. bufnr,
    buffer = bufnr,
  })
end

--- Take as much of the suggestion as `part` says. False if there is none.
---@param part? 'word'|'line'
---@return boolean
function M.accept(part)
  local before = typed()
  if not before then
    return false
  end
  local now, item = shown, shown.items[shown.index]
  local text = item.insertText
  local taken = before .. piece.first(text:sub(#before + 1), part)
  piece.put(now.from, taken == text and now.tail or 0, taken)
  piece.told(now.client, item, text, taken)
  if taken == text or taken:find('\n') then
    shown = nil
    vim.lsp.inline_completion.get({ on_accept = ask }) -- which hides what it shows
  end
  return true
end

--- Show another suggestion, asking for more if there is only one. False if there is none.
---@return boolean
function M.next()
  if not typed() then
    return false
  end
  if #shown.items > 1 then
    shown.index = shown.index % #shown.items + 1
    vim.lsp.inline_completion.select({ count = 1 })
    return true
  end
  wants_more = true
  ask()
  return true
end

--- Hide the suggestion until the next key. False if there is none.
---@return boolean
function M.dismiss()
  local was_shown = typed() ~= nil
  shown = nil
  vim.lsp.inline_completion.get({ on_accept = function() end })
  return was_shown
end

--- Keep in mind what Neovim shows from now on.
---@param client vim.lsp.Client
---@param items lsp.InlineCompletionItem[]
local function take(client, items)
  local first, before = items[1], shown and shown.items[1]
  shown = nil
  if not first then
    return
  end
  local column = function(position)
    return piece.byte_of(position, client.offset_encoding)
  end
  shown = {
    client = client,
    items = items,
    index = 1,
    from = { first.range.start.line, column(first.range.start) },
    tail = column(first.range['end']) - piece.cursor()[2],
  }
  if not before or before.insertText ~= first.insertText then
    client_of.tell(client, 'textDocument/didShowCompletion', first)
  end
end

--- Stand between Neovim and the server, where it asks for suggestions.
---@param client vim.lsp.Client
local function watch(client)
  local request = client.request
  ---@diagnostic disable-next-line: duplicate-set-field
  function client:request(method, params, handler, bufnr)
    if method ~= INLINE then
      return request(self, method, params, handler, bufnr)
    end
    local is_more = wants_more
    wants_more = false
    if is_more then
      params.context.triggerKind = INVOKED
    end
    local tick = vim.api.nvim_buf_get_changedtick(bufnr)
    return request(self, method, params, function(err, result, ...)
      if err or vim.api.nvim_buf_get_changedtick(bufnr) ~= tick then
        return
      end
      handler(err, result, ...)
      take(self, result and (result.items or result) or {})
      if is_more then
        M.next()
      end
    end, bufnr)
  end
end

--- Clear away what was typed against, which Neovim leaves until the next answer.
local function hide_unfit()
  if shown and not typed() then
    shown = nil
    local namespace = vim.api.nvim_get_namespaces()['nvim.lsp.inline_completion']
    vim.api.nvim_buf_clear_namespace(0, namespace, 0, -1)
  end
end

--- Begin to show suggestions in all buffers that the server is attached to.
function M.enable()
  local watched = {}
  local group = vim.api.nvim_create_augroup('devstral.builtin', {})
  vim.api.nvim_create_autocmd({ 'CursorMovedI', 'TextChangedI', 'InsertLeave' }, {
    group = group,
    callback = vim.schedule_wrap(hide_unfit),
  })
  vim.api.nvim_create_autocmd('LspAttach', {
    group = group,
    callback = function(event)
      local client = vim.lsp.get_client_by_id(event.data.client_id)
      if client and client.name == 'devstral' and not watched[client.id] then
        watched[client.id] = true
        watch(client)
      end
    end,
  })
  vim.lsp.inline_completion.enable()
end

return M
