"""The operating system's keyring, by the `keyring` extra, asked in a process of its own.

So nothing of it is loaded into the server, and a question that the user never answers ends with us.
Whose key is wanted, and where it may go, is not known here.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from devstral_lsp.errors import ConfigError
from devstral_lsp.programs import Run, output_of
from devstral_lsp.providers.base import Notice, Notify, Secret

KEYRING_SERVICE = "devstral-lsp"
"""The service under which the keyring holds a key; the user name is the provider's name."""
KEYRING_TIMEOUT_S = 60.0
"""Its user may have to type a password first."""

_SOURCE = "keyring"
_CHILD = Path(__file__).with_name("keyring_child.py")
_ABSENT = "NoKeyringError"
"""A machine without a keyring, such as a server: not a failure."""
_LOCKED = "KeyringLocked"


class Keyring:
    """The keyring during one search for keys. It is asked for each once, and for none once it has
    failed, since the user would wait for the same again.

    `run` starts the process that asks; a key command runs by the same.
    """

    def __init__(self, run: Run = output_of) -> None:
        self.run = run
        self._held: dict[str, Secret | None] = {}
        self._fails = False

    def key(self, provider: str, notify: Notify) -> Secret | None:
        """The key that it holds for `provider`, None without the `keyring` extra. Blocks, for as
        long as KEYRING_TIMEOUT_S at most.
        """
        if provider not in self._held and not self._fails:
            self._held[provider] = self._asked(provider, notify)
        return self._held.get(provider)

    def _asked(self, provider: str, notify: Notify) -> Secret | None:
        if find_spec("keyring") is None:
            return None
        told = _query_child(provider, self.run)
        if failure := told.get("failure"):
            self._fails = True
            if failure != _ABSENT:
                notify(Notice("key", _sentence(failure)))
            return None
        held = told.get("key")
        value = held.strip() if isinstance(held, str) else ""
        return Secret(value, _SOURCE) if value else None


def _query_child(provider: str, run: Run) -> Mapping[str, Any]:
    """What the child wrote; a "failure" also where it did not come to write."""
    # -P: the folder that we were started in may be anybody's, and hold a module of that name.
    command = (sys.executable, "-P", str(_CHILD), KEYRING_SERVICE, provider)
    try:
        told = json.loads(run(command, KEYRING_TIMEOUT_S))
    except ConfigError as error:
        return {"failure": f"it {error}"}
    except ValueError:
        return {"failure": "it wrote no answer"}
    return told if isinstance(told, dict) else {}


def _sentence(failure: str) -> str:
    if failure == _LOCKED:
        return "The keyring is locked and gave no key. Unlock it, then start devstral-lsp again."
    return f"The keyring gave no key ({failure})."
