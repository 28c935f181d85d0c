-- The server for `vim.lsp.enable('devstral')`, Neovim 0.11 and later. See |devstral.txt|.
--
-- This file works by itself, too: copied into `lsp/` of your own configuration.

--- What the server says about itself, kept for the statusline: { kind, message, busy }.
local function on_status(_, status)
  vim.g.devstral_status = status
  vim.cmd.redrawstatus({ bang = true })
end

return {
  cmd = { 'devstral-lsp' },
  root_markers = { '.devstral.toml', '.git' },
  capabilities = { experimental = { didChangeStatus = true } },
  handlers = { didChangeStatus = on_status },
}
