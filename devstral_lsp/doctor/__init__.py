"""The checks of `devstral-lsp doctor`, and the hints that it gives."""
