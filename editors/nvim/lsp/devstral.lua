-- The server for `vim.lsp.enable('devstral')`, Neovim 0.11 and later. See |devstral.txt|.
--
-- This file works by itself, too: copied into `lsp/` of your own configuration.

--- Whether the server has said that something is wrong, and not yet that all is well again.
local is_out = false

--- Show a message in one line: a longer one waits for Enter, and takes the keys that are typed.
local function notify(message)
  local line = message:gsub('%s+', ' ')
  local room = vim.v.echospace - 1
  if vim.fn.strdisplaywidth(line) > room then
    line = vim.fn.strcharpart(line, 0, room - 1) .. '…'
  end
  vim.notify(line, vim.log.levels.WARN, { title = 'Devstral' })
end

--- What the server says about itself, kept for the statusline: { kind, message, busy }.
---
--- The first word of an outage is shown; the statusline and `:checkhealth devstral` have the rest.
local function on_status(_, status)
  vim.g.devstral_status = status
  vim.cmd.redrawstatus({ bang = true })
  if status.busy then
    return
  end
  local was_out = is_out
  is_out = status.kind == 'Warning' or status.kind == 'Error'
  if is_out and not was_out then
    notify(status.message)
  end
end

local has_review, review = pcall(require, 'devstral.review')

return {
  cmd = { 'devstral-lsp' },
  root_markers = { '.devstral.toml', '.git' },
  capabilities = { experimental = { didChangeStatus = true, devstralReview = has_review } },
  handlers = {
    didChangeStatus = on_status,
    ['devstral/review'] = has_review and review.ask or nil,
  },
}
