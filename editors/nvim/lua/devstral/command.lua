--- `:Devstral rewrite`, `task`, `undo`, `cancel`, `why` and `prompt`.

local client_of = require('devstral.client')

local M = {}

--- The lines of the command's range, or the cursor if it was given none.
local function range_of(told, encoding)
  if told.range == 0 then
    local at = vim.lsp.util.make_position_params(0, encoding).position
    return { start = at, ['end'] = at }
  end
  local last = vim.api.nvim_buf_get_lines(0, told.line2 - 1, told.line2, false)[1] or ''
  local from, to = { told.line1, 0 }, { told.line2, math.max(#last - 1, 0) }
  return vim.lsp.util.make_given_range_params(from, to, 0, encoding).range
end

---@type table<string, { command: string, question?: string, more?: fun(told: table, client: vim.lsp.Client): table }>
local COMMANDS = {
  rewrite = {
    command = 'devstral.rewrite',
    question = 'What should become of this code? ',
    more = function(told, client)
      return { range = range_of(told, client.offset_encoding) }
    end,
  },
  task = { command = 'devstral.task', question = 'What should be done in the project? ' },
  undo = { command = 'devstral.undoLast' },
  cancel = { command = 'devstral.cancel' },
  why = { command = 'devstral.why' },
  prompt = { command = 'devstral.showPrompt' },
}

--- Execute what `:Devstral` was given.
---@param told vim.api.keyset.create_user_command.command_args
function M.run(told)
  local name, words = told.args:match('^(%S+)%s*(.*)$')
  local client, chosen = client_of.of(), COMMANDS[name]
  if not chosen then
    return vim.notify('There is no :Devstral ' .. name, vim.log.levels.ERROR)
  end
  if not client then
    return vim.notify('devstral-lsp does not serve this buffer', vim.log.levels.ERROR)
  end
  if not chosen.question then
    return client_of.execute(client, { command = chosen.command })
  end
  local argument = chosen.more and chosen.more(told, client) or {}
  argument.uri = vim.uri_from_bufnr(0)
  local function send(instruction)
    if instruction and vim.trim(instruction) ~= '' then
      argument.instruction = instruction
      client_of.execute(client, { command = chosen.command, arguments = { argument } })
    end
  end
  if words ~= '' then
    return send(words)
  end
  vim.ui.input({ prompt = chosen.question }, send)
end

--- Names that begin like what has been typed, as the first word.
---@param lead string
---@param line string
---@return string[]
function M.complete(lead, line)
  if not line:match('Devstral!?%s+%S*$') then
    return {}
  end
  local names = vim.tbl_keys(COMMANDS)
  table.sort(names)
  return vim.tbl_filter(function(name)
    return vim.startswith(name, lead)
  end, names)
end

return M
