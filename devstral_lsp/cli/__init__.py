"""The commands a person types. The only part that knows a terminal."""
