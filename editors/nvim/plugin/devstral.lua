-- `:Devstral`. Everything else begins with `require('devstral').setup()`.

vim.api.nvim_create_user_command('Devstral', function(told)
  require('devstral.command').run(told)
end, {
  nargs = '+',
  range = true,
  desc = 'Ask devstral-lsp for a change in your own words',
  complete = function(...)
    return require('devstral.command').complete(...)
  end,
})
