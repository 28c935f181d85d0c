--- Keys, and the `<Plug>` maps behind them. Where there is no suggestion, a key does what it did
--- before.

local macro = require('devstral.macro')

local M = {}

---@type table<string, { description: string, act: fun(inline: table): boolean }>
local ACTIONS = {
  accept = {
    description = 'accept the suggestion',
    act = function(inline)
      return inline.accept()
    end,
  },
  accept_word = {
    description = 'accept a word of the suggestion',
    act = function(inline)
      return inline.accept('word')
    end,
  },
  accept_line = {
    description = 'accept a line of the suggestion',
    act = function(inline)
      return inline.accept('line')
    end,
  },
  next = {
    description = 'show the next suggestion, or ask for one',
    act = function(inline)
      return inline.turn(1) or inline.trigger()
    end,
  },
  previous = {
    description = 'show the previous suggestion, or ask for one',
    act = function(inline)
      return inline.turn(-1) or inline.trigger()
    end,
  },
  trigger = {
    description = 'ask for a suggestion',
    act = function(inline)
      return inline.trigger()
    end,
  },
  dismiss = {
    description = 'hide the suggestion',
    act = function(inline)
      return inline.dismiss()
    end,
  },
}

--- Whether a key is for the completion menu: only while one of its items is selected.
local function is_for_menu()
  return vim.fn.pumvisible() == 1 and vim.fn.complete_info({ 'selected' }).selected >= 0
end

--- What does what a key did before.
---@param key string
---@return fun()
local function before(key)
  local map = vim.fn.maparg(key, 'i', false, true)
  if vim.tbl_isempty(map) and key:lower():match('^<[am]%-.>$') then
    return function() end -- Fed to Neovim, such a key would type the character alone.
  end
  local function feed(keys)
    -- In front of what has been typed ahead.
    vim.api.nvim_feedkeys(vim.keycode(keys), map.noremap == 0 and 'im' or 'in', false)
  end
  return function()
    local result = map.rhs or key
    if map.expr == 1 then
      result = map.callback and map.callback() or vim.api.nvim_eval(map.rhs)
    elseif map.callback then
      result = map.callback()
    end
    feed(type(result) == 'string' and result or '')
  end
end

--- Map the keys to what shows the suggestions.
---@param keys table<string, string|false>
---@param inline table the module `devstral.ghost` or `devstral.builtin`
function M.map(keys, inline)
  macro.enable()
  for name, action in pairs(ACTIONS) do
    local options = { desc = 'Devstral: ' .. action.description }
    vim.keymap.set('i', ('<Plug>(devstral-%s)'):format(name:gsub('_', '-')), function()
      action.act(inline)
    end, options)
    local key = keys[name]
    if key then
      local otherwise, recorded = before(key), vim.keycode(key)
      -- Without `expr`: that would be evaluated before the key typed before it is in the buffer.
      vim.keymap.set('i', key, function()
        macro.key = recorded
        if is_for_menu() or not action.act(inline) then
          otherwise()
        end
      end, options)
    end
  end
  local options = { desc = 'Devstral: change this code in your own words' }
  vim.keymap.set({ 'n', 'x' }, '<Plug>(devstral-rewrite)', ':Devstral rewrite<CR>', options)
  if keys.rewrite then
    options.remap = true
    vim.keymap.set({ 'n', 'x' }, keys.rewrite, '<Plug>(devstral-rewrite)', options)
  end
end

return M
