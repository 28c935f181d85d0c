--- `User` events about suggestions, for other plugins and for your own configuration.

local M = {}

--- Fire `DevstralShown`, `DevstralHidden` or `DevstralAccepted`.
---@param name 'Shown'|'Hidden'|'Accepted'
---@param text? string what is shown, or was accepted
function M.fire(name, text)
  vim.api.nvim_exec_autocmds('User', {
    pattern = 'Devstral' .. name,
    modeline = false,
    data = { text = text },
  })
end

return M
