"""Recognise files that are nothing but a key by their start, whatever their name.

In a program that contains a key, only the key is kept back.
"""

from __future__ import annotations

import re
from functools import lru_cache

HEAD = 2_000
"""Code points that are enough to decide."""
_STARTS = re.compile(
    r"\s{0,40}+(?:(?:#[^\n]*+|Bag Attributes|[ \t]{1,8}+[\w.]{1,40}+: [^\n]*+"
    r"|Key Attributes[^\n]*+)?+\n){0,40}+"
    r"(?:-{4,5} ?BEGIN [\w .]{0,40}?(?:PRIVATE KEY|Static key)|AGE-SECRET-KEY-1"
    r"|PuTTY-User-Key-File-\d|untrusted comment: [^\n]{0,80}+secret key)"
)
_SETTINGS = re.compile(r"(?:export[ \t]++)?+[A-Za-z_][\w.-]*+=[^\s=(].*+")
_PASSWORD_LINES = (
    re.compile(r"(?:[^:\s]++|\*):(?:\d++|\*):[^:\n]++:[^:\n]++:\S++"),  # .pgpass
    re.compile(r"https?://[^\s:@/]++:[^\s@/]++@\S++"),  # .git-credentials
    re.compile(r"[\w.@-]++:\$(?:apr1|2[aby]|[156y])\$\S++"),  # .htpasswd, /etc/shadow
)
_NETRC = re.compile(r"\s*+(?:machine[ \t]++\S++|default)\s++login\s++\S++\s++password\s++\S")
_WITHIN = (
    ('"auths"', '"auth"'),  # Docker
    ('"type": "service_account"', '"private_key"'),  # Google Cloud
    ("kind: Config", "client-key-data:"),  # Kubernetes
    ("kind: Config", "\n    token:"),
    ("[Interface]", "PrivateKey ="),  # WireGuard
    ('"kty"', '"d":'),  # JWK
    ("aws_access_key_id", "aws_secret_access_key"),
    ("<credentials>", "<privateKey>"),
)
"""The start of a file and what else it contains; the file must contain nothing else."""
_DATA = re.compile(r"\s*+(?:[{\[<]|apiVersion:|[\w-]++:)")


@lru_cache(maxsize=64)  # called at every keystroke for documents whose start does not change
def is_key_file(head: str) -> bool:
    """Whether a file is private as a whole; `head` are its first HEAD code points."""
    if _STARTS.match(head) or _NETRC.match(head):
        return True
    if _DATA.match(head) and any(one in head and other in head for one, other in _WITHIN):
        return True
    lines = [line.strip() for line in head.split("\n")]
    if len(head) >= HEAD:
        lines.pop()
    lines = [line for line in lines if line and line[0] not in "#;"]
    if not lines:
        return False
    if any(all(form.fullmatch(line) for line in lines) for form in _PASSWORD_LINES):
        return True
    if len(lines) != 1 and not all(_SETTINGS.fullmatch(line) for line in lines):
        return False
    from devstral_lsp.secrets.scan import find_secrets  # slow to import, and most files are code

    if len(lines) == 1 and find_secrets(lines[0]) == ((0, len(lines[0])),):
        return True
    return bool(_SETTINGS.fullmatch(lines[0]) and find_secrets(head))
