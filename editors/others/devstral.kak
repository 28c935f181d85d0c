hook -group devstral global BufSetOption filetype=(?:python|javascript|typescript|c|cpp|rust|go|java|ruby|sh) %{
    set-option -add buffer lsp_servers %{
        [devstral-lsp]
        root_globs = [".git", ".hg"]
        args = ["--stdio"]
    }
}
