--- Changes to look at before they are made: a scratch diff, `:w` makes them and `:q` does not.
---
--- A hunk that is deleted from the diff is left out.

local M = {}

local count = 0

--- Show the diff in a window of its own, and wait for the user.
---@param params { question: string, diff: string }
---@return { apply: boolean, diff?: string }
function M.ask(_, params)
  local waiting = coroutine.running()
  count = count + 1
  local bufnr = vim.api.nvim_create_buf(false, true)
  vim.api.nvim_buf_set_lines(bufnr, 0, -1, false, vim.split(params.diff:gsub('\n$', ''), '\n'))
  vim.api.nvim_buf_set_name(bufnr, ('devstral://%d/changes.diff'):format(count))
  vim.bo[bufnr].buftype = 'acwrite'
  vim.bo[bufnr].bufhidden = 'wipe'
  vim.bo[bufnr].filetype = 'diff'
  vim.bo[bufnr].modified = false
  -- Keys that are being typed are not for this.
  local is_typing = vim.api.nvim_get_mode().mode ~= 'n'
  local window = vim.api.nvim_open_win(bufnr, not is_typing, { split = 'below', win = -1 })
  vim.wo[window].winbar = ':w applies, :q discards  %<' .. params.question:gsub('%%', '%%%%')
  vim.wo[window].number = false

  local answer = { apply = false }
  local function accept()
    local lines = vim.api.nvim_buf_get_lines(bufnr, 0, -1, false)
    answer = { apply = true, diff = table.concat(lines, '\n') .. '\n' }
    vim.bo[bufnr].modified = false
    vim.schedule(function()
      pcall(vim.api.nvim_buf_delete, bufnr, { force = true })
    end)
  end
  vim.api.nvim_create_autocmd('BufWriteCmd', { buffer = bufnr, callback = accept })
  vim.api.nvim_create_autocmd('BufWipeout', {
    buffer = bufnr,
    callback = function()
      vim.schedule(function()
        coroutine.resume(waiting, answer)
      end)
    end,
  })
  -- So that `:q` discards, also where a hunk has been deleted.
  vim.api.nvim_create_autocmd({ 'TextChanged', 'InsertLeave' }, {
    buffer = bufnr,
    command = 'setlocal nomodified',
  })
  vim.keymap.set('n', 'ZZ', accept, { buffer = bufnr, desc = 'Devstral: make these changes' })
  return coroutine.yield()
end

return M
