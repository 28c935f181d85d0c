"""The keyring is asked by a process of its own; here a module of ours stands in for the package.

With the real package and real keyrings: tests/hostile/keyrings.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from devstral_lsp.config import keys as asked
from devstral_lsp.config.keys import Keyring
from devstral_lsp.providers.base import Notice

VALUE = "aB3" * 10 + "xY"
COUNTS = "open(__file__ + '.asked', 'a').write(user + ' ')"


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that we run in."""
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of a module `keyring`, installed where this and other Pythons find it."""
    folder = tmp_path / "packages"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setenv("PYTHONPATH", str(folder))
    return folder / "keyring.py"


def write(package: Path, *body: str) -> None:
    package.write_text("\n    ".join(("def get_password(service, user):", *body)))


def key_and_told(keyring: Keyring, provider: str = "mistral") -> tuple[str | None, list[str]]:
    notices: list[Notice] = []
    key = keyring.key(provider, notices.append)
    return key.reveal() if key else None, [each.message for each in notices]


@pytest.mark.parametrize("held", [VALUE, f" {VALUE}\r\n"])
def test_the_key_of_the_documented_service_and_user(package: Path, held: str) -> None:
    write(package, f"return {held!r} if (service, user) == ('devstral-lsp', 'mistral') else None")
    assert key_and_told(Keyring()) == (VALUE, [])
    assert key_and_told(Keyring(), "codestral") == (None, [])


def test_what_it_prints_is_no_part_of_it(package: Path) -> None:
    write(package, "import os; os.write(1, b'{'); print('{}')", f"return {VALUE!r}")
    assert key_and_told(Keyring()) == (VALUE, [])


def asked_for(package: Path) -> str:
    return Path(f"{package}.asked").read_text()


def test_each_is_asked_for_once(package: Path) -> None:
    write(package, COUNTS, f"return {VALUE!r}")
    keyring = Keyring()
    for provider in ("codestral", "mistral", "mistral"):
        assert key_and_told(keyring, provider) == (VALUE, [])
    assert asked_for(package) == "codestral mistral "


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        ("NoKeyringError", []),
        (
            "KeyringLocked",
            ["The keyring is locked and gave no key. Unlock it, then start devstral-lsp again."],
        ),
        ("Whatever", ["The keyring gave no key (Whatever)."]),
    ],
)
def test_whatever_it_raises_is_told_once_and_without_its_words(
    package: Path, failure: str, told: list[str]
) -> None:
    write(package, COUNTS, f"raise type({failure!r}, (Exception,), {{}})({VALUE!r})")
    keyring = Keyring()
    assert key_and_told(keyring) == (None, told)
    assert key_and_told(keyring, "codestral") == (None, [])
    assert asked_for(package) == "mistral "


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("import os; os._exit(7)", "it ended with exit code 7"),
        ("import os; os._exit(0)", "it wrote no answer"),
        ("import time; time.sleep(60)", "it did not end within 2 s"),
    ],
)
def test_it_may_end_or_hang(
    package: Path, monkeypatch: pytest.MonkeyPatch, body: str, told: str
) -> None:
    monkeypatch.setattr(asked, "KEYRING_TIMEOUT_S", 2.0)
    write(package, body)
    assert key_and_told(Keyring()) == (None, [f"The keyring gave no key ({told})."])


@pytest.mark.parametrize("held", [None, "", " \n", 7])
def test_it_may_hold_nothing(package: Path, held: object) -> None:
    write(package, f"return {held!r}")
    assert key_and_told(Keyring()) == (None, [])


def test_a_module_in_the_folder_that_we_were_started_in_is_not_asked(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(project / "keyring.py", COUNTS)
    monkeypatch.syspath_prepend("")  # as `python -m devstral_lsp` has it
    assert key_and_told(Keyring()) == (None, ["The keyring gave no key (ModuleNotFoundError)."])
    assert not (project / "keyring.py.asked").exists()


def test_a_module_in_the_project_is_not_asked_by_python_path_either(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(project / "keyring.py", COUNTS)
    monkeypatch.syspath_prepend(str(project))
    for folders in (str(project), "", "."):
        monkeypatch.setenv("PYTHONPATH", folders)
        assert key_and_told(Keyring()) == (None, ["The keyring gave no key (ModuleNotFoundError)."])
    assert not (project / "keyring.py.asked").exists()
