--- Ghost text and refactorings from Mistral's code models, by devstral-lsp. See |devstral.txt|.

local M = {}

local LONGEST_STATUS = 40

---@class devstral.Options
M.defaults = {
  --- Keys in insert mode, but for the last three. False leaves one out.
  keys = {
    accept = '<Tab>',
    accept_word = '<M-Right>',
    accept_line = '<M-End>',
    next = '<M-n>',
    previous = '<M-p>',
    trigger = '<M-\\>',
    dismiss = '<C-]>',
    rewrite = vim.fn.has('nvim-0.11') == 1 and 'grw', -- `gr` and a letter is a command before 0.11
    next_edit = '<Tab>',
    refuse_next_edit = '<Esc>',
  },
  --- Who draws the ghost text: Neovim ("builtin", 0.12 and later), or this plugin ("own").
  ghost = vim.fn.has('nvim-0.12') == 1 and 'builtin' or 'own',
  --- Whether next edits are shown.
  next_edit = true,
  --- The client's name. sidekick.nvim takes next edits only of one that has "copilot" in it.
  name = 'devstral',
  --- What |vim.lsp.config()| takes, such as `cmd` and `settings`.
  lsp = {},
}

--- Start the server for each file, also where |vim.lsp.enable()| is not there yet.
---@param name string
---@param config table
local function start(name, config)
  local file = vim.api.nvim_get_runtime_file('lsp/devstral.lua', false)[1]
  if vim.fn.has('nvim-0.11') == 1 then
    local ours = name == 'devstral' and {} or dofile(file)
    vim.lsp.config(name, vim.tbl_deep_extend('force', ours, config))
    vim.lsp.enable(name)
    return
  end
  local can = { capabilities = vim.lsp.protocol.make_client_capabilities(), name = name }
  local whole = vim.tbl_deep_extend('force', can, dofile(file), config)
  vim.api.nvim_create_autocmd('FileType', {
    group = vim.api.nvim_create_augroup('devstral.start', {}),
    callback = function(event)
      if vim.bo[event.buf].buftype == '' then
        local root = vim.fs.root(event.buf, whole.root_markers)
        vim.lsp.start(vim.tbl_extend('force', whole, { root_dir = root }), { bufnr = event.buf })
      end
    end,
  })
end

--- What shows the suggestions: `devstral.ghost` or `devstral.builtin`.
local inline

--- Start the server, show its suggestions, and map the keys.
---@param options? devstral.Options what is to differ from `defaults`
function M.setup(options)
  local chosen = vim.tbl_deep_extend('force', M.defaults, options or {})
  inline = require('devstral.' .. (chosen.ghost == 'own' and 'ghost' or 'builtin'))
  local can = {
    textDocument = { inlineCompletion = { dynamicRegistration = false } },
    experimental = { devstralDefinition = true },
  }
  local handlers = { ['devstral/definition'] = require('devstral.definition').answer }
  require('devstral.client').name = chosen.name
  inline.enable()
  local ours = { capabilities = can, handlers = handlers }
  start(chosen.name, vim.tbl_deep_extend('force', ours, chosen.lsp))
  require('devstral.keys').map(chosen.keys, inline)
  if chosen.next_edit then
    require('devstral.next_edit').enable(chosen.keys, inline)
  end
end

--- Take the suggestion, or a 'word' or 'line' of it. False if there is none.
---@param part? 'word'|'line'
---@return boolean
function M.accept(part)
  return inline ~= nil and inline.accept(part)
end

--- Show the next suggestion, or the one `by` places further on. False if there is none.
---@param by? integer
---@return boolean
function M.next(by)
  return inline ~= nil and inline.turn(by or 1)
end

--- Ask for a suggestion at the cursor. False if the server does not serve the buffer.
---@return boolean
function M.trigger()
  return inline ~= nil and inline.trigger()
end

--- Hide the suggestion until the next key. False if there is none.
---@return boolean
function M.dismiss()
  return inline ~= nil and inline.dismiss()
end

--- Whether a suggestion is on the screen, for keys and completion plugins that give way to it.
---@return boolean
function M.is_visible()
  return inline ~= nil and inline.is_visible()
end

--- A component for the statusline: `%{v:lua.require'devstral'.status()}`.
---
--- The beginning of what is wrong or, if nothing is, of what is spent; `:checkhealth devstral` has
--- all of it.
---@return string
function M.status()
  local status = vim.g.devstral_status
  if not status or not require('devstral.client').of() then
    return ''
  end
  if status.busy then
    return 'devstral …'
  end
  local used = status.message:match('^Used: (.*)%.$')
  if status.kind == 'Normal' and not used then
    return 'devstral'
  end
  local message = used or (status.message ~= '' and status.message or status.kind:lower())
  local beginning = vim.fn.strcharpart(message, 0, LONGEST_STATUS)
  return 'devstral: ' .. beginning .. (beginning ~= message and '…' or '')
end

return M
