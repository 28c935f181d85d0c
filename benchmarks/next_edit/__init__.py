"""How often a next edit is what the user does: real commits, made hunk by hunk."""
