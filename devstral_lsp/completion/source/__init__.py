"""What filters and stages read in source text: brackets, indentation, identifiers, parses."""
