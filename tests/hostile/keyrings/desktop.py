"""A desktop's keeper of keys without the desktop: a message bus, and GNOME's keyring behind it.

On the bus nobody asks for a password, so that what is locked stays so. Knows no key but as bytes.
"""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from tests.hostile.keyrings.install import BUS, DAEMON, SEND

START_S = 20
_PASSWORD = b"the user's own"
_SERVICE = "org.freedesktop.secrets"
_CONFIG = """\
<busconfig>
  <type>session</type>
  <listen>unix:dir={folder}</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>
  </policy>
</busconfig>
"""
"""Unlike a desktop's own it starts no service by itself, such as this machine's keyring."""


class Desktop:
    """An unlocked keyring without a key. `environ` leads to it."""

    def __init__(self, root: Path, folder: Path) -> None:
        self._root = root
        self._folder = folder
        self._bus: subprocess.Popen[bytes] | None = None
        self._daemon: subprocess.Popen[bytes] | None = None
        self.environ: Mapping[str, str] = {}

    def __enter__(self) -> Self:
        config = self._folder / "bus.conf"
        config.write_text(_CONFIG.format(folder=self._folder))
        command = (self._root / BUS, f"--config-file={config}", "--nofork", "--print-address")
        self._bus = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}
        )
        assert self._bus.stdout is not None
        address = self._bus.stdout.readline().decode().strip()
        self.environ = {
            "DBUS_SESSION_BUS_ADDRESS": address,
            "XDG_DATA_HOME": str(self._folder),
            "XDG_RUNTIME_DIR": str(self._folder),
        }
        self._start()
        return self

    def __exit__(self, *_: object) -> None:
        for process in (self._daemon, self._bus):
            if process is not None:
                process.kill()
                process.communicate()

    def lock(self) -> None:
        """As the user's own keyring is who logged in without a password."""
        everything = "array:objpath:/org/freedesktop/secrets/collection/login"
        place = (f"--dest={_SERVICE}", "/org/freedesktop/secrets")
        assert self._said(*place, "org.freedesktop.Secret.Service.Lock", everything)

    def hang(self) -> None:
        """It is asked, and never answers: as if the user looked at its question for ever."""
        assert self._daemon is not None
        self._daemon.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """It answers again, and what it was asked meanwhile."""
        assert self._daemon is not None
        self._daemon.send_signal(signal.SIGCONT)

    def _start(self) -> None:
        ours = ("--foreground", "--components=secrets", f"--control-directory={self._folder}")
        self._daemon = subprocess.Popen(
            (self._root / DAEMON, *ours, "--unlock"),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**self.environ, "HOME": str(self._folder)},
        )
        assert self._daemon.stdin is not None
        self._daemon.stdin.write(_PASSWORD)
        self._daemon.stdin.close()
        deadline = time.monotonic() + START_S
        bus = ("--dest=org.freedesktop.DBus", "/", "org.freedesktop.DBus.NameHasOwner")
        while "true" not in self._said(*bus, f"string:{_SERVICE}"):
            assert self._daemon.poll() is None, "the keyring's service has ended"
            assert time.monotonic() < deadline, "the keyring's service did not start"
            time.sleep(0.02)

    def _said(self, *words: str) -> str:
        """What comes of a method call on the bus."""
        command = (str(self._root / SEND), "--session", "--print-reply", *words)
        done = subprocess.run(command, env=self.environ, capture_output=True, check=True, text=True)
        return done.stdout
