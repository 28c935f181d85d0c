--- Macros: where a key took a suggestion while one was recorded, the macro gets what was taken.
---
--- Played back, the key would find another suggestion, or none.

local M = {}

local MARK = vim.keycode('<Plug>(devstral-taken)')
--- What Neovim puts around text that `.` is to paste again; macros can hold it as well, from 0.11 on.
local PASTE = vim.fn.has('nvim-0.11') == 1 and { '\x80PS', '\x80PE' } or { '', '' }

--- The key that was pressed last, as it is recorded.
M.key = ''

---@type { keys: string, text: string }[]
local taken = {}

--- Put the texts in the place of the keys.
local function mend(register)
  local content = vim.fn.getreg(register)
  for _, each in ipairs(taken) do
    local from, to = content:find(each.keys, 1, true)
    if from then
      local text = each.text:gsub('\x80', '\x80\xfeX')
      content = content:sub(1, from - 1) .. PASTE[1] .. text .. PASTE[2] .. content:sub(to + 1)
    end
  end
  taken = {}
  vim.fn.setreg(register, content, 'c')
end

--- Keep in mind that the last key put this text into the buffer.
---@param text string
function M.took(text)
  if vim.fn.reg_recording() ~= '' and M.key ~= '' then
    taken[#taken + 1] = { keys = M.key .. MARK, text = text }
    vim.api.nvim_feedkeys(MARK, 'imt', false) -- which is recorded behind the key
  end
end

--- Begin to watch macros being recorded.
function M.enable()
  vim.keymap.set('i', '<Plug>(devstral-taken)', function() end)
  vim.api.nvim_create_autocmd('RecordingLeave', {
    group = vim.api.nvim_create_augroup('devstral.macro', {}),
    callback = function()
      local register = vim.v.event.regname:lower()
      if #taken > 0 then
        vim.schedule(function()
          mend(register)
        end)
      end
    end,
  })
end

return M
