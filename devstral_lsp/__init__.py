"""devstral-lsp: the language server for Mistral's code models."""

__version__ = "0.1.0"
