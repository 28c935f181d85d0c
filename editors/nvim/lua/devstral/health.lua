--- `:checkhealth devstral`

local M = {}

local function check_neovim()
  vim.health.start('Neovim')
  if vim.fn.has('nvim-0.12') == 1 then
    vim.health.ok('Shows inline completions by itself.')
  elseif vim.fn.has('nvim-0.10') == 1 then
    vim.health.ok('Shows inline completions with this plugin: require("devstral").setup()')
  else
    vim.health.error('Older than 0.10.')
  end
end

local function check_program(command)
  vim.health.start('Server')
  local program = type(command) == 'table' and command[1] or 'devstral-lsp'
  if vim.fn.executable(program) == 1 then
    vim.health.ok(vim.fn.exepath(program))
  else
    vim.health.error(program .. ' cannot be run.', {
      'Install it from a clone: pipx install .',
      'Or say where it is: require("devstral").setup({ lsp = { cmd = { "…" } } })',
    })
  end
end

local function check_clients(clients)
  if #clients == 0 then
    return vim.health.warn('It does not run.', {
      'Open a file that has a filetype.',
      'Is there a vim.lsp.enable("devstral") or require("devstral").setup() in your configuration?',
    })
  end
  for _, client in ipairs(clients) do
    local buffers = vim.tbl_count(client.attached_buffers)
    local root = client.config.root_dir or 'no folder'
    vim.health.ok(('Serves %d buffers of %s, in %s.'):format(buffers, root, client.offset_encoding))
  end
  local status = vim.g.devstral_status or { kind = 'Normal', message = '' }
  local report = status.kind == 'Normal' and vim.health.ok or vim.health.warn
  report(('Its status: %s. %s'):format(status.kind, status.message))
  vim.health.info('Settings, key, endpoint and model: run `devstral-lsp doctor`.')
end

function M.check()
  local clients = vim.lsp.get_clients({ name = require('devstral.client').name })
  check_neovim()
  check_program(clients[1] and clients[1].config.cmd)
  check_clients(clients)
end

return M
