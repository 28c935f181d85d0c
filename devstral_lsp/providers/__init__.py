"""The registry of providers: the names that users may give in the settings, one row each.

A row names the module that holds the provider; it is imported when the provider is built, so the
settings can look up hosts and key variables without loading an HTTP client. Each such module has a
function `build(name, endpoint)`. A vendor that speaks OpenAI's API needs a row and nothing else:
`options` say how it fills gaps (`openai_family.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import Any

from devstral_lsp.providers.base import ChatProvider, Endpoint, FimProvider


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderSpec:
    """One row of the registry.

    `own_hosts` are the hosts that a key found in `key_variables` belongs to; the key goes to any
    other host only if the user says so. `default_model` is the id to use where the endpoint lists
    no models; Mistral's provider chooses by itself. `build_chat` is None where there is no chat.
    """

    name: str
    build_fim: Callable[[Endpoint], FimProvider]
    build_chat: Callable[[Endpoint], ChatProvider] | None = None
    default_base_url: str = ""
    default_model: str = ""
    key_variables: tuple[str, ...] = ()
    own_hosts: tuple[str, ...] = ()
    needs_key: bool = True


def _row(
    name: str, module: str, options: Mapping[str, Any] = MappingProxyType({}), **facts: Any
) -> ProviderSpec:
    """The row of a provider for gaps and chat: `build(name, endpoint, **options)` of `module`."""

    def build(endpoint: Endpoint) -> Any:
        return import_module(f"{__name__}.{module}").build(name, endpoint, **options)

    return ProviderSpec(name=name, build_fim=build, build_chat=build, **facts)


def _build_local(endpoint: Endpoint) -> FimProvider:
    from devstral_lsp.local.provider import LocalProvider

    return LocalProvider(guess_ms=endpoint.local_budget_ms)


_ROWS = (
    _row(
        *("mistral", "mistral"),
        default_base_url="https://api.mistral.ai",
        key_variables=("MISTRAL_API_KEY",),
        own_hosts=("api.mistral.ai", "api.eu.mistral.ai", "api.us.mistral.ai"),
    ),
    _row(
        *("codestral", "mistral"),
        default_base_url="https://codestral.mistral.ai",
        key_variables=("CODESTRAL_API_KEY",),
        own_hosts=("codestral.mistral.ai",),
    ),
    # OpenRouter asks for two headers that name the application.
    _row(
        *("openrouter", "openai_family"),
        options={
            "headers": {
                "HTTP-Referer": "https://pypi.org/project/devstral-lsp/",
                "X-Title": "devstral-lsp",
            }
        },
        default_base_url="https://openrouter.ai/api",
        default_model="mistralai/codestral-2508",
        key_variables=("OPENROUTER_API_KEY",),
        own_hosts=("openrouter.ai",),
    ),
    # Model ids are `vendor/model`.
    _row(
        *("vercel", "openai_family"),
        default_base_url="https://ai-gateway.vercel.sh",
        default_model="mistral/codestral",
        key_variables=("AI_GATEWAY_API_KEY",),
        own_hosts=("ai-gateway.vercel.sh",),
    ),
    _row(
        *("deepseek", "openai_family"),
        options={"suffix_path": "/beta/completions"},
        default_base_url="https://api.deepseek.com",
        default_model="deepseek-chat",
        key_variables=("DEEPSEEK_API_KEY",),
        own_hosts=("api.deepseek.com",),
    ),
    _row(
        *("ollama", "ollama"),
        default_base_url="http://127.0.0.1:11434",
        key_variables=("OLLAMA_API_KEY",),
        own_hosts=("ollama.com",),
        needs_key=False,
    ),
    # Its documentation does not mention `suffix`, and no route says how a text is tokenized.
    _row(
        *("lmstudio", "openai_family"),
        options={"uses_templates": True},
        default_base_url="http://127.0.0.1:1234",
        key_variables=("LM_API_TOKEN",),
        needs_key=False,
    ),
    _row(
        *("vllm", "vllm"),
        default_base_url="http://127.0.0.1:8000",
        key_variables=("VLLM_API_KEY",),
        needs_key=False,
    ),
    # Builds of llama.cpp and TGI differ in their port, so they have no default address.
    _row("llamacpp", "llamacpp", key_variables=("LLAMA_API_KEY",), needs_key=False),
    _row("tgi", "tgi", key_variables=("TGI_API_KEY",), needs_key=False),
    _row(
        *("openai_compatible", "openai_family"),
        options={"suffix_path": "/v1/completions", "uses_templates": True, "is_probed": True},
        key_variables=("OPENAI_API_KEY",),
        own_hosts=("api.openai.com",),
        needs_key=False,
    ),
    ProviderSpec(name="local", build_fim=_build_local, needs_key=False),
)

PROVIDERS: Mapping[str, ProviderSpec] = MappingProxyType({row.name: row for row in _ROWS})
"""Every provider, by its name in the settings."""
