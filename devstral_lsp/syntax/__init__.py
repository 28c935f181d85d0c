"""Everything that uses tree-sitter's nodes."""
