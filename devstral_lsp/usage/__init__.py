"""What suggestions cost, and what became of them. Nothing leaves the machine."""
