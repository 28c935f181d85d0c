--- Ghost text for Neovim 0.10 and 0.11, and for those who prefer it later.
---
--- The server is asked at every key and waits for pauses by itself. Only its newest answer counts.
--- What is typed along a suggestion stays in sight without waiting for an answer.

local client_of = require('devstral.client')
local event = require('devstral.event')
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
  if shown then
    shown = nil
    event.fire('Hidden')
  end
  for _, bufnr in ipairs(vim.api.nvim_list_bufs()) do
    vim.api.nvim_buf_clear_namespace(bufnr, namespace, 0, -1)
  end
end

--- Draw what of the suggestion has not been typed, or nothing if it does not fit any more.
---
--- What it covers behind the cursor, such as brackets that were closed ahead, lies under it.
local function draw()
  vim.api.nvim_buf_clear_namespace(0, namespace, 0, -1)
  local rest = shown and rest_of(shown)
  if not rest then
    return hide()
  end
  local lines = {}
  for line in vim.gsplit(rest, '\n', { plain = true }) do
    lines[#lines + 1] = line:gsub('\t', (' '):rep(vim.bo.tabstop))
  end
  local at, tail = piece.cursor(), shown.tail
  local over = vim.fn.strcharpart(lines[1], 0, vim.fn.strchars(tail))
  local blank = (' '):rep(vim.fn.strdisplaywidth(tail) - vim.fn.strdisplaywidth(over))
  local function put(byte, text, position, further)
    vim.api.nvim_buf_set_extmark(0, namespace, at[1], byte, {
      virt_text = { { text, 'DevstralGhost' } },
      virt_text_pos = position,
      virt_lines = further,
      hl_mode = 'combine',
    })
  end
  local further = {}
  for index = 2, #lines do
    further[#further + 1] = { { lines[index], 'DevstralGhost' } }
  end
  if tail ~= '' then
    put(at[2], over .. blank, 'overlay')
  end
  put(at[2] + #tail, lines[1]:sub(#over + 1), 'inline', further)
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
    event.fire('Shown', text_of(shown))
  end
end

--- Ask the server, unless that was done at this very place.
---@param kind integer
---@param turn integer which of its items is to be shown: so many places after the first, in a circle
local function ask(kind, turn)
  local client, here = client_of.of(), place()
  if not client or (kind == AUTOMATIC and asked and asked.place == here) then
    return
  end
  local mine = { client = client, place = here }
  asked = mine
  mine.id = client_of.ask(client, kind, function(items)
    if asked == mine and client_of.is_inserting() and place() == here then
      take(client, items, turn % math.max(1, #items) + 1)
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
  hide()
  piece.put(typed, taken == text and #suggestion.tail or 0, taken)
  piece.told(suggestion.client, suggestion.items[suggestion.index], text, taken)
  event.fire('Accepted', taken:sub(#typed + 1))
  if taken ~= text and not taken:find('\n') then
    shown = suggestion
    draw()
    event.fire('Shown', text)
  end
  return true
end

--- Show the suggestion `by` places further on, asking for more if there is only one. False if there
--- is none.
---@param by integer
---@return boolean
function M.turn(by)
  if not shown then
    return false
  end
  if #shown.items == 1 then
    ask(INVOKED, by)
  else
    shown.index = (shown.index - 1 + by) % #shown.items + 1
    draw()
    event.fire('Shown', text_of(shown))
  end
  return true
end

--- Ask for a suggestion at the cursor. False if the server does not serve the buffer.
---@return boolean
function M.trigger()
  ask(INVOKED, 0)
  return client_of.of() ~= nil
end

--- Whether a suggestion is on the screen.
---@return boolean
function M.is_visible()
  return shown ~= nil
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
      ask(AUTOMATIC, 0)
    end,
  })
  -- Not InsertLeave, which Ctrl-C leaves out.
  vim.api.nvim_create_autocmd({ 'ModeChanged', 'BufLeave' }, {
    group = group,
    callback = function(left)
      if left.event == 'BufLeave' or not client_of.is_inserting() then
        M.dismiss()
        asked = nil
      end
    end,
  })
end

return M
