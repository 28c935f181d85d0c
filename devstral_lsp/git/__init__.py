"""Reads a git repository without git: its index and its objects, and the diff between them.

Nothing is run and nothing is written, so that no setting, hook, filter or remote of a repository
can start a program. Everything is read within bounds, through no link, and from nowhere but the
repository that git itself would open for the folder in question. Knows no editor and no model.
"""
