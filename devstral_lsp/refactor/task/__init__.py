"""A task across the project: a conversation with tools that ends in one change to review.

`engine.py` holds the conversation, `tools/` what the model may call, `overlay.py` the files as they
would be. Nothing here writes to the disk or runs a program.
"""
