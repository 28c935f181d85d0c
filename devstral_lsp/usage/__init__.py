"""What requests cost, whether the next may be sent, and what became of suggestions."""
