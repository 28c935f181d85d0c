"""The registry of providers: what a user may name in the settings, and how each is made.

Reading this table costs nothing: a factory imports its provider's module when it is called, so the
settings layer can look up hosts and key variables without loading an HTTP client. Nothing here
knows keys, settings files or documents.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from devstral_lsp.providers.base import ChatProvider, Endpoint, FimProvider

if TYPE_CHECKING:
    from devstral_lsp.providers.mistral import MistralProvider


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderSpec:
    """One line of the registry.

    `own_hosts` are the host names that a key found in `key_variables` belongs to; a key goes to
    any other host only if the user says so. `default_model` is the id used where the endpoint
    does not tell what it offers; Mistral's provider chooses by itself. `build_chat` is None where
    there is no chat.
    """

    name: str
    build_fim: Callable[[Endpoint], FimProvider]
    build_chat: Callable[[Endpoint], ChatProvider] | None = None
    default_base_url: str = ""
    default_model: str = ""
    key_variables: tuple[str, ...] = ()
    own_hosts: tuple[str, ...] = ()
    needs_key: bool = True


def _mistral_factory(name: str) -> Callable[[Endpoint], MistralProvider]:
    """Makes the provider for one of Mistral's hosts."""

    def make(endpoint: Endpoint) -> MistralProvider:
        from devstral_lsp.providers.mistral import MistralProvider

        return MistralProvider(name, endpoint)

    return make


def _local_fim(endpoint: Endpoint) -> FimProvider:
    from devstral_lsp.local.provider import LocalProvider

    return LocalProvider(guess_ms=endpoint.local_budget_ms)


def _lazy_factory(module: str, kind: str) -> Callable[[Endpoint], Any]:
    """Makes a provider whose class takes nothing but its endpoint."""

    def make(endpoint: Endpoint) -> Any:
        return getattr(import_module(f"{__name__}.{module}"), kind)(endpoint)

    return make


def _fim_and_chat(module: str, kind: str, **known: Any) -> ProviderSpec:
    """The line of a provider whose class, in the module of its name, fills gaps and chats."""
    make = _lazy_factory(module, kind)
    return ProviderSpec(name=module, build_fim=make, build_chat=make, **known)


PROVIDERS: Mapping[str, ProviderSpec] = MappingProxyType(
    {
        spec.name: spec
        for spec in (
            ProviderSpec(
                name="mistral",
                build_fim=_mistral_factory("mistral"),
                build_chat=_mistral_factory("mistral"),
                default_base_url="https://api.mistral.ai",
                key_variables=("MISTRAL_API_KEY",),
                own_hosts=("api.mistral.ai", "api.eu.mistral.ai", "api.us.mistral.ai"),
            ),
            ProviderSpec(
                name="codestral",
                build_fim=_mistral_factory("codestral"),
                build_chat=_mistral_factory("codestral"),
                default_base_url="https://codestral.mistral.ai",
                key_variables=("CODESTRAL_API_KEY",),
                own_hosts=("codestral.mistral.ai",),
            ),
            _fim_and_chat(
                *("openrouter", "OpenRouterProvider"),
                default_base_url="https://openrouter.ai/api",
                default_model="mistralai/codestral-2508",
                key_variables=("OPENROUTER_API_KEY",),
                own_hosts=("openrouter.ai",),
            ),
            _fim_and_chat(
                *("vercel", "VercelProvider"),
                default_base_url="https://ai-gateway.vercel.sh",
                default_model="mistral/codestral",
                key_variables=("AI_GATEWAY_API_KEY",),
                own_hosts=("ai-gateway.vercel.sh",),
            ),
            _fim_and_chat(
                *("deepseek", "DeepSeekProvider"),
                default_base_url="https://api.deepseek.com",
                default_model="deepseek-chat",
                key_variables=("DEEPSEEK_API_KEY",),
                own_hosts=("api.deepseek.com",),
            ),
            _fim_and_chat(
                *("ollama", "OllamaProvider"),
                default_base_url="http://127.0.0.1:11434",
                key_variables=("OLLAMA_API_KEY",),
                own_hosts=("ollama.com",),
                needs_key=False,
            ),
            _fim_and_chat(
                *("lmstudio", "LmStudioProvider"),
                default_base_url="http://127.0.0.1:1234",
                key_variables=("LM_API_TOKEN",),
                needs_key=False,
            ),
            _fim_and_chat(
                *("vllm", "VllmProvider"),
                default_base_url="http://127.0.0.1:8000",
                key_variables=("VLLM_API_KEY",),
                needs_key=False,
            ),
            # Builds differ in their port, so that there is no address of their own.
            _fim_and_chat(
                *("llamacpp", "LlamaCppProvider"),
                key_variables=("LLAMA_API_KEY",),
                needs_key=False,
            ),
            _fim_and_chat("tgi", "TgiProvider", key_variables=("TGI_API_KEY",), needs_key=False),
            _fim_and_chat(
                *("openai_compatible", "OpenAiCompatibleProvider"),
                key_variables=("OPENAI_API_KEY",),
                own_hosts=("api.openai.com",),
                needs_key=False,
            ),
            ProviderSpec(name="local", build_fim=_local_fim, needs_key=False),
        )
    }
)
"""Every provider, by the word of the settings that chooses it."""
