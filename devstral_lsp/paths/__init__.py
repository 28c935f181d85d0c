"""Paths by their text alone: which names may be written (`names`), and which files run by
themselves (`sensitive`).
"""
