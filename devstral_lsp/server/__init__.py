"""The only part that knows LSP."""
