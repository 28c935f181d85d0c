"""How source text is read around a cursor: windows, lines, brackets, and what the parser says."""
