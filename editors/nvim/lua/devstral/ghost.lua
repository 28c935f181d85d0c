--- Ghost text for Neovim 0.10 and 0.11, and for those who prefer it later.
---
--- The server is asked at every key and waits for pauses by itself. Only its newest answer counts.
--- What is typed along a suggestion stays in sight without waiting for an answer.

local client_of = require('devstral.client')
local piece = require('devstral.piece')

local M = {}

local namespace = vim.api.nvim_create_namespace('devstral.ghost')
local INVOKED, AUTOMATIC = 1, 2

---@class devstral.Suggestion
---@field client vim.lsp.Client
---@field items lsp.InlineCompletionItem[]
---@field index integer
---@field from { [1]: integer, [2]: integer } where its text begins, row and byte
---@field tail string what it covers behind the cursor

---@type devstral.Suggestion?
local shown
---@type { client: vim.lsp.Client, id: integer, place: string }?
local asked

local function is_inserting()
  return vim.startswith(vim.api.nvim_get_mode().mode, 'i')
end

--- The state of the buffer and the cursor in it.
local function place()
  local at = piece.cursor()
  local bufnr = vim.api.nvim_get_current_buf()
  return table.concat({ bufnr, vim.api.nvim_buf_get_changedtick(bufnr), at[1], at[2] }, ' ')
end

local function text_of(suggestion)
  return (suggestion.items[suggestion.index].insertText:gsub('\r\n?', '\n'))
end

--- What of a suggestion is not in the buffer, and what is; nil if it does not fit any more.
local function rest_of(suggestion)
  local text = text_of(suggestion)
  local typed = piece.typed(suggestion.from, text)
  local behind = vim.api.nvim_get_current_line():sub(piece.cursor()[2] + 1)
  if not typed or typed == text or not vim.startswith(behind, suggestion.tail) then
    return nil
  end
  return text:sub(#typed + 1), typed
end

local function hide()
  shown = nil
  for _, bufnr in ipairs(vim.api.nvim_list_bufs()) do
    vim.api.nvim_buf_clear_namespace(bufnr, namespace, 0, -1)
  end
end

--- Draw what of the suggestion has not been typed, or nothing if it does not fit any more.
local function draw()
  vim.api.nvim_buf_clear_namespace(0, namespace, 0, -1)
  local rest = shown and rest_of(shown)
  if not rest then
    return hide()
  end
  if #shown.tail > 0 and vim.endswith(rest, shown.tail) then
    rest = rest:sub(1, -#shown.tail - 1) -- which stands behind the cursor already
  end
  local lines = {}
  for line in vim.gsplit(rest, '\n', { plain = true }) do
    lines[#lines + 1] = { { line:gsub('\t', (' '):rep(vim.bo.tabstop)), 'DevstralGhost' } }
  end
  local at = piece.cursor()
  vim.api.nvim_buf_set_extmark(0, namespace, at[1], at[2], {
    virt_text = lines[1],
    virt_text_pos = 'inline',
    virt_lines = vim.list_slice(lines, 2),
    hl_mode = 'combine',
  })
end

--- Take the answer to the question that was asked last.
local function take(client, items, index)
  local item = items[1]
  if not item then
    return hide()
  end
  local at, range, encoding = piece.cursor(), item.range, client.offset_encoding
  local from = { at[1], piece.byte_of(range.start, encoding) }
  local tail = vim.api.nvim_get_current_line():sub(at[2] + 1, piece.byte_of(range['end'], encoding))
  local is_new = not (shown and shown.items[1].insertText == item.insertText)
  shown = { client = client, items = items, index = index, from = from, tail = tail }
  draw()
  if shown and is_new then
    client_of.tell(client, 'textDocument/didShowCompletion', item)
  end
end

--- Ask the server, unless that was done at this very place.
---@param kind integer
---@param index integer which of its items is to be shown, if there are that many
local function ask(kind, index)
  local client, here = client_of.of(), place()
  if not client or (kind == AUTOMATIC and asked and asked.place == here) then
    return
  end
  local mine = { client = client, place = here }
  asked = mine
  mine.id = client_of.ask(client, kind, function(items)
    if asked == mine and is_inserting() and place() == here then
      take(client, items, math.max(1, math.min(index, #items)))
    end
  end)
end

--- Take as much of the suggestion as `part` says. False if there is none.
---@param part? 'word'|'line'
---@return boolean
function M.accept(part)
  local rest, typed = nil, nil
  if shown then
    rest, typed = rest_of(shown)
  end
  if not rest then
    return false
  end
  local suggestion, text = shown, text_of(shown)
  local taken = typed .. piece.first(rest, part)
  shown = nil
  piece.put(suggestion.from, taken == text and #suggestion.tail or 0, taken)
  piece.told(suggestion.client, suggestion.items[suggestion.index], text, taken)
  if taken ~= text and not taken:find('\n') then
    shown = suggestion
  end
  draw()
  return true
end

--- Show another suggestion, asking for more if there is only one. False if there is none.
---@return boolean
function M.next()
  if not shown then
    return false
  end
  if #shown.items == 1 then
    ask(INVOKED, 2)
  else
    shown.index = shown.index % #shown.items + 1
    draw()
  end
  return true
end

--- Hide the suggestion until the next key. False if there is none.
---@return boolean
function M.dismiss()
  local was_shown = shown ~= nil
  hide()
  if asked then
    asked.id = asked.id and client_of.cancel(asked.client, asked.id)
  end
  return was_shown
end

--- Begin to show suggestions in all buffers that the server is attached to.
function M.enable()
  vim.api.nvim_set_hl(0, 'DevstralGhost', { link = 'NonText', default = true })
  local group = vim.api.nvim_create_augroup('devstral.ghost', {})
  vim.api.nvim_create_autocmd({ 'InsertEnter', 'TextChangedI', 'TextChangedP', 'CursorMovedI' }, {
    group = group,
    callback = function()
      if shown then
        draw()
      end
      ask(AUTOMATIC, 1)
    end,
  })
  vim.api.nvim_create_autocmd({ 'InsertLeave', 'BufLeave' }, {
    group = group,
    callback = function()
      M.dismiss()
      asked = nil
    end,
  })
end

return M
