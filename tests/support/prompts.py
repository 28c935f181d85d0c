"""Reading a prompt as the endpoint gets it."""

from __future__ import annotations


def own_part(prompt: str) -> str:
    """The document's own part of a prompt, without the context and the header before it."""
    at = prompt.rfind("+++++ ")
    return prompt[at:].partition("\n")[2] if at >= 0 else prompt
