"""Read source text around a cursor: windows, lines, brackets, and parser results."""
