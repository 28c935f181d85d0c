"""Real model servers as processes that tests start, kill and start again.

Each listens on a port of the loopback that is its own for good, so that it comes back where it
was. Knows the programs' arguments, and neither providers nor what is asked.
"""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import httpx

from tests.models.packages import environment

PROGRAMS = Path(__file__).parent / "programs"
START_S = 90
"""LiteLLM takes some ten seconds, and several times that on a busy machine."""
PATIENCE_S = 20


class Server:
    """A process that serves HTTP on `port`; `log` is where it writes what it does."""

    def __init__(self, command: Sequence[str | Path], port: int, health: str, log: Path) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.log = log
        self.environ: Mapping[str, str] = {}
        self._command = [str(word) for word in command]
        self._health = health
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**_plain_environment(), **self.environ},
            )
        deadline = time.monotonic() + START_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"It did not start:\n{self.log.read_text('utf-8', 'replace')}")
            time.sleep(0.05)

    def kill(self) -> None:
        """End it at once, as a crash would: llama.cpp's waits for its streams when asked nicely."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def get(self, path: str) -> httpx.Response:
        """Ask it something beside the product."""
        return httpx.get(self.url + path, timeout=10, trust_env=False)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def _answers(self) -> bool:
        with suppress(httpx.TransportError):
            return self.get(self._health).is_success
        return False


class LlamaCpp(Server):
    """llama.cpp's own server with one of our models."""

    def __init__(self, model: Path, log: Path, **options: str | int) -> None:
        port = free_port()
        words = [f"--{name}={value}" for name, value in options.items()]
        program = (environment("llamacpp") / "python", PROGRAMS / "serve_llamacpp.py")
        super().__init__((*program, model, str(port), *words), port, "/health", log)

    @property
    def slots(self) -> list[Mapping[str, Any]]:
        """What each of its slots is at."""
        found = self.get("/slots").json()
        assert isinstance(found, list)
        return found

    @property
    def busy(self) -> bool:
        return any(slot["is_processing"] for slot in self.slots)

    async def until(self, *, busy: bool) -> None:
        """Wait until a slot is busy, or none is. Raises TimeoutError."""
        await asyncio.to_thread(self._wait, busy)

    def _wait(self, busy: bool) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while self.busy is not busy:
            if time.monotonic() > deadline:
                raise TimeoutError(f"Its slots are {'idle' if busy else 'busy'}: {self.slots}")
            time.sleep(0.01)

    def counted(self, name: str) -> float:
        """One of its counters: "tokens_predicted_total"."""
        lines = self.get("/metrics").text.splitlines()
        found = [line for line in lines if line.startswith(f"llamacpp:{name} ")]
        return float(found[0].rpartition(" ")[2])


class LiteLlm(Server):
    """LiteLLM's proxy with the configuration in a file.

    What is asked below /mistral it passes on as it is, to this address with this key.
    """

    def __init__(self, config: Path, log: Path, *, mistral: str, mistral_key: str) -> None:
        port = free_port()
        address = ("--host", "127.0.0.1", "--port", str(port))
        program = environment("litellm") / "litellm"
        super().__init__((program, "--config", config, *address), port, "/health/liveliness", log)
        self.environ = {
            "MISTRAL_API_BASE": mistral,
            "MISTRAL_API_KEY": mistral_key,
            # Else it fetches a list of prices from GitHub.
            "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        }


def made_model(file: Path, family: str, *, endless: bool = False) -> Path:
    """A model of `family`, written to `file`."""
    program = (environment("llamacpp") / "python", PROGRAMS / "make_model.py")
    words = [str(word) for word in (*program, file, family)]
    subprocess.run([*words, *(["--endless"] if endless else [])], check=True)
    return file


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        number: int = found.getsockname()[1]
        return number


def _plain_environment() -> dict[str, str]:
    """Ours without keys, proxies and whatever else these programs would go by."""
    return {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
