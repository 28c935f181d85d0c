--- Next edits: where the change that was just made belongs as well, shown there.
---
--- The server is asked after each finished change, and only its newest answer counts. The keys are
--- mapped while an edit is shown and at no other time, so that they remain what they were.

local client_of = require('devstral.client')
local piece = require('devstral.piece')

local M = {}

local INLINE_EDIT, DID_SHOW = 'textDocument/copilotInlineEdit', 'textDocument/didShowInlineEdit'
local REFUSED = 'devstral.nextEdits.refused'
local DEBOUNCE_MS = 100
local OLD, NEW, SIGN = 'DevstralNextEditOld', 'DevstralNextEditNew', 'DevstralNextEditSign'

local drawn = vim.api.nvim_create_namespace('devstral.next_edit')
--- Of the mark at the first line of the edit, which moves along with edits above it.
local places = vim.api.nvim_create_namespace('devstral.next_edit.place')

---@class devstral.NextEdit
---@field client vim.lsp.Client
---@field bufnr integer
---@field command lsp.Command
---@field mark integer of `places`
---@field around string[] the lines of its range, as they must still be
---@field skipped integer how many of them come before those that change
---@field old string[] the lines that change
---@field new string[] what they become

---@type devstral.NextEdit?
local shown
---@type { client: vim.lsp.Client, id: integer? }?
local asked
--- Where there was no edit: the state of the buffer and the cursor's line in it. When the cursor has
--- left the line, what was changed there is finished, and the server is asked once more.
---@type { state: string, line: integer, is_left: boolean }?
local nothing
--- Keys for `take` and `refuse`, false for none.
---@type table<string|false, fun(): boolean>
local keys = {}
--- Maps of the buffer's own that ours cover while an edit is shown.
---@type table<string, table>
local covered = {}
--- What shows the suggestions: `devstral.ghost` or `devstral.builtin`.
local inline

local timer = assert(vim.uv.new_timer())

local function map_keys()
  for key, act in pairs(keys) do
    local before = vim.fn.maparg(key, 'n', false, true)
    if before.buffer == 1 then
      covered[key] = before
    end
    vim.keymap.set('n', key, act, { buffer = true, nowait = true, desc = 'Devstral: next edit' })
  end
end

local function unmap_keys()
  for key in pairs(keys) do
    pcall(vim.keymap.del, 'n', key, { buffer = true })
    if covered[key] then
      vim.fn.mapset('n', false, covered[key])
    end
  end
  covered = {}
end

local function hide()
  local was = shown
  shown = nil
  if was and vim.api.nvim_buf_is_loaded(was.bufnr) then
    vim.api.nvim_buf_clear_namespace(was.bufnr, drawn, 0, -1)
    vim.api.nvim_buf_clear_namespace(was.bufnr, places, 0, -1)
    vim.api.nvim_buf_call(was.bufnr, unmap_keys)
  end
end

--- Forget what is shown and what was asked.
local function clear()
  timer:stop()
  if asked and asked.id then
    client_of.cancel(asked.client, asked.id)
  end
  asked = nil
  hide()
end

