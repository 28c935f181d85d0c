"""What is wrong with an address that cannot be used, in words that say how to write it.

Nothing of the address is repeated but scheme and host: a query or a user name may hold a key.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_BARE = re.compile(
    r"(?:[a-z0-9-]+(?:\.[a-z0-9-]+)*|\[[0-9a-f:.]+\])(?::\d{1,5})?(?:/\S*)?", re.IGNORECASE
)
_LONGEST_SHOWN = 60
_LONGEST = 2000
_OF_THIS_MACHINE = re.compile(r"(?:localhost|127\.|\[::1\]|0\.0\.0\.0)", re.IGNORECASE)


def advice_on(address: str, *, is_proxy: bool = False) -> str:
    """Further sentences for the author of `address`; "" if there is nothing to advise."""
    text = address.strip()
    if not text or len(text) > _LONGEST:
        return ""
    for applies, advice in (
        (not text.isascii(), "It holds a letter beyond ASCII: write the host in its ASCII form."),
        (any(c.isspace() for c in text), "There is a blank in it."),
        ("\\" in text, "Write `/` for each backslash."),
        (_has_user(text), _PROXY_USER if is_proxy else _WITHOUT_USER),
        ("?" in text, "Leave out the query, from the `?` on."),
        ("#" in text, "Leave out the fragment, from the `#` on."),
    ):
        if applies:
            return f" {advice}"
    return _on_scheme(text, is_proxy=is_proxy)


_WITHOUT_USER = (
    "Leave out what stands before the `@`: a key belongs into a variable, such as the one that "
    "`api_key_env` names."
)


_PROXY_USER = (
    "Leave out what stands before the `@`, or set HTTPS_PROXY, where a user name and password may "
    "stand, in place of this."
)


def _has_user(text: str) -> bool:
    return "@" in re.split(r"[/?#]", text.partition("://")[2] or text)[0]


def _on_scheme(text: str, *, is_proxy: bool) -> str:
    is_host = any(mark in text for mark in ".:") or text == "localhost"
    if len(text) <= _LONGEST_SHOWN and is_host and _BARE.fullmatch(text):
        scheme = "http" if is_proxy or _OF_THIS_MACHINE.match(text) else "https"
        return f' Did you mean "{scheme}://{text}"?'
    if text.lower().startswith(("http://", "https://")):
        return _on_host(text)
    return ' It must begin with "https://", or with "http://" for a server without TLS.'


def _on_host(text: str) -> str:
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return " What follows the host's `:` must be a port."
    return " The host is missing." if not parts.hostname else ""
