"""What tree-sitter reads in a document: the one room that knows its nodes."""
