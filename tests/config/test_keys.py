"""Keys are found in their order, commands are real processes, and no failure tells a key."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import partial

import pytest

from devstral_lsp.config import keys
from devstral_lsp.config.keys import Keyring, KeyStores, find_key, key_from_editor
from devstral_lsp.config.schema import FimSettings
from devstral_lsp.providers import PROVIDERS
from devstral_lsp.providers.base import Notice, Notify, Secret

VALUE = "aB3" * 10 + "xY"


@pytest.fixture(autouse=True)
def _no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)  # importing it fails, as without the extra


class _Keyring(Keyring):
    """One that holds a key."""

    def key(self, provider: str, notify: Notify) -> Secret | None:
        return Secret("kept", "keyring") if provider == "mistral" else None


def python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


def found(
    settings: FimSettings,
    environ: Mapping[str, str],
    provider: str = "mistral",
    keyring: Keyring | None = None,
) -> tuple[Secret | None, list[str]]:
    notices: list[Notice] = []
    stores = KeyStores(keyring=keyring or Keyring())
    key = find_key(settings, PROVIDERS[provider], environ, notices.append, stores)
    assert all(notice.topic == "key" for notice in notices)
    return key, [notice.message for notice in notices]


def shown(key: Secret | None) -> tuple[str, str] | None:
    return (key.source, key.reveal()) if key else None


EVERYWHERE = FimSettings(api_key_env="CORP_KEY", api_key_command=python("print('by command')"))

ORDER = [
    ({"CORP_KEY": "a", "MISTRAL_API_KEY": "b"}, ("CORP_KEY", "a")),
    ({"MISTRAL_API_KEY": "b"}, ("MISTRAL_API_KEY", "b")),
    ({"MISTRAL_API_KEY": " b\n"}, ("MISTRAL_API_KEY", "b")),
    ({"CORP_KEY": " ", "MISTRAL_API_KEY": "b"}, ("MISTRAL_API_KEY", "b")),
]


@pytest.mark.parametrize(("environ", "key"), ORDER)
def test_variables_come_first(environ: Mapping[str, str], key: tuple[str, str]) -> None:
    assert shown(found(EVERYWHERE, environ)[0]) == key


def test_then_the_command_then_the_keyring() -> None:
    by_command = FimSettings(api_key_command=python("print('printed'); print('more')"))
    assert shown(found(by_command, {}, keyring=_Keyring())[0]) == ("command", "printed")
    assert shown(found(FimSettings(), {}, keyring=_Keyring())[0]) == ("keyring", "kept")
    assert found(FimSettings(), {}, "codestral", _Keyring()) == (None, [])


def test_what_the_editor_keeps_comes_before_all_but_a_named_variable() -> None:
    asked: list[str] = []

    def kept(origin: str) -> str:
        asked.append(origin)
        return " from-the-editor\n"

    def key(environ: Mapping[str, str]) -> Secret | None:
        in_editor = partial(key_from_editor, "https://API.mistral.ai/v1", kept)
        owner, stores = PROVIDERS["mistral"], KeyStores(in_editor)
        return find_key(EVERYWHERE, owner, environ, lambda _: None, stores)

    assert shown(key({"CORP_KEY": "a"})) == ("CORP_KEY", "a")
    assert asked == []
    found = key({"MISTRAL_API_KEY": "b"})
    assert shown(found) == ("the editor's secret storage", "from-the-editor")
    assert found is not None
    assert [found.bound_origin, *asked] == ["https://api.mistral.ai"] * 2


@pytest.mark.parametrize("value", [None, "", " \n"])
def test_an_editor_may_keep_nothing(value: str | None) -> None:
    assert key_from_editor("https://api.mistral.ai", lambda _: value) is None


def test_each_provider_has_its_own_variable() -> None:
    environ = {"MISTRAL_API_KEY": "m", "CODESTRAL_API_KEY": "c"}
    assert shown(found(FimSettings(), environ)[0]) == ("MISTRAL_API_KEY", "m")
    assert shown(found(FimSettings(), environ, "codestral")[0]) == ("CODESTRAL_API_KEY", "c")
    assert found(EVERYWHERE, environ, "local") == (None, [])


def test_a_named_variable_that_is_not_set_is_told() -> None:
    key, told = found(FimSettings(api_key_env="CORP_KEY"), {})
    assert key is None
    assert told == ["The variable CORP_KEY, named as the one that holds the key, is not set."]


FAILING = [
    (("/no/such/program",), "could not be started (FileNotFoundError)."),
    (python(f"print('{VALUE}'); raise SystemExit(3)"), "ended with exit code 3."),
    (python(f"print(); print('{VALUE}')"), "printed nothing on its first line."),
    (python("pass"), "printed nothing on its first line."),
    (("/a\0b",), "could not be started (ValueError)."),
    (("nowhere",), "could not be started (not found on the PATH)."),
]


@pytest.mark.parametrize(("command", "trouble"), FAILING)
def test_a_failing_command_is_told_without_its_output(
    command: tuple[str, ...], trouble: str
) -> None:
    key, told = found(FimSettings(api_key_command=command), {})
    assert key is None
    assert told == [f"The command for the key {trouble}"]


def test_a_command_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "COMMAND_TIMEOUT_S", 0.2)
    key, told = found(FimSettings(api_key_command=python("import time; time.sleep(60)")), {})
    assert key is None
    assert told == ["The command for the key did not end within 0 s."]


def test_a_command_reads_nothing_and_knows_no_shell() -> None:
    reads = FimSettings(api_key_command=python("import sys; print('got' + sys.stdin.read())"))
    assert shown(found(reads, {})[0]) == ("command", "got")
    quoted = FimSettings(api_key_command=(*python("import sys; print(sys.argv[1])"), "$HOME;ls"))
    assert shown(found(quoted, {})[0]) == ("command", "$HOME;ls")


@pytest.mark.parametrize("value", ["two words", "schlüssel", "a\x1b[2J"])
def test_what_no_header_can_carry_is_left_out(value: str) -> None:
    key, told = found(
        FimSettings(api_key_env="CORP_KEY"), {"CORP_KEY": value, "MISTRAL_API_KEY": "b"}
    )
    assert shown(key) == ("MISTRAL_API_KEY", "b")
    assert len(told) == 1
    assert told[0].startswith("The key from CORP_KEY was left out: it contains whitespace or")
