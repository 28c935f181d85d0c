"""What `devstral-lsp doctor` checks, in order, and what it says to do about each finding."""
