"""The ways to fill in the middle, and which of them an endpoint can go."""
