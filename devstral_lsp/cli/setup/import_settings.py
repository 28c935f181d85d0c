"""Imports settings of other tools: the provider, the model, the variable that holds the key.

Reads the files of Continue, Tabby, OpenCode and Aider. A key in them is never copied: a message
says where it is, and how to use it. A file that cannot be read is ignored.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from devstral_lsp.bounded_read import read_text
from devstral_lsp.cli.setup.config_merge import load_json
from devstral_lsp.providers import PROVIDERS

_ALIASES = {
    "llama.cpp": "llamacpp",
    "lm-studio": "lmstudio",
    "lm_studio": "lmstudio",
    "openai": "openai_compatible",
    "openai-compatible": "openai_compatible",
    "text-completion-codestral": "codestral",
    "text-completion-openai": "openai_compatible",
    "ollama_chat": "ollama",
    "hosted_vllm": "vllm",
}
MAX_FILE_BYTES = 1_000_000
_MAX_COMMENTED = 100_000
"""Code points of a JSON file with comments, whose parser is slow."""
_UNREADABLE = (OSError, ValueError, AttributeError, TypeError, RecursionError)
"""The errors of a file with another structure, or with excessive nesting."""
_CHOSEN_BY_SERVER = "AUTODETECT"
"""Continue's name for any model of the server."""
_VARIABLE = re.compile(
    r"\$\{\{\s*(?:secrets|inputs)\.(\w+)\s*\}\}|\{env:(\w+)\}|\$\{?(\w+)\}?|os\.environ/(\w+)"
)


@dataclass(frozen=True, slots=True)
class ImportedSettings:
    """The settings of one tool for one of our sections, "fim" or "chat".

    `key_variable` is the name of a variable; `has_key`: the file contains a key itself.
    """

    tool: str
    path: Path
    section: str
    provider: str
    model: str = ""
    base_url: str = ""
    key_variable: str = ""
    has_key: bool = False

    @property
    def settings(self) -> dict[str, str]:
        """Our settings in the section."""
        settings = {
            "provider": self.provider,
            "base_url": self.base_url,
            "model": self.model,
            "api_key_env": self.key_variable,
        }
        return {key: value for key, value in settings.items() if value}


def find_other_tools(
    home: Path, config: Path, folder: Path, on_unreadable: Callable[[Path], None] = lambda _: None
) -> Iterator[ImportedSettings]:
    """The settings of all tools, the most relevant first; `folder` is the user's project.

    `on_unreadable` is called with each file that exists and cannot be read.
    """
    opencode = ("opencode.jsonc", "opencode.json", ".opencode/opencode.jsonc")
    places: tuple[tuple[Callable[[Path], Iterator[ImportedSettings]], Path], ...] = (
        (_continue, home / ".continue" / "config.yaml"),
        (_continue, home / ".continue" / "config.json"),
        (_tabby, home / ".tabby" / "config.toml"),
        *((_opencode, folder / name) for name in (*opencode, ".opencode/opencode.json")),
        *((_opencode, config / "opencode" / name) for name in (*opencode[:2], "config.json")),
        (_aider, folder / ".aider.conf.yml"),
        (_aider, home / ".aider.conf.yml"),
    )
    for read, path in places:
        try:
            yield from read(path)
        except FileNotFoundError:
            continue
        except _UNREADABLE:
            on_unreadable(path)


def tabby_server(home: Path) -> str:
    """The address that Tabby's plugins use; "" if there is none."""
    path = home / ".tabby-client" / "agent" / "config.toml"
    with suppress(*_UNREADABLE, KeyError):
        return str(tomllib.loads(_text(path)).get("server", {})["endpoint"])
    return ""


def _text(path: Path) -> str:
    return read_text(path, max_bytes=MAX_FILE_BYTES, encoding="utf-8-sig", errors="strict")


def _load_json(text: str) -> Any:
    return load_json(text) if len(text) <= _MAX_COMMENTED else json.loads(text)


