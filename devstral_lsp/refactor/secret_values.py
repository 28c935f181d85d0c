"""Keys and passwords that a model recites or makes up, found in whole lines of code.

Knows strings only. What stands in the original already is nobody's business here.
"""

from __future__ import annotations

from devstral_lsp.secrets.blocks import PRIVATE_KEY
from devstral_lsp.secrets.scan import find_secrets
from devstral_lsp.secrets.values import is_certain


def adds_secret(code: str, original: str) -> bool:
    """Whether `code` holds a secret that `original` does not."""
    # Only new lines: an expression holds up every other thread until it is through a whole file.
    known = frozenset(original.split("\n"))
    lines = "\n".join(line for line in code.split("\n") if line not in known)
    found = (lines[start:end] for start, end in find_secrets(lines))
    certain = [value for value in found if is_certain(value)]
    begun = [match[0] for match in PRIVATE_KEY.finditer(lines)]
    return any(value not in original for value in (*begun, *certain))
