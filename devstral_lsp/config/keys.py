"""Find the key of a provider: in a variable, in the editor, by a command, in the keyring.

Everything here may block (a command for ten seconds, a locked keyring for sixty), so call it in a
daemon thread. A failure is a notice, and the search continues; neither notices nor exceptions
contain a key or a command's output. `key_policy.py` decides where a key may be sent.

The operating system's keyring (the `keyring` extra) is queried in a separate process: the server
loads none of it, and an unanswered prompt ends with the server.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from devstral_lsp.config.addresses import parse_origin
from devstral_lsp.config.endpoint_settings import ChatSettings, Fallback, FimSettings
from devstral_lsp.config.key_text import describe_key_fault
from devstral_lsp.config.schema import Settings
from devstral_lsp.errors import ConfigError
from devstral_lsp.programs import Run, output_of
from devstral_lsp.providers import PROVIDERS, ProviderSpec
from devstral_lsp.providers.base import Notice, Notify, Secret

KEYRING_SERVICE = "devstral-lsp"
"""The service name in the keyring; the user name is the provider's name."""
KEYRING_TIMEOUT_S = 60.0
"""The user may have to enter a password first."""
COMMAND_TIMEOUT_S = 10.0

KeySourceSettings = FimSettings | ChatSettings | Fallback
"""Settings that say where a key is: by `api_key_env` and `api_key_command`."""
EditorKeyLookup = Callable[[str], str | None]
"""Asks the editor for the key that it stores for an origin ("https://host"). May block; called
in any thread."""

_CHILD = Path(__file__).with_name("keyring_child.py")
_NO_KEYRING = "NoKeyringError"
"""A machine without a keyring, such as a server: not a failure."""
_LOCKED = "KeyringLocked"


class Keyring:
    """The keyring during one search. Each key is queried once, and none after a failure, because
    the user would have to wait again.

    `run` starts the process, as it does for key commands.
    """

    def __init__(self, run: Run = output_of) -> None:
        self.run = run
        self._held: dict[str, Secret | None] = {}
        self._has_failed = False

    def key(self, provider: str, notify: Notify) -> Secret | None:
        """The stored key of `provider`; None without the `keyring` extra.

        Blocks for KEYRING_TIMEOUT_S at most.
        """
        if provider not in self._held and not self._has_failed:
            self._held[provider] = self._ask(provider, notify)
        return self._held.get(provider)

    def _ask(self, provider: str, notify: Notify) -> Secret | None:
        if find_spec("keyring") is None:
            return None
        answer = _ask_child(provider, self.run)
        if failure := answer.get("failure"):
            self._has_failed = True
            sentence = f"The keyring gave no key ({failure})."
            if failure == _LOCKED:
                sentence = (
                    "The keyring is locked and gave no key. Unlock it, then start devstral-lsp "
                    "again."
                )
            if failure != _NO_KEYRING:
                notify(Notice("key", sentence))
            return None
        held = answer.get("key")
        value = held.strip() if isinstance(held, str) else ""
        return Secret(value, "keyring") if value else None


def _ask_child(provider: str, run: Run) -> Mapping[str, Any]:
    """The output of `keyring_child.py`; a "failure" also if there was none."""
    # -P: the working directory may be a clone that contains a module of that name.
    command = (sys.executable, "-P", str(_CHILD), KEYRING_SERVICE, provider)
    try:
        answer = json.loads(run(command, KEYRING_TIMEOUT_S))
    except ConfigError as error:
        return {"failure": f"it {error}"}
    except ValueError:
        return {"failure": "it wrote no answer"}
    return answer if isinstance(answer, dict) else {}


@dataclass(frozen=True, slots=True)
class KeyStores:
    """Where the user stores keys: in the editor, by address, and in the keyring.

    `run` returns the output of the key command, and raises ConfigError without any of it.
    """

    in_editor: Callable[[], Secret | None] = lambda: None
    keyring: Keyring = field(default_factory=Keyring)
    run: Run = output_of


def find_key(
    settings: KeySourceSettings,
    spec: ProviderSpec,
    environ: Mapping[str, str],
    notify: Notify,
    stores: KeyStores,
) -> Secret | None:
    """The first key found: in the named variable, in the editor, in the provider's own variable, by
    the command, in the keyring.

    Blocks. Returns None for a provider without keys, and if no key is found.
    """
    if not spec.key_variables:
        return None
    for candidate in _candidates(settings, spec, environ, notify, stores):
        fault = describe_key_fault(candidate.reveal(), may_be_any_word=not spec.needs_key)
        if not fault:
            return candidate
        notify(Notice("key", f"The key from {candidate.source} was left out: {fault}."))
    return None


def no_editor_keys(_: str) -> str | None:
    """The `EditorKeyLookup` of an editor that stores no keys."""
    return None


def key_from_editor(address: str, editor_keys: EditorKeyLookup) -> Secret | None:
    """The key that the editor stores for the host of `address` only. Blocks."""
    home = str(parse_origin(address))
    value = (editor_keys(home) or "").strip()
    return Secret(value, "the editor's secret storage", home) if value else None


def _candidates(
    settings: KeySourceSettings,
    spec: ProviderSpec,
    environ: Mapping[str, str],
    notify: Notify,
    stores: KeyStores,
) -> Iterator[Secret]:
    """Yield candidates lazily, so that no command runs and no keyring opens if a variable is
    set."""
    named = settings.api_key_env
    if named and not environ.get(named, "").strip():
        sentence = f"The variable {named}, named as the one that holds the key, is not set."
        notify(Notice("key", sentence))
    yield from _held((named,), environ)
    if key := stores.in_editor():  # stored for exactly this host
        yield key
    yield from _held([each for each in spec.key_variables if each != named], environ)
    command = settings.api_key_command
    if command and (key := _key_by_command(command, stores.run, notify)):
        yield key
    if key := stores.keyring.key(spec.name, notify):
        yield key


def _held(variables: Iterable[str], environ: Mapping[str, str]) -> Iterator[Secret]:
    for variable in variables:
        if value := environ.get(variable, "").strip():
            yield Secret(value, variable)


def _key_by_command(command: tuple[str, ...], run: Run, notify: Notify) -> Secret | None:
    """The first line of the command's output; a failure is a notice without any of the output."""
    try:
        output = run(command, COMMAND_TIMEOUT_S)
    except ConfigError as error:
        notify(Notice("key", f"The command for the key {error}."))
        return None
    line = output.decode("utf-8", "replace").partition("\n")[0].strip()
    if not line:
        notify(Notice("key", "The command for the key printed nothing on its first line."))
        return None
    return Secret(line, "command")


def key_command_runner(
    settings: Settings, environ: Mapping[str, str], folders: Sequence[Path]
) -> Run:
    """A function that runs key commands without keys in their environment, and no programs from
    the workspace."""
    fim, chat = settings.fim, settings.chat
    rows: tuple[KeySourceSettings, ...] = (fim, *fim.fallbacks, chat, *chat.fallbacks)
    network = settings.network
    variables = {
        *(variable for spec in PROVIDERS.values() for variable in spec.key_variables),
        *(row.api_key_env for row in rows),
        *(header.value_env for header in network.headers),
        network.client_key_password_env,
    }
    return partial(
        output_of, environ=environ, key_variables=variables, project_folders=tuple(folders)
    )
