augroup devstral
  autocmd!
  autocmd User lsp_setup call lsp#register_server({
        \ 'name': 'devstral',
        \ 'cmd': {info -> ['devstral-lsp', '--stdio']},
        \ 'allowlist': ['*'],
        \ })
augroup END
