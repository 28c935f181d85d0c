"""What `devstral-lsp init` is made of: the lines for each editor, and how they get into files."""
