"""The token that a client of a port presents, since any process of the machine reaches a port.

It is made at the start, or taken from a variable that children do not inherit. It is compared in
constant time and shown nowhere but in the line that announces the port.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass

from devstral_lsp.config.readers import TOKEN_VARIABLE
from devstral_lsp.errors import ConfigError
from devstral_lsp.providers.base import Secret

TOKEN_OPTION = "token"
"""The member of `initializationOptions` that holds it: what every editor can set."""

MIN_TOKEN_CHARACTERS = 32
"""128 bits in hexadecimal digits, which cannot be guessed."""

_MADE_BYTES = 32


@dataclass(frozen=True, slots=True)
class AccessToken:
    """The token of one process. `announcement` is what the user is told of it."""

    secret: Secret
    announcement: str

    def matches(self, presented: str) -> bool:
        """Whether a client presented this token; takes as long for a wrong one as for a right."""
        ours = self.secret.reveal().encode()
        return hmac.compare_digest(ours, presented.encode("utf-8", "replace"))


def take_token(environ: MutableMapping[str, str]) -> AccessToken:
    """The token in DEVSTRAL_TOKEN, which is removed from `environ`, or a new one.

    Raises ConfigError, without the token, if it is too short to keep anybody out, or holds what an
    HTTP header cannot.
    """
    given = environ.pop(TOKEN_VARIABLE, "")
    if not given:
        made = secrets.token_urlsafe(_MADE_BYTES)
        return AccessToken(Secret(made, "the start"), made)
    if len(given) < MIN_TOKEN_CHARACTERS or not all("!" <= each <= "~" for each in given):
        raise ConfigError(
            f"The token in {TOKEN_VARIABLE} must be at least {MIN_TOKEN_CHARACTERS} letters, "
            "digits and signs of ASCII without spaces, such as `openssl rand -hex 32` prints. "
            "Without the variable, a token is made and printed."
        )
    return AccessToken(Secret(given, TOKEN_VARIABLE), f"as in {TOKEN_VARIABLE}")


def without_token(options: object) -> object:
    """`initializationOptions` without the token, which is not a setting."""
    if not isinstance(options, Mapping) or TOKEN_OPTION not in options:
        return options
    return {name: each for name, each in options.items() if name != TOKEN_OPTION}
