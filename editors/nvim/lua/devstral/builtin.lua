--- Neovim's own inline completion (0.12 and later), with what it leaves out.
---
--- That is: words and lines of a suggestion, asking for more than one, dropping answers that come
--- too late and suggestions that were typed against, and accepting right after a key, where 0.12.4
--- leaves that key behind the text (neovim#36529).

local client_of = require('devstral.client')
local event = require('devstral.event')
local piece = require('devstral.piece')

local M = {}

local INLINE = 'textDocument/inlineCompletion'
local INVOKED = 1

--- What the next question is for, if the user asks: which suggestion is to be shown of more.
---@type integer?
local wanted

--- What Neovim shows: its own state cannot be read. `tail` is what is covered behind the cursor.
---@type { client: vim.lsp.Client, items: lsp.InlineCompletionItem[], index: integer, from: { [1]: integer, [2]: integer }, tail: integer }?
local shown

--- What of the text that is shown stands in the buffer; nil if it was typed against.
local function typed()
  return shown and piece.typed(shown.from, shown.items[shown.index].insertText)
end

--- Forget what is shown.
local function forget()
  if shown then
    shown = nil
    event.fire('Hidden')
  end
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
  piece.put(before, taken == text and now.tail or 0, taken)
  piece.told(now.client, item, text, taken)
  event.fire('Accepted', taken:sub(#before + 1))
  if taken == text or taken:find('\n') then
    forget()
    vim.lsp.inline_completion.get({ on_accept = ask }) -- which hides what it shows
  end
  return true
end

--- Show the suggestion `by` places further on, asking for more if there is only one. False if there
--- is none.
---@param by integer
---@return boolean
function M.turn(by)
  if not typed() then
    return false
  end
  if #shown.items > 1 then
    shown.index = (shown.index - 1 + by) % #shown.items + 1
    vim.lsp.inline_completion.select({ count = by })
    event.fire('Shown', shown.items[shown.index].insertText)
    return true
  end
  wanted = by
  ask()
  return true
end

--- Ask for a suggestion at the cursor. False if the server does not serve the buffer.
---@return boolean
function M.trigger()
  if not client_of.of() then
    return false
  end
  wanted = 0
  ask()
  return true
end

--- Whether a suggestion is on the screen.
---@return boolean
function M.is_visible()
  return typed() ~= nil
end

--- Hide the suggestion until the next key. False if there is none.
---@return boolean
function M.dismiss()
  local was_shown = typed() ~= nil
  forget()
  vim.lsp.inline_completion.get({ on_accept = function() end })
  return was_shown
end

--- Keep in mind what Neovim shows from now on.
---@param client vim.lsp.Client
---@param items lsp.InlineCompletionItem[]
local function take(client, items)
  local first, before = items[1], shown and shown.items[1]
  if not first or not client_of.is_inserting() then
    return forget()
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
    event.fire('Shown', first.insertText)
  end
end

--- An item without what of it stands before the cursor. Neovim draws it over what stands behind the
--- cursor if its range is not empty.
---@param item lsp.InlineCompletionItem
---@param position lsp.Position the cursor
---@param encoding string
local function rest_of(item, position, encoding)
  local at = piece.byte_of(position, encoding)
  local begun = at - piece.byte_of(item.range.start, encoding)
  local range = { start = position, ['end'] = item.range['end'] }
  return vim.tbl_extend('force', item, { insertText = item.insertText:sub(begun + 1), range = range })
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
    local turn = wanted
    wanted = nil
    if turn then
      params.context.triggerKind = INVOKED
    end
    local tick = vim.api.nvim_buf_get_changedtick(bufnr)
    return request(self, method, params, function(err, result, ...)
      if err or vim.api.nvim_buf_get_changedtick(bufnr) ~= tick then
        return
      end
      local items = result and (result.items or result) or {}
      local drawn = vim.tbl_map(function(item)
        return rest_of(item, params.position, self.offset_encoding)
      end, items)
      handler(err, drawn, ...)
      take(self, items)
      if turn and turn ~= 0 and shown and #shown.items > 1 then
        M.turn(turn)
      end
    end, bufnr)
  end
end

--- Clear away what was typed against, which Neovim leaves until the next answer, and what is left
--- when insert mode ends by Ctrl-C, where there is no InsertLeave.
local function hide_unfit()
  if shown and not (typed() and client_of.is_inserting()) then
    forget()
    local namespace = vim.api.nvim_get_namespaces()['nvim.lsp.inline_completion']
    vim.api.nvim_buf_clear_namespace(0, namespace, 0, -1)
  end
end

--- Begin to show suggestions in all buffers that the server is attached to.
function M.enable()
  local watched = {}
  local group = vim.api.nvim_create_augroup('devstral.builtin', {})
  vim.api.nvim_create_autocmd({ 'CursorMovedI', 'TextChangedI', 'ModeChanged' }, {
    group = group,
    callback = vim.schedule_wrap(hide_unfit),
  })
  vim.api.nvim_create_autocmd({ 'TextChangedI', 'ModeChanged' }, {
    group = group,
    callback = function()
      wanted = nil
    end,
  })
  vim.api.nvim_create_autocmd('LspAttach', {
    group = group,
    callback = function(attached)
      local client = vim.lsp.get_client_by_id(attached.data.client_id)
      if not client or client.name ~= client_of.name then
        return
      end
      if not watched[client.id] then
        watched[client.id] = true
        watch(client)
      end
      -- For no other server that can do it, which its user may not want to see.
      vim.lsp.inline_completion.enable(true, { bufnr = attached.buf, client_id = client.id })
    end,
  })
end

return M
