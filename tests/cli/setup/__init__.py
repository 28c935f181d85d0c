"""Tests of `devstral_lsp/cli/setup`."""
