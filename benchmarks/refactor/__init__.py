"""Replies of every kind, good and bad, to refactors of real code."""
