"""What a cursor asks for: the members of what stands before the dot, what is called, what is to be
implemented. `source.py` is what the surroundings talk to."""
