"""Settings of other tools: which provider, which model, which variable holds the key.

Reads those of Continue, Tabby, OpenCode and Aider. A key in them is never copied: the user is told
where it is and how to hand it over. A file that cannot be read is ignored.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from devstral_lsp.bounded_read import read_text
from devstral_lsp.config.schema import SETTING_SPECS

CODESTRAL_HOST = "codestral.mistral.ai"
_ALIASES = {
    "llama.cpp": "llamacpp",
    "lm-studio": "lmstudio",
    "lm_studio": "lmstudio",
    "openai": "openai_compatible",
    "openai-compatible": "openai_compatible",
    "text-completion-codestral": "codestral",
    "mistral/completion": "mistral",
    "ollama/completion": "ollama",
    "ollama_chat": "ollama",
    "llama.cpp/completion": "llamacpp",
    "openai/completion": "openai_compatible",
    "vllm/completion": "vllm",
}
LARGEST_FILE = 1_000_000
"""Bytes."""
_NOT_TO_BE_READ = (OSError, ValueError, AttributeError, TypeError, KeyError, RecursionError)
"""What is raised for a file that is not of the form, or is nested to keep us from working."""
_VARIABLE = re.compile(
    r"\$\{\{\s*(?:secrets|inputs)\.(\w+)\s*\}\}|\{env:(\w+)\}|\$\{?(\w+)\}?|os\.environ/(\w+)"
)


@dataclass(frozen=True, slots=True)
class ImportedSettings:
    """What one tool says of one use: `section` is ours, "fim" or "chat".

    `key_variable` is the name of a variable; `has_key` says that a key itself stands in the file.
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
        """As settings of ours within the section."""
        settings = {
            "provider": self.provider,
            "base_url": self.base_url,
            "model": self.model,
            "api_key_env": self.key_variable,
        }
        return {key: value for key, value in settings.items() if value}


def find_other_tools(home: Path, config: Path, folder: Path) -> Iterator[ImportedSettings]:
    """What there is, the most telling first; `folder` is the user's project."""
    places: tuple[tuple[Callable[[Path], Iterator[ImportedSettings]], Path], ...] = (
        (_continue, home / ".continue" / "config.yaml"),
        (_continue, home / ".continue" / "config.json"),
        (_tabby, home / ".tabby" / "config.toml"),
        (_opencode, folder / "opencode.json"),
        (_opencode, config / "opencode" / "opencode.json"),
        (_aider, folder / ".aider.conf.yml"),
        (_aider, home / ".aider.conf.yml"),
    )
    for read, path in places:
        # Whatever a stranger's file holds: it is a help, and no duty.
        with suppress(*_NOT_TO_BE_READ):
            yield from read(path)


def tabby_server(home: Path) -> str:
    """The address that Tabby's plugins use, "" if there is none."""
    path = home / ".tabby-client" / "agent" / "config.toml"
    with suppress(*_NOT_TO_BE_READ):
        return str(tomllib.loads(_text(path)).get("server", {})["endpoint"])
    return ""


def _text(path: Path) -> str:
    return read_text(path, max_bytes=LARGEST_FILE, errors="strict")


def _continue(path: Path) -> Iterator[ImportedSettings]:
    text = _text(path)
    whole: Any = json.loads(text) if path.suffix == ".json" else load_yaml(text)
    # One that `uses` a model of Continue's own hub does not say which it is.
    models = [each for each in whole.get("models", []) if "provider" in each]
    filling = [each for each in models if "autocomplete" in each.get("roles", ())]
    if "tabAutocompleteModel" in whole:
        filling = [whole["tabAutocompleteModel"]]
    others = [each for each in models if each not in filling]
    chatting = [each for each in others if "chat" in each.get("roles", ("chat",))]
    for section, several in (("fim", filling), ("chat", chatting)):
        for each in several[:1]:
            yield from _made(
                ImportedSettings(
                    "Continue", path, section, each["provider"], each.get("model", "")
                ),
                each.get("apiBase", ""),
                each.get("apiKey", ""),
            )


def _tabby(path: Path) -> Iterator[ImportedSettings]:
    whole = tomllib.loads(_text(path))
    http = whole["model"]["completion"]["http"]
    made = ImportedSettings("Tabby", path, "fim", http["kind"], http.get("model_name", ""))
    yield from _made(made, http.get("api_endpoint", ""), http.get("api_key", ""))


def _opencode(path: Path) -> Iterator[ImportedSettings]:
    whole = json.loads(_text(path))
    provider, _, model = whole["model"].partition("/")
    options = whole.get("provider", {}).get(provider, {}).get("options", {})
    made = ImportedSettings("OpenCode", path, "chat", provider, model)
    yield from _made(made, options.get("baseURL", ""), options.get("apiKey", ""))


def _aider(path: Path) -> Iterator[ImportedSettings]:
    whole: Any = load_yaml(_text(path))
    provider, _, model = whole["model"].rpartition("/")
    keys = whole.get("api-key", [])
    named = [keys] if isinstance(keys, str) else keys
    prefix = f"{provider.partition('/')[0]}="
    key = next((each.removeprefix(prefix) for each in named if each.startswith(prefix)), "")
    base = whole.get("openai-api-base", "") if provider == "openai" else ""
    yield from _made(
        ImportedSettings("Aider", path, "chat", provider.partition("/")[0], model), base, key
    )


def _made(bare: ImportedSettings, base_url: str, key: str) -> Iterator[ImportedSettings]:
    """`bare` in our words; nothing if we do not know its provider."""
    provider = _ALIASES.get(bare.provider, bare.provider)
    if urlsplit(base_url).hostname == CODESTRAL_HOST:
        provider, base_url = "codestral", ""
    if provider == "mistral" and urlsplit(base_url).hostname == "api.mistral.ai":
        base_url = ""
    if provider not in SETTING_SPECS[f"{bare.section}.provider"].choices:
        return
    if provider == "openai_compatible" and not base_url:
        return
    match = _VARIABLE.fullmatch(key.strip())
    variable = next((each for each in match.groups() if each), "") if match else ""
    has_key = bool(key.strip()) and match is None
    yield ImportedSettings(
        bare.tool, bare.path, bare.section, provider, bare.model, base_url, variable, has_key
    )


class _Loader(yaml.SafeLoader):
    """Reads every plain word as the text that is written, since the name of a model may look like a
    number, a date or a truth value. `<<` keeps its meaning: Continue's manual advises it."""

    yaml_implicit_resolvers = {"<": yaml.SafeLoader.yaml_implicit_resolvers["<"]}  # noqa: RUF012


def load_yaml(text: str) -> Any:
    """What the text says; None where it says nothing. Raises ValueError if it is not YAML."""
    try:
        return yaml.load(text, _Loader)
    except (yaml.YAMLError, RecursionError):
        raise ValueError("not YAML") from None  # what PyYAML says of it quotes the text
