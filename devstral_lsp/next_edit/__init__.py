"""The user's next change elsewhere, learned from their last ones. Knows neither LSP nor HTTP."""