def _continue(path: Path) -> Iterator[ImportedSettings]:
    text = _text(path)
    whole: Any = _load_json(text) if path.suffix == ".json" else load_yaml(text)
    # An entry that `uses` a model of Continue's hub does not name its provider.
    models = [each for each in whole.get("models") or () if "provider" in each]
    chatting = [each for each in models if "chat" in each.get("roles", ("chat",))]
    filling = [each for each in models if "autocomplete" in each.get("roles", ())]
    if own := whole.get("tabAutocompleteModel"):
        filling = own if isinstance(own, list) else [own]
    for section, several in (("fim", filling), ("chat", chatting)):
        for each in several[:1]:
            model = each.get("model", "").replace(_CHOSEN_BY_SERVER, "")
            found = ImportedSettings("Continue", path, section, each["provider"], model)
            yield from _translate(found, each.get("apiBase", ""), each.get("apiKey", ""))


def _tabby(path: Path) -> Iterator[ImportedSettings]:
    models = tomllib.loads(_text(path)).get("model", {})
    for section, use in (("fim", "completion"), ("chat", "chat")):
        http = models.get(use, {}).get("http", {})
        provider = http.get("kind", "").removesuffix(f"/{use}")
        found = ImportedSettings("Tabby", path, section, provider, http.get("model_name", ""))
        yield from _translate(found, http.get("api_endpoint", ""), http.get("api_key", ""))


def _opencode(path: Path) -> Iterator[ImportedSettings]:
    whole = _load_json(_text(path))
    provider, _, model = whole.get("model", "").partition("/")
    own = whole.get("provider", {}).get(provider, {})
    options = own.get("options", {})
    kind = "openai_compatible" if "openai-compatible" in own.get("npm", "") else provider
    # A provider of that kind may have a known name nevertheless, such as "ollama".
    name = provider if _our_name(provider) in PROVIDERS else kind
    found = ImportedSettings("OpenCode", path, "chat", name, model)
    yield from _translate(found, options.get("baseURL", ""), options.get("apiKey", ""))


def _aider(path: Path) -> Iterator[ImportedSettings]:
    whole: Any = load_yaml(_text(path)) or {}
    provider, _, model = whole.get("model", "").partition("/")
    name = provider.removesuffix("_chat").upper()
    variables = dict(each.split("=", 1) for each in _listed(whole.get("set-env")) if "=" in each)
    keys = dict(each.split("=", 1) for each in _listed(whole.get("api-key")) if "=" in each)
    base = whole.get(f"{provider}-api-base") or variables.get(f"{name}_API_BASE", "")
    key = keys.get(provider) or whole.get(f"{provider}-api-key")
    found = ImportedSettings("Aider", path, "chat", provider, model)
    yield from _translate(found, base, key or variables.get(f"{name}_API_KEY", ""))


def _listed(value: Any) -> list[str]:
    """One item or a list of items."""
    return [value] if isinstance(value, str) else value or []


def _our_name(provider: str) -> str:
    return _ALIASES.get(provider, provider)


def _translate(bare: ImportedSettings, base_url: str, key: str) -> Iterator[ImportedSettings]:
    """`bare` with our names; nothing if its provider is unknown."""
    provider, host = _our_name(bare.provider), urlsplit(base_url).hostname
    for spec in PROVIDERS.values():
        if host in spec.own_hosts:
            is_default = host == urlsplit(spec.default_base_url).hostname
            provider, base_url = spec.name, "" if is_default else base_url
    if provider not in PROVIDERS or not PROVIDERS[provider].key_variables:
        return
    if provider == "openai_compatible" and not base_url:
        return
    match = _VARIABLE.fullmatch(key.strip())
    variable = next((each for each in match.groups() if each), "") if match else ""
    yield replace(
        bare,
        provider=provider,
        base_url=base_url,
        key_variable=variable,
        has_key=bool(key.strip()) and match is None,
    )


class _Loader(yaml.SafeLoader):
    """Reads every plain scalar as a string, since the name of a model may look like a number, date
    or boolean. `<<` keeps its meaning, which Continue's manual uses."""

    yaml_implicit_resolvers = {"<": yaml.SafeLoader.yaml_implicit_resolvers["<"]}  # noqa: RUF012


def load_yaml(text: str) -> Any:
    """The parsed text; None if it is empty. Raises ValueError if it is not YAML."""
    try:
        return yaml.load(text, _Loader)
    except (yaml.YAMLError, RecursionError):
        raise ValueError("not YAML") from None  # PyYAML's message quotes the text.
