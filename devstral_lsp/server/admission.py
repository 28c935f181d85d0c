"""The token that clients of a port must present, and the limits of unauthenticated connections.

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
"""Concurrent connections without a token. One more closes the oldest, so that other processes
cannot keep out a real client, which presents its token at once."""

MAX_BYTES_BEFORE = 256 << 10
"""Size limit of the first message. The largest `initialize` of any editor takes about 20 kB."""

WRONG_TOKEN_DELAY_S = 1.0
"""Delays only clients with a wrong token."""

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
    """The token of one process. `announcement` is its text in the line on standard error."""

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
        generated = secrets.token_urlsafe(32)
        return AccessToken(Secret(generated, "the start"), generated)
    if len(given) < MIN_TOKEN_CHARACTERS or not all("!" <= each <= "~" for each in given):
        raise ConfigError(
            f"The token in {TOKEN_VARIABLE} must be at least {MIN_TOKEN_CHARACTERS} letters, "
            "digits and signs of ASCII without spaces, such as `openssl rand -hex 32` prints. "
            "Without the variable, a token is generated and printed."
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
        """Call this when the connection has presented its token, or is closed."""
        self._waiting.pop(key, None)

    def close(self) -> None:
        """Close all connections that have not presented a token, also new ones from now on."""
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
        """The first message, `initialize`, of a client with the right token.

        None for a client that sent nothing, and for any other, to which the error was sent.
        """
        try:
            async with asyncio.timeout(AUTHENTICATION_S):
                body = await receive()
        except TimeoutError:
            return None
        if body is None:
            return None
        first = _FirstMessage.parse(body)
        why = first.refusal or await self.refusal(first.token)
        if not why:
            return body
        await answer(first.error(why))
        return None


@dataclass(frozen=True, slots=True)
class _FirstMessage:
    """The first message of a connection. `refusal` is why it is refused with any token."""

    msg_id: int | str | None
    code: int
    token: str = ""
    refusal: str = ""

    @classmethod
    def parse(cls, body: bytes) -> _FirstMessage:
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
