"""What requests cost, and whether the next one may be sent."""
