"""Every error that devstral-lsp raises on purpose, with the sentence its user reads.

    DevstralError
    ├── ConfigError                   a settings file or key source that cannot be used
    ├── StaleDocument                 the document moved on since the question was asked
    └── ProviderError                 a model endpoint did not give an answer
        ├── EndpointUnreachable       no connection, timeout, reset, wrong address, a proxy's page
        ├── Unauthorized              the key is missing, wrong, revoked, or has run out of quota
        │   └── WrongHost             the key belongs to the other of Mistral's hosts
        ├── KeyNotSent                we will not send a key to that host
        ├── QuotaExhausted            no credit, budget or allowance is left: waiting will not help
        ├── RateLimited               too many requests or tokens for now
        │   └── BudgetExceeded        not sent: it would go beyond a limit, or could only be refused
        ├── ServerOverloaded          the server has no capacity, or is failing
        ├── ModelNotFound             the model id does not exist, or is retired
        ├── FimNotSupported           the model exists, but does not fill in the middle
        ├── ContextLengthExceeded     prompt and answer do not fit the model's context
        ├── ContentRefused            a content filter objects to the text
        ├── InvalidRequest            the endpoint refused the request: a bug of ours, or a feature
        │                             that the model lacks
        └── InvalidResponse           the endpoint answered something that is not an answer

`providers/http/error_mapping.py` maps HTTP responses to these, the engine decides what to do about
them, and `str(error)` is what the user reads. No error holds a key or any source text.
"""

from __future__ import annotations


class DevstralError(Exception):
    """Base of all. `str(error)` is one sentence or two that tell a user what to do."""


class ConfigError(DevstralError):
    """A settings file, a setting or a key source cannot be used."""


class StaleDocument(DevstralError):
    """The document's version moved while the answer was being made."""


class ProviderError(DevstralError):
    """A model endpoint did not give an answer.

    `retry_after_s` (seconds) says how long the endpoint asked to be left alone; None when it
    did not say. `status` is the HTTP status, None where there was none. `request_id` is what the
    endpoint calls the request, "" if it did not tell. `was_sent` is False where we refused to send
    the request.
    """

    request_id = ""
    is_loading = False
    """Whether the endpoint is loading the model, after which it will answer."""
    was_sent = True

    def __init__(
        self, sentence: str, *, retry_after_s: float | None = None, status: int | None = None
    ) -> None:
        super().__init__(sentence)
        self.retry_after_s = retry_after_s
        self.status = status


class EndpointUnreachable(ProviderError):
    """No connection, a time-out, a reset, or a page of HTML from something in between."""


class Unauthorized(ProviderError):
    """401 or 403: the key is missing, wrong, revoked or out of quota."""


class WrongHost(Unauthorized):
    """401 with a key that is known to belong to the other of Mistral's two hosts."""


class KeyNotSent(ProviderError):
    """The key was not sent, because the host is not one that it belongs to."""

    was_sent = False


class QuotaExhausted(ProviderError):
    """402, or another status whose reply says that nothing is left to spend."""


class RateLimited(ProviderError):
    """429: too many requests or tokens for now."""


class BudgetExceeded(RateLimited):
    """The request was not sent: it would go beyond a limit, or the endpoint would refuse it.

    `retry_after_s` says when another like it may be sent, None where that is never.
    """

    was_sent = False


class ServerOverloaded(ProviderError):
    """Code 3505, 500, 502, 503, 504 or 520: the server's trouble, not the user's."""


class ModelNotFound(ProviderError):
    """400 code 1500, or a 404 that names the model: no such model, or no longer."""


class FimNotSupported(ProviderError):
    """400 code 3051, "FIM is not enabled for this model"."""


class ContextLengthExceeded(ProviderError):
    """Prompt and max_tokens exceed the model's context.

    `limit_tokens` is the context as the endpoint named it, None if it did not.
    """

    limit_tokens: int | None = None


class ContentRefused(ProviderError):
    """A content filter objects to the text; endpoint and key are fine."""


class InvalidRequest(ProviderError):
    """Any other 4xx: the request broke the endpoint's schema.

    `fields` names the members of the request that the endpoint complained of, as far as it did.
    """

    def __init__(
        self, sentence: str, *, status: int | None = None, fields: tuple[str, ...] = ()
    ) -> None:
        super().__init__(sentence, status=status)
        self.fields = fields


class InvalidResponse(ProviderError):
    """A reply that cannot be read: cut, not JSON, or an error dressed as a success."""