--- The row of the first line that changes; nil if the lines are not any more what they were.
---@return integer?
local function row()
  local at = vim.api.nvim_buf_get_extmark_by_id(shown.bufnr, places, shown.mark, {})[1]
  local lines = at and vim.api.nvim_buf_get_lines(shown.bufnr, at, at + #shown.around, false)
  return vim.deep_equal(lines, shown.around) and at + shown.skipped or nil
end

--- How many bytes two lines have in common at their beginning and at their end. No word and no
--- character is torn.
---@param old string
---@param new string
---@return integer, integer
local function common(old, new)
  local function is_word(text, at)
    return text:sub(at, at):match('[%w_\128-\255]') ~= nil
  end
  local most = math.min(#old, #new)
  local head = 0
  while head < most and old:byte(head + 1) == new:byte(head + 1) do
    head = head + 1
  end
  if is_word(old, head + 1) or is_word(new, head + 1) then
    while head > 0 and is_word(old, head) do
      head = head - 1
    end
  end
  local tail = 0
  while tail < most - head and old:byte(#old - tail) == new:byte(#new - tail) do
    tail = tail + 1
  end
  if
    (#old - tail > head and is_word(old, #old - tail))
    or (#new - tail > head and is_word(new, #new - tail))
  then
    while tail > 0 and is_word(old, #old - tail + 1) do
      tail = tail - 1
    end
  end
  return head, tail
end

local function put(at, byte, options)
  vim.api.nvim_buf_set_extmark(shown.bufnr, drawn, at, byte, options)
end

local function chunk(text)
  return { text:gsub('\t', (' '):rep(vim.bo[shown.bufnr].tabstop)), NEW }
end

--- Draw lines that replace as many others: what changes of each is marked, and followed by the new.
local function draw_pairs(first)
  for index, old in ipairs(shown.old) do
    local new = shown.new[index]
    local head, tail = common(old, new)
    local text = new:sub(head + 1, #new - tail)
    local at = first + index - 1
    if #old > head + tail then
      put(at, head, { end_col = #old - tail, hl_group = OLD })
    end
    if text ~= '' then
      put(at, #old - tail, { virt_text = { chunk(text) }, virt_text_pos = 'inline' })
    end
  end
end

--- Draw lines that come, go, or replace more or fewer others: the old are marked, the new follow.
local function draw_lines(first)
  local after = first + #shown.old
  for index, old in ipairs(shown.old) do
    put(first + index - 1, 0, { end_col = #old, hl_group = OLD })
  end
  local further = {}
  for index, new in ipairs(shown.new) do
    further[index] = { chunk(new) }
  end
  if #further > 0 then
    put(math.max(after - 1, 0), 0, { virt_lines = further, virt_lines_above = after == 0 })
  end
end

--- Say at the cursor where the edit is, if that place is not on the screen.
local function draw_hint(first)
  local line = first + 1
  local is_seen = line >= vim.fn.line('w0') and line <= vim.fn.line('w$')
  if is_seen and vim.fn.foldclosed(line) == -1 then
    return
  end
  local hint = ('» next edit in line %d'):format(line)
  put(piece.cursor()[1], 0, { virt_text = { { hint, SIGN } }, virt_text_pos = 'eol' })
end

--- Draw the edit, or hide it if it does not fit any more.
local function draw()
  local first = row()
  if not first then
    return hide()
  end
  vim.api.nvim_buf_clear_namespace(shown.bufnr, drawn, 0, -1)
  local is_paired = #shown.old == #shown.new
  local draw_text = is_paired and draw_pairs or draw_lines
  draw_text(first)
  local last = vim.api.nvim_buf_line_count(shown.bufnr) - 1
  put(math.min(first, last), 0, { sign_text = '»', sign_hl_group = SIGN })
  draw_hint(math.min(first, last))
end

--- The lines of the buffer that an edit changes, and what they become, without those that stay.
---@param edit { range: lsp.Range, text: string }
---@param encoding string
local function changed_lines(edit, encoding)
  local from, to = edit.range.start, edit.range['end']
  local around = vim.api.nvim_buf_get_lines(0, from.line, to.line + 1, false)
  local old = vim.list_slice(around)
  if #old <= to.line - from.line then
    old[#old + 1] = '' -- what the server has behind the last line end
  end
  local head = old[1]:sub(1, piece.byte_of(from, encoding, old[1]))
  local tail = old[#old]:sub(piece.byte_of(to, encoding, old[#old]) + 1)
  local text = head .. edit.text:gsub('\r\n?', '\n') .. tail
  local new = vim.split(text, '\n', { plain = true })
  local skipped = 0
  while #old > 0 and #new > 0 and old[#old] == new[#new] do
    old[#old], new[#new] = nil, nil
  end
  while #old > 0 and old[1] == new[1] do
    table.remove(old, 1)
    table.remove(new, 1)
    skipped = skipped + 1
  end
  return { around = around, skipped = skipped, old = old, new = new }
end

--- Show an edit of the current buffer, unless it is shown already.
---@param client vim.lsp.Client
---@param edit { range: lsp.Range, text: string, command: lsp.Command }
local function show(client, edit)
  local is_same = shown and vim.deep_equal(shown.command, edit.command)
  if is_same and row() == edit.range.start.line + shown.skipped then
    return
  end
  hide()
  local lines = changed_lines(edit, client.offset_encoding)
  shown = vim.tbl_extend('error', lines, {
    client = client,
    bufnr = vim.api.nvim_get_current_buf(),
    command = edit.command,
    mark = vim.api.nvim_buf_set_extmark(0, places, edit.range.start.line, 0, {}),
  })
  map_keys()
  draw()
  client_of.tell(client, DID_SHOW, edit)
end

--- Whether an edit may be on the screen now: ghost text and menus win, and a key that takes an edit
--- would not do the same when a macro is played back.
local function may_show()
  local is_covered = client_of.is_inserting()
    and (inline.is_visible() or vim.fn.pumvisible() == 1)
  return not is_covered and vim.fn.reg_recording() == '' and vim.bo.modifiable
end

--- The state of the current buffer.
local function state()
  return vim.api.nvim_get_current_buf() .. ' ' .. vim.b.changedtick
end

local function ask()
  local client = client_of.of()
  if not client or not may_show() then
    return
  end
  if asked and asked.id then
    client_of.cancel(asked.client, asked.id)
  end
  local mine, before, line = { client = client }, state(), piece.cursor()[1]
  local params = vim.lsp.util.make_position_params(0, client.offset_encoding)
  params.textDocument.version = vim.lsp.util.buf_versions[vim.api.nvim_get_current_buf()]
  params.isTyping = client_of.is_inserting()
  asked = mine
  mine.id = client_of.request(client, INLINE_EDIT, params, function(answer)
    if asked ~= mine then
      return
    end
    asked = nil
    local is_current = state() == before
    local edit = answer and answer.edits[1]
    if is_current and edit and may_show() then
      show(client, edit)
    elseif is_current then
      hide()
      local is_left = nothing ~= nil and nothing.state == before and nothing.line ~= line
      nothing = { state = before, line = line, is_left = is_left }
    end
  end)
end

--- Put the new lines into the buffer, by as little as changes. Marks in what stays stay.
local function apply(first)
  local bufnr, old, new = shown.bufnr, shown.old, shown.new
  if #old ~= #new then
    return vim.api.nvim_buf_set_lines(bufnr, first, first + #old, false, new)
  end
  for index, line in ipairs(old) do
    local head, tail = common(line, new[index])
    local text = new[index]:sub(head + 1, #new[index] - tail)
    local at = first + index - 1
    if line ~= new[index] then
      vim.api.nvim_buf_set_text(bufnr, at, head, at, #line - tail, { text })
    end
  end
end

--- Go to the edit that is shown, or make it if the cursor is there. False if there is none.
---@return boolean
function M.take()
  local first = shown and row()
  if not first or shown.bufnr ~= vim.api.nvim_get_current_buf() then
    return false
  end
  local at, head = piece.cursor()[1], 0
  if shown.old[1] and shown.new[1] then
    head = common(shown.old[1], shown.new[1])
  end
  local is_there = at >= first and at <= first + math.max(#shown.old - 1, 0)
  local edit = shown
  if is_there then
    apply(first)
    hide()
    client_of.execute(edit.client, edit.command)
  else
    vim.cmd("normal! m'")
  end
  local last = vim.api.nvim_buf_line_count(0)
  vim.api.nvim_win_set_cursor(0, { math.min(first + 1, last), head })
  vim.cmd('normal! zv')
  return true
end

--- Refuse the edit that is shown, and with it its like, until that change is made by hand once more.
--- False if there is none.
---@return boolean
function M.refuse()
  local edit = shown
  clear()
  if edit then
    client_of.execute(edit.client, { command = REFUSED, arguments = edit.command.arguments })
  end
  return edit ~= nil
end

--- Begin to show next edits in all buffers that the server is attached to.
---@param chosen table<string, string|false> keys
---@param suggestions table the module `devstral.ghost` or `devstral.builtin`
function M.enable(chosen, suggestions)
  inline = suggestions
  for name, link in pairs({ [OLD] = 'DiffDelete', [NEW] = 'DiffAdd', [SIGN] = 'DiagnosticHint' }) do
    vim.api.nvim_set_hl(0, name, { link = link, default = true })
  end
  vim.keymap.set('n', '<Plug>(devstral-next-edit)', M.take, { desc = 'Devstral: next edit' })
  vim.keymap.set('n', '<Plug>(devstral-refuse-next-edit)', M.refuse, {
    desc = 'Devstral: refuse the next edit',
  })
  keys = { [chosen.next_edit] = M.take, [chosen.refuse_next_edit] = M.refuse }
  keys[false] = nil
  local group = vim.api.nvim_create_augroup('devstral.next_edit', {})
  local function on(events, callback, pattern)
    vim.api.nvim_create_autocmd(events, { group = group, pattern = pattern, callback = callback })
  end
  local function ask_soon()
    timer:start(DEBOUNCE_MS, 0, vim.schedule_wrap(ask))
  end
  local function follow()
    if shown and shown.bufnr == vim.api.nvim_get_current_buf() then
      draw()
    end
  end
  local function ask_if_line_left()
    local may_ask = nothing and not nothing.is_left and nothing.state == state()
    if may_ask and nothing.line ~= piece.cursor()[1] then
      ask_soon()
    end
  end
  on({ 'TextChanged', 'TextChangedI', 'TextChangedP', 'WinScrolled' }, follow)
  on({ 'CursorMoved', 'CursorMovedI' }, follow)
  on({ 'TextChanged', 'BufEnter', 'CursorHoldI' }, ask_soon)
  on('CursorMoved', ask_if_line_left)
  -- Not InsertLeave, which Ctrl-C leaves out.
  on('ModeChanged', ask_soon, { 'i*:n', 'R*:n' })
  on('User', clear, 'DevstralShown')
  on({ 'BufLeave', 'LspDetach', 'RecordingEnter' }, clear)
end

return M
