"""What endpoints mean by their refusals: a table, from status, codes and words to an error.

Codes are matched by a part of them, words by their meaning: each vendor and each version writes its
own sentence. The first row that matches counts, so what is special stands before what is general.
The sentences hold the host and the model, and nothing of a body.
`tests/fixtures/error_bodies.jsonl` holds the bodies that the table was made from.
"""

from __future__ import annotations

import re

from devstral_lsp.errors import (
    ContentRefused,
    ContextLengthExceeded,
    EndpointUnreachable,
    FimNotSupported,
    InvalidRequest,
    ModelNotFound,
    QuotaExhausted,
    RateLimited,
    ServerOverloaded,
    Unauthorized,
)
from devstral_lsp.providers.http.error_reply import ErrorBody
from devstral_lsp.providers.http.error_words import (
    ANSWER_LIMIT,
    CONTEXT,
    ENDPOINTS,
    GONE,
    LOAD_FAILED,
    LOADING,
    LOADING_SENTENCE,
    MEMORY,
    MODEL,
    MODERATION,
    MONEY,
    NO_ENDPOINT,
    NO_SUCH,
    NOT_A_PROMPT,
    NOT_LOADED,
    NOT_SUPPORTED,
    OF_THE_PROMPT,
    OVER,
    POLICY,
    PROMPT,
    RATE,
    ROLES,
    SPENT,
    SUFFIX,
    Fact,
)

BUSY_STATUSES = frozenset({408, 424, 425, 499, 500, 502, 503, 504, *range(520, 530)})
"""Mistral's error glossary, and Cloudflare's own numbers, of which 520 was seen. 424 is TGI's for
a generation that failed, 499 Ollama's for one that was given up."""

SYSTEM_ROLE = "system"
"""Among the fields of an InvalidRequest: the model's template has no place for a system message."""

_BAD = (200, 400, 404, 413, 422)
"""Statuses of a request that cannot be met as it is; 200 where the answer had begun."""
_BAD_OR_FAILED = (*_BAD, 500, 501, 502, 503)
"""llama.cpp and Ollama answer 500 to much that is the request's fault."""
_REFUSED = (200, 400, 401, 402, 403, 422, 429)


_TOO_LONG = "The text sent is too long for {model} at {host}: less is sent from now on."

