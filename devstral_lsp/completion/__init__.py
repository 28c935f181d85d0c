"""From a cursor to what may be shown there. Knows no LSP and no endpoint."""
