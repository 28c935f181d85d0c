"""Judges request bodies as Mistral does: its own SDK's request models, with nothing added.

Both request schemas forbid members they do not list, and Mistral answers 422. The SDK's models
check no bounds, so the bounds of Mistral's published schema are checked here by hand.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from mistralai.client.models import ChatCompletionRequest, FIMCompletionRequest
from pydantic import ValidationError

BOUNDS: Mapping[str, tuple[float, float]] = {
    "temperature": (0, 1.5),
    "top_p": (1e-9, 1),
    "max_tokens": (0, float("inf")),
    "min_tokens": (0, float("inf")),
    "random_seed": (0, float("inf")),
}

NEVER_NULL = ("stream", "response_format", "tool_choice", "parallel_tool_calls", "prediction")
"""Members that may be absent but not null, which the SDK's models let pass."""


def faults(path: str, body: Any) -> list[dict[str, Any]]:
    """Every fault of a FIM or chat request body, in the form of a 422's `detail`; [] if none."""
    fim = path == "/v1/fim/completions"
    schema = FIMCompletionRequest if fim else ChatCompletionRequest
    try:
        schema.model_validate_json(json.dumps(body), strict=True, extra="forbid")
    except ValidationError as error:
        return [
            {
                "type": fault["type"],
                "loc": ["body", *fault["loc"]],
                "msg": fault["msg"],
                "input": fault["input"],
            }
            for fault in error.errors(include_url=False)
        ]
    return _hand_checked(body)


def _hand_checked(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    null = [
        {"type": "not_null", "loc": ["body", name], "msg": "Must not be null", "input": None}
        for name in NEVER_NULL
        if name in body and body[name] is None
    ]
    return null + [
        {"type": "bounds", "loc": ["body", name], "msg": "Out of bounds", "input": body[name]}
        for name, (low, high) in BOUNDS.items()
        if body.get(name) is not None and not low <= body[name] <= high
    ]
