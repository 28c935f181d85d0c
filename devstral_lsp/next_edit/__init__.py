"""Proposes the user's next change elsewhere, learned from their last ones."""