FACTS: tuple[Fact, ...] = (
    # Mistral, in three spellings, and Cloudflare's Workers AI: the vendor's capacity, whatever the
    # status. Anthropic and Hugging Face say "overloaded".
    Fact(
        raises=ServerOverloaded,
        codes=("3505", "servicetiercapacity", "outofcapacity", "overloaded"),
        words=(re.compile(r"capacity"), re.compile(r"exceeded|out of|no ")),
        sentence="{host} has no capacity left for {model} at the moment. That is not your quota; "
        "it passes by itself.",
    ),
    # OpenRouter, which other gateways pass on: no provider behind it may or can answer.
    Fact(
        raises=ModelNotFound,
        statuses=(*_BAD, 403, 502, 503),
        words=(ENDPOINTS, POLICY),
        sentence="The privacy settings of your account at {host} leave no provider for {model}: "
        "allow one there, or choose another model.",
    ),
    Fact(
        raises=ModelNotFound,
        statuses=(*_BAD, 403, 502, 503),
        words=(NO_ENDPOINT, re.compile(r"allowed|ignored|blocked|permits|\.only")),
        sentence="The providers that your account at {host} allows do not serve {model}: allow "
        "another one there, or choose another model.",
    ),
    Fact(
        raises=InvalidRequest,
        statuses=(*_BAD, 503),
        words=(NO_ENDPOINT, re.compile(r"support")),
        sentence="No provider at {host} serves {model} with all that this request needs, such as "
        "tools or images: choose another model.",
    ),
    Fact(
        raises=ModelNotFound,
        statuses=_BAD,
        words=(NO_ENDPOINT,),
        sentence="No provider at {host} serves {model} at present: choose another model.",
    ),
    # The text is refused, not the key or the model.
    Fact(
        raises=ContentRefused,
        statuses=(200, 400, 403, 422, 424, 451),
        codes=(
            "contentfilter",
            "contentpolicy",
            "responsibleai",
            "moderation",
            "safety",
            "inspection",
        ),
        words=(MODERATION,),
        sentence="{host} refused the text: its content filter objects to something in it. Only "
        "this text is affected: the next requests are sent as usual.",
    ),
    # Old chat templates. llama.cpp answers 500 to an exception in a template.
    Fact(
        raises=InvalidRequest,
        statuses=(200, 400, 422, 500),
        words=(ROLES,),
        fields=(SYSTEM_ROLE,),
        sentence="{model} at {host} takes no message with a role of its own for instructions: "
        "choose another model.",
    ),
    # Keys that are refused with another status than 401, which has sentences of its own.
    Fact(
        raises=QuotaExhausted,
        statuses=(400, 402, 403, 429),
        words=(
            re.compile(r"\bkey\b"),
            re.compile(r"limit (?:exceeded|reached)|over (?:its )?limit"),
        ),
        but=RATE,
        sentence="The limit that is set for this key at {host} is used up: raise it there, or use "
        "another key. Waiting helps only where the limit is one for a day or a month.",
    ),
    Fact(
        raises=QuotaExhausted,
        statuses=(400, 401, 402, 403, 429),
        codes=("customerverification",),
        words=(
            re.compile(r"credit card|payment method|card on file|bank card"),
            re.compile(r"requir|add|valid|need|verif|missing"),
        ),
        sentence="{host} wants a payment card in your account there before it answers, also where "
        "the use is free: add one in its console, or choose another provider.",
    ),
    Fact(
        raises=Unauthorized,
        statuses=(403,),
        codes=("freetiermodel", "modelaccessdenied"),
        words=(re.compile(r"access to [^.]{0,40}model|model[^.]{0,60}not (?:allowed|permitted)"),),
        sentence="{host} does not let this key use {model}. Choose another model, or ask the owner "
        "of the plan or workspace.",
    ),
    # OpenRouter counts what is under way; LiteLLM's budgets come as 400 and 429.
    Fact(
        raises=RateLimited,
        codes=("inflightbudget",),
        sentence="Too much is under way at {host} for the credit that is left there; pausing.",
    ),
    Fact(
        raises=QuotaExhausted,
        statuses=(402,),
        sentence="There is no credit left at {host}: add some there. Waiting will not help.",
    ),
    Fact(
        raises=QuotaExhausted,
        statuses=_REFUSED,
        codes=(
            *("insufficientquota", "insufficientcredit", "insufficientbalance"),
            *("insufficientfunds", "creditbalance", "budgetexceeded", "spendlimit", "arrearage"),
            *("usagelimit", "billing"),
        ),
        words=(MONEY, SPENT),
        but=RATE,
        sentence="What this account may spend at {host} is used up: check its credit, budget or "
        "plan there. Waiting will not help.",
    ),
    # A model that is not in memory yet, or cannot be.
    Fact(
        raises=ServerOverloaded,
        statuses=(400, *BUSY_STATUSES),
        words=(MEMORY,),
        sentence="There is not enough memory at {host} for {model}: choose a smaller model there, "
        "a smaller context, or end what else uses the memory.",
    ),
    Fact(
        raises=ModelNotFound,
        statuses=_BAD_OR_FAILED,
        words=(NOT_LOADED,),
        sentence="No model is loaded at {host}: load one in its window or by its command (in LM "
        "Studio `lms load`).",
    ),
    Fact(
        raises=ServerOverloaded,
        statuses=(200, 400, *BUSY_STATUSES),
        words=(LOAD_FAILED,),
        sentence="{host} could not load {model}: its own window or log says why. Load it there, or "
        "choose another model.",
    ),
    Fact(
        raises=ServerOverloaded,
        statuses=(200, *BUSY_STATUSES),
        words=(LOADING,),
        sentence=LOADING_SENTENCE,
    ),
    # Gaps: Mistral, llama.cpp, Ollama, vLLM, TGI.
    Fact(
        raises=FimNotSupported,
        statuses=(200, 400, 422, 501),
        words=(SUFFIX, re.compile(r"not |only |n.t ")),
        sentence="{model} cannot fill in the middle at {host}",
    ),
    Fact(
        raises=EndpointUnreachable,
        statuses=(200, 400, 404, 405),
        words=(
            re.compile(
                r"unexpected endpoint|no route|unknown (?:url|route|path|endpoint)|file not found"
                r"|invalid url|cannot (?:post|get) /|resource not found"
            ),
        ),
        sentence="{host} knows no {path}{discontinued}.",
    ),
    Fact(
        raises=EndpointUnreachable,
        statuses=(400, 404),
        words=(re.compile(r"api.?version"),),
        but=re.compile(r"model"),
        sentence="{host} does not know the requested `api-version`: check it in base_url.",
    ),
    # What is too long.
    Fact(raises=ContextLengthExceeded, statuses=(413,), sentence=_TOO_LONG),
    Fact(
        raises=ContextLengthExceeded,
        statuses=(400, 422),
        words=(ANSWER_LIMIT, re.compile(r"at least 1, got -")),
        sentence=_TOO_LONG,
    ),
    Fact(
        raises=InvalidRequest,
        statuses=(200, 400, 422),
        words=(ANSWER_LIMIT, re.compile(f"{OVER.pattern}|valid range|supports at most")),
        but=OF_THE_PROMPT,
        sentence="{host} allows {model} fewer tokens for an answer than were asked for: choose "
        "another model, or a smaller `max_tokens` in the settings.",
        fields=("max_tokens",),
    ),
    Fact(
        raises=ContextLengthExceeded,
        statuses=(*_BAD_OR_FAILED, 429),
        codes=(
            *("contextlength", "contextwindow", "contextsize", "contextlimit", "prompttoolong"),
            *("inputtoolong", "tokenlimitexceeded", "requesttoolarge"),
        ),
        words=(CONTEXT, OVER),
        but=re.compile(r"rate.?limit|per.?min"),
        sentence=_TOO_LONG,
    ),
    Fact(
        raises=ContextLengthExceeded,
        statuses=(200, 400, 422, 500),
        words=(PROMPT, OVER),
        but=NOT_A_PROMPT,
        sentence=_TOO_LONG,
    ),
    # Which model, and what it can.
    Fact(
        raises=ModelNotFound,
        statuses=_BAD,
        codes=("modelretired", "modeldeprecated", "modelgone"),
        words=(MODEL, GONE),
        sentence="{host} has retired {model}: {successor}",
    ),
    Fact(
        raises=ModelNotFound,
        statuses=(410,),
        sentence="{host} has retired {model}: {successor}",
    ),
    Fact(
        raises=ModelNotFound,
        statuses=_BAD,
        codes=("1500", "unknownmodel", "modelnotfound", "invalidmodel", "deploymentnotfound"),
        words=(NO_SUCH,),
        sentence="{host} does not know {model}{elsewhere}",
    ),
    Fact(
        raises=ModelNotFound,
        statuses=(404,),
        words=(re.compile(r"model"),),
        sentence="{host} does not know {model}{elsewhere}",
    ),
    Fact(
        raises=InvalidRequest,
        statuses=_BAD_OR_FAILED,
        words=(
            re.compile(r"tool|image|vision|multimodal|audio|thinking|reasoning|chat|generate"),
            NOT_SUPPORTED,
        ),
        sentence="{model} at {host} does not take all that this request needs, such as tools, "
        "images or a conversation: choose another model.",
    ),
    # The rest, by status.
    Fact(
        raises=Unauthorized,
        statuses=(403,),
        words=(
            re.compile(r"country|region|territory|location"),
            re.compile(r"n.t|not|unsupported"),
        ),
        sentence="{host} does not serve the country that you ask from: choose another provider.",
    ),
    Fact(
        raises=ServerOverloaded,
        statuses=BUSY_STATUSES,
        sentence="{host} is in trouble (status {status}); {remedy}",
    ),
    Fact(
        raises=Unauthorized,
        statuses=(403,),
        sentence="{host} does not let this key use {model}. Choose another model, or ask the owner "
        "of the plan or workspace.",
    ),
    Fact(
        raises=RateLimited,
        statuses=(429,),
        sentence="{host} gets too many requests from this account; pausing {pause}.",
    ),
    Fact(
        raises=EndpointUnreachable,
        statuses=(404, 405),
        sentence="{host} knows no {path}{discontinued}.",
    ),
)


def find_fact(status: int, body: ErrorBody) -> Fact | None:
    """The first row that matches, None if nothing is known of such a reply."""
    return next((fact for fact in FACTS if fact.matches(status, body)), None)
