"""Read a git repository without running git: the index, the objects, and the diff between them.

Runs and writes nothing, so that no setting, hook, filter or remote of a repository can start a
program. Reads within limits, through no links, and only from the repository that git itself would
open for a folder.
"""
