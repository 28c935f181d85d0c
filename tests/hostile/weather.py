"""What an endpoint may do to a request: everything that one has been seen to do, by chance.

Answers of all kinds, with their weights. Knows no server and no document; the errors repeat the
prompt that they were asked with, as real ones do.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from tests.support.answers import Answer, envelope, failure, no_fim, page, unknown_model
from tests.support.fake_mistral import Received

TEXTS = (
    "return a + b",
    "value = total(items)\n",
    "total(items)\n    return total\n",
    "for item in items:\n        print(item)\n        total += item\n    return total\n\n\nx = 1\n",
    "if x:\r\n        return x\r\n    return None\r\n",
    "= compute(a, b)",
    "(a, b):\n    return a * b\n",
    "items)",
    "😀 = 'é漢'  # ünïcode \u2028 \u0085 \x0c",
    "```python\nreturn a\n```\n",
    "Here is the code you asked for:\n\n    return a\n",
    "x = 1\n" * 60,
    "}\n}\n}\n)]}",
    "${1:a} \\ $0 }",
    "\n\n\n",
    "",
    "\t\tbegin\n\t\tend\n",
    "\0",
    "a" * 3000,
)

_WAITS = ("0", "1", "2.5", "-5", "99999999999", "soon", "Fri, 20 Nov 2026 08:00:00 GMT", "nan")

_JUNK = (
    b"data: {\n\n",
    b"data: []\n\ndata: 7\n\n",
    b'data: {"choices": 7}\n\n',
    b'data: {"choices": [7]}\n\n',
    b'data: {"choices": [{"delta": {"content": {"a": 1}}}]}\n\n',
    b'data: {"error": {"message": "x", "code": 3505}}\n\n',
    b"data: \xff\xfe\xc3\n\n",
    b"\xef\xbb\xbfevent: ping\nid: 1\n: nothing\n\n",
    b"data: " + b"x" * 300_000,
    b"\n" * 1000,
    b"",
)

_HALF = (
    '{"choices":[{"index":0,"delta":{"content":"return \\ud83d"},"finish_reason":null}]}',
    '{"choices":[{"index":0,"delta":{"content":"\\ude00 + a"},"finish_reason":"stop"}]}',
)
"""Half of an astral character at the end of one piece, the other half in the next one."""


def weather(rng: Random) -> Callable[[Received], Answer]:
    """A script that answers each request as `rng` has it."""
    kinds: tuple[tuple[Callable[[Random, Received], Answer], int], ...] = (
        (_fine, 120), (_slow, 8), (_broken_off, 8), (_silent, 3), (_junk, 4), (_surrogates, 3),
        (_page, 2), (_hidden, 3), (_refused, 6), (_too_many, 3), (_failing, 3), (_garbled, 1),
    )  # fmt: skip
    makers = [maker for maker, _ in kinds]
    weights = [weight for _, weight in kinds]

    def script(request: Received) -> Answer:
        return rng.choices(makers, weights)[0](rng, request)

    return script


def _pieces(rng: Random) -> tuple[str, ...]:
    text = rng.choice(TEXTS)
    size = rng.choice((1, 3, 8, 50))
    return tuple(text[at : at + size] for at in range(0, len(text), size))


def _fine(rng: Random, _: Received) -> Answer:
    return Answer(
        text=_pieces(rng),
        first_ms=rng.choice((0, 0, 5, 30)),
        split_bytes=rng.choice((0, 0, 0, 1, 7)),
        line_end=rng.choice(("\n", "\r\n", "\r")),
        comment=rng.choice(("", "", "ping")),
        finish_reason=rng.choice(("stop", "stop", "stop", "length", "model_length", None, "odd")),
        done=rng.random() < 0.9,
    )


def _slow(rng: Random, _: Received) -> Answer:
    return Answer(text=_pieces(rng)[:40], first_ms=rng.randint(0, 400), between_ms=20)


def _broken_off(rng: Random, _: Received) -> Answer:
    """Anywhere: in the headers, in a character, in an event."""
    return Answer(
        text=("é😀", *_pieces(rng)),
        end=rng.choice(("cut", "reset", "hang")),
        after_bytes=rng.randint(0, 900),
        split_bytes=rng.choice((0, 1)),
    )


def _silent(rng: Random, _: Received) -> Answer:
    return Answer(end=rng.choice(("hang", "cut", "reset")), headless=True)


def _junk(rng: Random, _: Received) -> Answer:
    return Answer(raw=rng.choice(_JUNK), end=rng.choice(("clean", "cut")))


def _surrogates(rng: Random, _: Received) -> Answer:
    kept = _HALF[: rng.choice((1, 2))]
    return Answer(raw="".join(f"data: {each}\n\n" for each in kept).encode())


def _page(rng: Random, request: Received) -> Answer:
    text = f"<!doctype html><html><body>{request.body.get('prompt')}</body></html>"
    return page(rng.choice((200, 302, 403, 404, 429, 502, 520)), text)


def _hidden(rng: Random, request: Received) -> Answer:
    """A success that is none, and one that was not asked for."""
    prompt = str(request.body.get("prompt"))
    return rng.choice(
        (
            Answer(body=envelope(prompt, "rate_limit_error", "429", 429)),
            Answer(body={"error": {"message": prompt, "type": "server_error"}}),
            Answer(body={"choices": [{"message": {"content": "return 1"}}]}),
            Answer(body=["[" * 200]),
            Answer(raw=b"[" * 50_000, content_type="application/json"),
        )
    )


def _refused(rng: Random, request: Received) -> Answer:
    prompt = str(request.body.get("prompt"))
    fault = {"type": "extra_forbidden", "loc": ["body", prompt], "msg": prompt, "input": prompt}
    return rng.choice(
        (
            failure(401, {"detail": "Unauthorized"}),
            failure(403, {"message": prompt}),
            failure(404, {"detail": prompt}),
            failure(404, {"message": f"no model {prompt}"}),
            failure(422, {"detail": [fault]}),
            failure(400, envelope(prompt, "invalid_request_error", None)),
            failure(400, envelope(f"{prompt} is too large for model", "x", "3051")),
            failure(413, prompt),
            failure(402, None),
            unknown_model(str(request.body.get("model"))),
            no_fim(),
        )
    )


def _too_many(rng: Random, request: Received) -> Answer:
    body: Any = rng.choice(({"message": str(request.body.get("prompt"))}, "slow down", None, []))
    headers = rng.choice(
        (
            {},
            {"retry_after": rng.choice(_WAITS)},
            {"x_ratelimit_limit_req_minute": "0"},
            {"x_ratelimit_remaining_tokens_month": "0", "x_ratelimit_limit_tokens_month": "9"},
            {"ratelimitbysize_reset": "junk"},
        )
    )
    return failure(429, body, **headers)


def _failing(rng: Random, request: Received) -> Answer:
    status = rng.choice((408, 500, 502, 503, 504, 520, 529, 599))
    return failure(status, {"message": str(request.body.get("prompt"))})


def _garbled(rng: Random, _: Received) -> Answer:
    coding = rng.choice(("gzip", "deflate", "br", "odd"))
    return Answer(raw=b"data: plain\n\n", headers={"content-encoding": coding})
