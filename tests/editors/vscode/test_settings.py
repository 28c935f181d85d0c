"""The extension's settings are the server's, and a folder's settings redirect nothing."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from devstral_lsp.config import setting_types
from devstral_lsp.config.schema import SETTING_SPECS
from devstral_lsp.config.setting_spec import TRUSTED_LAYERS, Layer
from tests.editors.vscode.install import SOURCES

PACKAGE = json.loads((SOURCES / "package.json").read_text(encoding="utf-8"))
PAGES = PACKAGE["contributes"]["configuration"]
PROPERTIES: dict[str, dict[str, Any]] = {
    key: each for page in PAGES for key, each in page["properties"].items()
}
TEXTS = ("title", "description", "markdownDescription", "altText", "displayName")
"""The members of package.json that VS Code shows."""
OF_A_PERSON = ("machine", "application")
"""Scopes that VS Code reads from no folder's settings."""
ADDRESSES = (
    setting_types.URL,
    setting_types.PROXY_URL,
    setting_types.URLS,
    setting_types.VARIABLE,
    setting_types.HOSTS,
    setting_types.COMMAND,
)


def test_every_text_that_is_shown_can_be_translated() -> None:
    words = json.loads((SOURCES / "package.nls.json").read_text(encoding="utf-8"))
    shown = list(_shown(PACKAGE))
    assert [text for text in shown if not re.fullmatch(r"%[^%]+%", text)] == []
    assert sorted(text.strip("%") for text in shown) == sorted(words)


def _shown(value: object) -> Iterator[str]:
    """The texts of package.json that VS Code shows."""
    if isinstance(value, list):
        yield from (text for each in value for text in _shown(each))
    elif isinstance(value, dict):
        for name, inner in value.items():
            if name in TEXTS and isinstance(inner, str):
                yield inner
            else:
                yield from _shown(inner)


def test_package_json_holds_the_settings_of_the_schema() -> None:
    command = [sys.executable, str(SOURCES / "generate.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def scope_of(key: str) -> str:
    head, *words = key.split("_")
    scope: str = PROPERTIES["devstral." + head + "".join(map(str.capitalize, words))]["scope"]
    return scope


@pytest.mark.parametrize("key", SETTING_SPECS)
def test_a_folder_sets_only_what_a_project_file_may_restrict(key: str) -> None:
    setting = SETTING_SPECS[key]
    scope = scope_of(key)
    assert scope in (*OF_A_PERSON, "window")
    if scope == "window":
        assert Layer.PROJECT in setting.layers
        assert setting.project is not None
    if setting.layers == TRUSTED_LAYERS or setting.value_type in ADDRESSES:
        assert scope == "machine", "it goes into the server's environment"


@pytest.mark.parametrize("key", [key for key in SETTING_SPECS if key.startswith(("fim.", "chat."))])
def test_a_folder_does_not_choose_who_is_asked(key: str) -> None:
    assert scope_of(key) in OF_A_PERSON


def test_every_setting_of_the_extension_has_a_scope_of_its_own() -> None:
    assert len(PROPERTIES) == len(SETTING_SPECS) + 1
    assert PROPERTIES["devstral.command"]["scope"] == "machine"


def test_an_untrusted_folder_is_supported_in_part_only() -> None:
    trust = PACKAGE["capabilities"]["untrustedWorkspaces"]
    assert trust["supported"] == "limited"


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("client.ts", "initializationOptions: trust()"),
        ("settings.ts", "workspaceTrusted: vscode.workspace.isTrusted"),
        ("settings.ts", "set[`workspace.${name}`] = said"),
        ("client.ts", "isOfFolder(document, context.only) ? []"),
        ("extension.ts", "onDidGrantWorkspaceTrust(() => tellChange(this.client))"),
    ],
)
def test_the_extension_tells_folders_and_their_trust_apart(file: str, words: str) -> None:
    assert words in (SOURCES / "src" / file).read_text(encoding="utf-8")
