--- A component for lualine: `sections = { lualine_x = { 'devstral' } }`. See |devstral-status|.

local M = require('lualine.component'):extend()

local DEFAULTS = {
  icon = '',
  --- By what the server says of itself. For fonts with icons, see |devstral-status|.
  symbols = { Normal = '✓', Warning = '?', Error = '!', Inactive = '-', busy = '…' },
  --- With the beginning of what is wrong.
  message = true,
}

function M:init(options)
  M.super.init(self, options)
  self.options = vim.tbl_deep_extend('keep', self.options or {}, DEFAULTS)
end

function M:update_status()
  local status = vim.g.devstral_status
  local shown = require('devstral').status()
  if shown == '' or not status then
    return ''
  end
  local symbol = self.options.symbols[status.busy and 'busy' or status.kind] or ''
  if self.options.message and not status.busy then
    return 'devstral ' .. symbol .. shown:gsub('^devstral:?', '')
  end
  return 'devstral ' .. symbol
end

return M
