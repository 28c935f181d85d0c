"""What an endpoint says of its models, and which of them is taken."""
