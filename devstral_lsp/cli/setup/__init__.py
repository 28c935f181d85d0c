"""The parts of `devstral-lsp init`: the lines for each editor, merging, settings of other tools."""
