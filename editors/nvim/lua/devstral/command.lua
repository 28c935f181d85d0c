--- `:Devstral` and its first word.

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

---@class devstral.Call
---@field told vim.api.keyset.create_user_command.command_args
---@field words string what stands behind the first word
---@field client vim.lsp.Client

--- Have the server execute a command.
---@param call devstral.Call
---@param command string
---@param argument? table
local function execute(call, command, argument)
  local arguments = argument and { argument } or nil
  client_of.execute(call.client, { command = command, arguments = arguments })
end

--- Execute a command with an instruction: the words, or what the user says when asked.
---@param call devstral.Call
---@param command string
---@param question string
---@param argument table
local function instruct(call, command, question, argument)
  argument.uri = vim.uri_from_bufnr(0)
  local function send(instruction)
    if instruction and vim.trim(instruction) ~= '' then
      argument.instruction = instruction
      execute(call, command, argument)
    end
  end
  if call.words ~= '' then
    return send(call.words)
  end
  vim.ui.input({ prompt = question }, send)
end

--- What a switch is for: everything, this file or this language.
local SCOPES = {
  [''] = function()
    return nil
  end,
  file = function()
    return { uri = vim.uri_from_bufnr(0) }
  end,
  language = function(client)
    local name = vim.bo.filetype
    return { language = client.get_language_id and client.get_language_id(0, name) or name }
  end,
}

local function complain(message)
  vim.notify(message, vim.log.levels.ERROR)
end

---@type table<string, { run: fun(call: devstral.Call), words?: string[] }>
local COMMANDS = {
  rewrite = {
    run = function(call)
      local range = range_of(call.told, call.client.offset_encoding)
      instruct(call, 'devstral.rewrite', 'What should become of this code? ', { range = range })
    end,
  },
  task = {
    run = function(call)
      instruct(call, 'devstral.task', 'What should be done in the project? ', {})
    end,
  },
  toggle = {
    words = { 'file', 'language' },
    run = function(call)
      local scope = SCOPES[call.words]
      if not scope then
        return complain(':Devstral toggle takes nothing, file or language')
      end
      execute(call, 'devstral.toggle', scope(call.client))
    end,
  },
  snooze = {
    words = { '5', '15', '60', '0' },
    run = function(call)
      local minutes = tonumber(call.words)
      if call.words ~= '' and not minutes then
        return complain(':Devstral snooze takes minutes, 0 to wake up, or nothing')
      end
      execute(call, 'devstral.snooze', minutes and { minutes = minutes })
    end,
  },
  status = {
    run = function()
      local status = vim.g.devstral_status or { kind = 'Normal', message = '' }
      local message = status.message ~= '' and status.message or 'All is well.'
      vim.notify(('Devstral: %s'):format(message))
    end,
  },
}

for name, command in pairs({
  undo = 'devstral.undoLast',
  cancel = 'devstral.cancel',
  again = 'devstral.showAgain',
  patch = 'devstral.exportPatch',
  transcript = 'devstral.showTranscript',
  why = 'devstral.why',
  prompt = 'devstral.showPrompt',
}) do
  COMMANDS[name] = {
    run = function(call)
      execute(call, command)
    end,
  }
end

--- Execute what `:Devstral` was given.
---@param told vim.api.keyset.create_user_command.command_args
function M.run(told)
  local name, words = told.args:match('^(%S+)%s*(.-)%s*$')
  local client, chosen = client_of.of(), COMMANDS[name]
  if not chosen then
    return complain('There is no :Devstral ' .. name)
  end
  if not client then
    return complain('devstral-lsp does not serve this buffer')
  end
  chosen.run({ told = told, words = words, client = client })
end

--- Words that begin like what has been typed.
---@param lead string
---@param line string
---@return string[]
function M.complete(lead, line)
  local before = vim.split(line:match('Devstral!?%s+(.*)$') or '', '%s+')
  local words = {}
  if #before == 1 then
    words = vim.tbl_keys(COMMANDS)
    table.sort(words)
  elseif #before == 2 and COMMANDS[before[1]] then
    words = COMMANDS[before[1]].words or {}
  end
  return vim.tbl_filter(function(word)
    return vim.startswith(word, lead)
  end, words)
end

return M
