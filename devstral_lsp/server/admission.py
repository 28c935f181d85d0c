"""The token that clients of a port must present, and the limits of connections that have not.

Any process of the machine can reach a port. Until a client presents the token, its connection may
send `initialize` and nothing else, within limits of bytes, seconds and connections. Tokens are
compared in constant time, and shown only in the line that announces the port.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import secrets
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass

from devstral_lsp.config.readers import TOKEN_VARIABLE
from devstral_lsp.errors import ConfigError
from devstral_lsp.providers.base import Secret

TOKEN_OPTION = "token"
"""The member of `initializationOptions` that holds it: every editor can set these."""

MIN_TOKEN_CHARACTERS = 32
"""128 bits in hexadecimal digits, which cannot be guessed."""

AUTHENTICATION_S = 10.0
"""How long a connection may take to present the token."""

MAX_UNAUTHENTICATED = 32
"""Connections at once without a token. One more closes the oldest: a real client presents the token
at once, so that others cannot keep it out by occupying all places."""

MAX_BYTES_BEFORE = 256 << 10
"""Bytes of the first message. `initialize` takes some 20 kB from the editors that say most."""

WRONG_TOKEN_DELAY_S = 1.0
"""A client with the right token never waits for it, however many others guess."""

_REQUEST_FAILED = -32803
_NOT_INITIALIZED = -32002
_INVALID_REQUEST = -32600
"""Error codes of LSP and JSON-RPC."""

_HOW = (
    "The server prints its token on standard error when it starts, unless "
    f"{TOKEN_VARIABLE} gives it one."
)
NO_TOKEN = f"This port demands a token in initializationOptions.{TOKEN_OPTION}. {_HOW}"
WRONG_TOKEN = f"The token is wrong. {_HOW}"


@dataclass(frozen=True, slots=True)
class AccessToken:
    """The token of one process. `announcement` is what the log line on stderr shows of it."""

    secret: Secret
    announcement: str

    def matches(self, presented: str) -> bool:
        """Compare in constant time."""
        ours = self.secret.reveal().encode()
        return hmac.compare_digest(ours, presented.encode("utf-8", "replace"))


def take_token(environ: MutableMapping[str, str]) -> AccessToken:
    """The token in DEVSTRAL_TOKEN, which is removed from `environ`, or a new one.

    Raises ConfigError, without the token in its text, if the token is too short to be safe or holds
    characters that an HTTP header cannot.
    """
    given = environ.pop(TOKEN_VARIABLE, "")
    if not given:
        made = secrets.token_urlsafe(32)
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


class Admission:
    """The connections of one listener that have not presented the token."""

    def __init__(
        self, token: AccessToken, *, wrong_token_delay_s: float = WRONG_TOKEN_DELAY_S
    ) -> None:
        self._token = token
        self._delay_s = wrong_token_delay_s
        self._waiting: dict[object, Callable[[], None]] = {}
        self._is_closed = False

    def enter(self, abort: Callable[[], None]) -> object:
        """Count a connection as unauthenticated until the result is given to `leave`.

        `abort` closes it at once.
        """
        if self._is_closed:
            abort()
        while len(self._waiting) >= MAX_UNAUTHENTICATED:
            self._waiting.pop(next(iter(self._waiting)))()
        key = object()
        self._waiting[key] = abort
        return key

    def leave(self, key: object) -> None:
        """The connection has presented its token, or is gone."""
        self._waiting.pop(key, None)

    def close(self) -> None:
        """Close the connections that have not presented a token, and each that still comes."""
        self._is_closed = True
        while self._waiting:
            self._waiting.popitem()[1]()

    async def refusal(self, presented: str) -> str:
        """Why a token does not admit its client, after a delay; "" if it does."""
        if self._token.matches(presented):
            return ""
        await asyncio.sleep(self._delay_s)
        return WRONG_TOKEN

    async def first_message(
        self,
        receive: Callable[[], Awaitable[bytes | None]],
        answer: Callable[[bytes], Awaitable[None]],
    ) -> bytes | None:
        """The first message of a client with the right token, its `initialize`.

        None for any other client, which has been sent the reason, or that sent nothing.
        """
        try:
            async with asyncio.timeout(AUTHENTICATION_S):
                body = await receive()
        except TimeoutError:
            return None
        if body is None:
            return None
        first = _First.parse(body)
        why = first.refusal or await self.refusal(first.token)
        if not why:
            return body
        await answer(first.error(why))
        return None


@dataclass(frozen=True, slots=True)
class _First:
    """The first message of a connection. `refusal` is why it is refused whatever the token."""

    msg_id: int | str | None
    code: int
    token: str = ""
    refusal: str = ""

    @classmethod
    def parse(cls, body: bytes) -> _First:
        try:
            message = json.loads(body)
        except (ValueError, RecursionError):
            message = None
        if not isinstance(message, dict):
            return cls(None, _INVALID_REQUEST, refusal=NO_TOKEN)
        found = message.get("id")
        msg_id = found if isinstance(found, (int, str)) and not isinstance(found, bool) else None
        if message.get("method") != "initialize" or msg_id is None:
            return cls(msg_id, _NOT_INITIALIZED, refusal=NO_TOKEN)
        token = _token_in(message.get("params"))
        return cls(msg_id, _REQUEST_FAILED, token, refusal="" if token else NO_TOKEN)

    def error(self, why: str) -> bytes:
        error = {"code": self.code, "message": why, "data": {"retry": False}}
        return json.dumps({"jsonrpc": "2.0", "id": self.msg_id, "error": error}).encode()


def _token_in(params: object) -> str:
    options = params.get("initializationOptions") if isinstance(params, dict) else None
    token = options.get(TOKEN_OPTION) if isinstance(options, dict) else None
    return token if isinstance(token, str) else ""
