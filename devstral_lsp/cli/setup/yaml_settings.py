"""YAML as far as settings files go: mappings, lists and texts.

A word that YAML would read as a number, a date or a truth value stays the text that stands there:
the name of a model may look like any of them.
"""

from __future__ import annotations

from typing import Any

import yaml


class _Loader(yaml.SafeLoader):
    """Of what plain words may mean it knows `<<` alone, which Continue's manual tells to use."""

    yaml_implicit_resolvers = {"<": yaml.SafeLoader.yaml_implicit_resolvers["<"]}  # noqa: RUF012


def load(text: str) -> Any:
    """What the text says; None where it says nothing. Raises ValueError if it is not YAML."""
    try:
        return yaml.load(text, _Loader)
    except (yaml.YAMLError, RecursionError):
        raise ValueError("not YAML") from None  # what PyYAML says of it quotes the text
