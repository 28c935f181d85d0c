"""The parts of `devstral-lsp init`: what each editor needs, merging, settings of other tools."""
