--- Pieces of a suggestion, and how they get into the buffer.

local client_of = require('devstral.client')
local macro = require('devstral.macro')

local M = {}

--- How much of `rest` is taken at once: all of it, or what `part` says.
---@param rest string what of a suggestion has not been typed
---@param part? 'word'|'line'
---@return string
function M.first(rest, part)
  if part == 'word' then
    local word = vim.fn.matchstr(rest, [[^\_s*\%(\k\+\|\%(\k\@!\S\)\+\)]])
    return word ~= '' and word or rest
  end
  if part == 'line' then
    return rest:match('^\n*[^\n]+') or rest
  end
  return rest
end

--- Put the rest of a text at the cursor, which goes behind it. `u` takes back this alone, and `.` and
--- macros repeat it, as anything that is pasted.
---@param typed string the beginning of the text, which stands there already
---@param tail integer how many bytes behind the cursor are replaced as well
---@param text string
function M.put(typed, tail, text)
  vim.cmd('let &g:undolevels = &g:undolevels')
  local at = M.cursor()
  vim.api.nvim_buf_set_text(0, at[1], at[2], at[1], at[2] + tail, {})
  local rest = text:sub(#typed + 1)
  vim.api.nvim_paste(rest, false, -1)
  macro.took(rest)
end

--- Where the cursor is: row and byte, both from 0.
---@return { [1]: integer, [2]: integer }
function M.cursor()
  local at = vim.api.nvim_win_get_cursor(0)
  return { at[1] - 1, at[2] }
end

--- The byte that a position names in its line, which is the cursor's unless it is given.
---@param position lsp.Position
---@param encoding string
---@param line? string
---@return integer
function M.byte_of(position, encoding, line)
  line = line or vim.api.nvim_get_current_line()
  if encoding == 'utf-8' then
    return math.min(position.character, #line)
  end
  if vim.fn.has('nvim-0.11') == 1 then
    return vim.str_byteindex(line, encoding, position.character, false)
  end
  local ok, byte = pcall(vim.str_byteindex, line, position.character, encoding == 'utf-16')
  return ok and byte or #line
end

--- What stands in the current buffer between `from` and the cursor, if it begins `text`.
---@param from { [1]: integer, [2]: integer }
---@param text string
---@return string?
function M.typed(from, text)
  local to = M.cursor()
  if to[1] ~= from[1] or to[2] < from[2] then
    return nil
  end
  local line = vim.api.nvim_get_current_line()
  local before = line:sub(from[2] + 1, to[2])
  return vim.startswith(text, before) and before or nil
end

--- Tell the server what was taken: all of an item, or as much as there is in `taken`.
---@param client vim.lsp.Client
---@param item { command?: lsp.Command }
---@param text string the item's
---@param taken string its beginning, as far as it now stands in the buffer
function M.told(client, item, text, taken)
  if taken == text then
    if item.command then
      client_of.execute(client, item.command)
    end
    return
  end
  local units = vim.fn.strutf16len(taken)
  client_of.tell(client, 'textDocument/didPartiallyAcceptCompletion', item, {
    acceptedLength = units,
  })
end

return M
