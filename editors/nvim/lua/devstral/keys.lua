--- Keys in insert mode. Where there is no suggestion, a key does what it did before.

local M = {}

--- What does what a key did before.
---@param key string
---@return fun()
local function before(key)
  local map = vim.fn.maparg(key, 'i', false, true)
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

---@param key string|false
---@param description string
---@param act fun(): boolean
local function map(key, description, act)
  if not key then
    return
  end
  local otherwise = before(key)
  -- Without `expr`: that would be evaluated before the key typed right before it is in the buffer.
  vim.keymap.set('i', key, function()
    if vim.fn.pumvisible() == 1 or not act() then
      otherwise()
    end
  end, { desc = 'Devstral: ' .. description })
end

--- Map the keys to what shows the suggestions.
---@param keys table<string, string|false>
---@param inline table the module `devstral.ghost` or `devstral.builtin`
function M.map(keys, inline)
  map(keys.accept, 'accept the suggestion', function()
    return inline.accept()
  end)
  map(keys.accept_word, 'accept a word of the suggestion', function()
    return inline.accept('word')
  end)
  map(keys.accept_line, 'accept a line of the suggestion', function()
    return inline.accept('line')
  end)
  map(keys.next, 'show another suggestion', inline.next)
  map(keys.dismiss, 'hide the suggestion', inline.dismiss)
end

return M
