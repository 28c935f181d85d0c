"""Whether Python takes the indentation of a text: tree-sitter takes any, and blocks without a body.

Python's own parser answers, of whatever version runs here, so its verdict counts for indentation
and Python 2's statements alone: other syntax may be newer than it. Knows strings only.
"""

from __future__ import annotations

import ast
import threading
import warnings

_OLD_STATEMENTS = "Missing parentheses in call"
_guard = threading.Lock()
"""`warnings.catch_warnings` is for one thread at a time."""


def has_broken_indentation(code: str) -> bool:
    """Whether blocks are missing or stand wrong in `code`, or it is Python 2."""
    try:
        with _guard, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(code + "\n")
    except IndentationError:
        return True
    except SyntaxError as error:
        return error.msg.startswith(_OLD_STATEMENTS)
    except (ValueError, RecursionError, MemoryError):
        return False
    return False
