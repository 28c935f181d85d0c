"""A task across the project: a conversation with tools that ends in one change to review.

`agent.py` is the loop, `tools/` are the tools of the model, `overlay.py` holds the changed files.
Nothing here writes to the disk or runs a program.
"""
