"""The settings in package.json, as VS Code shows them: `python editors/vscode/generate.py`.

Derived from the server's schema alone. The words go into package.nls.json, beside those that are
written there by hand, so that they can be translated. With `--check` nothing is written, and the
exit status is 1 if a file says something else. The scope says who may set it, and how it reaches
the server:
"machine" (addresses, keys, programs) and "application" are read from no folder's settings, and
"window" is also read from a folder's, which the server takes as it takes a project file.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any

from devstral_lsp.config.schema import SECTIONS, SETTING_SPECS, SettingSpec
from devstral_lsp.config.setting_types import AUTO, FLAG_OR_AUTO

PACKAGE = Path(__file__).with_name("package.json")
WORDS = Path(__file__).with_name("package.nls.json")
MADE = "settings."
"""What the keys in package.nls.json begin with that are made here."""
STRINGS = {"type": "array", "items": {"type": "string"}}
ENDPOINTS = frozenset({"fim", "chat", "network", "limits", "log"})
"""Sections that are a person's own matter: who is asked, and what it may cost."""

PAGES = {
    "completion": "Completion",
    "next_edit": "Next Edits",
    "fim": "Model That Completes",
    "chat": "Model That Refactors",
    "refactor": "Refactoring",
    "context": "Context",
    "privacy": "Privacy",
    "local": "Your Own Code",
    "limits": "Limits and Money",
    "usage": "Usage",
    "network": "Network",
    "log": "Log",
}
"""The sections in the order in which people look for them, and the titles of their pages."""
FIRST = {
    "completion": ("mode", "disabled_languages", "disabled_in", "multiline"),
    "fim": ("provider", "model", "base_url"),
    "chat": ("provider", "model", "base_url"),
}
"""The settings that come first on their pages; the others follow in the order of the schema."""

OWN = {
    "devstral.command": {
        **STRINGS,
        "default": [],
        "scope": "machine",
        "markdownDescription": "The server's program and its arguments. Empty: the one that "
        "this extension installed in a folder of its own, or `devstral-lsp` on the `PATH`.",
    },
}
"""Settings of the extension itself."""


def configuration() -> list[dict[str, Any]]:
    """`contributes.configuration`: the extension's own settings, then a page for each section."""
    own = {"title": "Devstral", "order": len(PAGES), "properties": OWN}
    missing = SECTIONS.keys() ^ PAGES.keys()
    if missing:
        raise ValueError(f"sections without a page, or pages without a section: {missing}")
    return [*(_page(section, at) for at, section in enumerate(PAGES)), own]


def _page(section: str, order: int) -> dict[str, Any]:
    settings = [each for each in SETTING_SPECS.values() if each.section == section]
    first = FIRST.get(section, ())
    settings.sort(key=lambda each: first.index(each.field) if each.field in first else len(first))
    return {
        "title": PAGES[section],
        "order": order,
        "properties": {
            _key(each): {"order": at, **_property(each)} for at, each in enumerate(settings)
        },
    }


def _key(setting: SettingSpec) -> str:
    return "devstral." + re.sub(r"_([a-z0-9])", lambda match: match[1].upper(), setting.key)


def _property(setting: SettingSpec) -> dict[str, Any]:
    made = _type(setting)
    if setting.optional:
        made["type"] = [made["type"], "null"]
    if setting.value_type is FLAG_OR_AUTO:
        made = {**made, "type": ["boolean", "string"], "enum": [True, False, AUTO]}
    if setting.choices:
        made["enum"] = list(setting.choices)
    if setting.range:
        made["minimum"], made["maximum"] = setting.range.minimum, setting.range.maximum
    made["default"] = setting.default
    made["scope"] = scope_of(setting)
    made["markdownDescription"] = _named_as_here(setting.doc)
    return json.loads(json.dumps(made))  # type: ignore[no-any-return]


def _type(setting: SettingSpec) -> dict[str, Any]:
    made: dict[str, Any] = {"type": setting.value_type.json_type}
    if made["type"] == "array":
        made["items"] = STRINGS["items"]
    if setting.item_fields:
        row: dict[str, Any] = {"type": "object", "properties": {}, "additionalProperties": False}
        for each in setting.item_fields.values():
            row["properties"][each.field] = {**_type(each), "description": each.doc}
        row["required"] = [each.field for each in setting.item_fields.values() if each.required]
        made["items"] = {"anyOf": [row, {"type": "string"}]} if setting.shorthand_field else row
    return made


def scope_of(setting: SettingSpec) -> str:
    """The scope in package.json."""
    layers = {layer.value for layer in setting.layers}
    if "project file" in layers and setting.section not in ENDPOINTS:
        return "window"
    is_personal = "editor" in layers and not setting.value_type.is_destination
    return "application" if is_personal else "machine"


def _named_as_here(doc: str) -> str:
    """Other settings are named as they are named in VS Code, with a link."""
    keys = {each.key: _key(each) for each in SETTING_SPECS.values()}
    return re.sub(
        r"`([a-z]+\.[a-z_]+)`",
        lambda match: f"`#{keys[match[1]]}#`" if match[1] in keys else match[0],
        doc,
    )


def localise(value: Any, key: str, words: dict[str, str]) -> Any:
    """`value` with a reference in the place of each text that is shown, which goes into `words`."""
    if isinstance(value, list):
        return [localise(each, key, words) for each in value]
    if not isinstance(value, dict):
        return value
    made = {}
    for name, inner in value.items():
        if name in ("title", "description", "markdownDescription") and isinstance(inner, str):
            named = f"{key}.title" if name == "title" else key
            words[named] = inner
            made[name] = f"%{named}%"
        else:
            inside = key if name in ("properties", "items", "anyOf") else f"{key}.{name}"
            is_setting = name.startswith("devstral.")
            made[name] = localise(inner, MADE + name if is_setting else inside, words)
    return made


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    texts = {path: path.read_text(encoding="utf-8") for path in (PACKAGE, WORDS)}
    package, words = (json.loads(text) for text in texts.values())
    words = {key: text for key, text in words.items() if not key.startswith(MADE)}
    package["contributes"]["configuration"] = [
        localise(page, f"{MADE}{section}", words)
        for section, page in zip((*PAGES, "extension"), configuration(), strict=True)
    ]
    wanted = {
        path: json.dumps(made, indent=2, ensure_ascii=False) + "\n"
        for path, made in ((PACKAGE, package), (WORDS, words))
    }
    if not parser.parse_args().check:
        for path, text in wanted.items():
            path.write_text(text, encoding="utf-8")
    elif texts != wanted:
        sys.stderr.write("The settings have changed: run python editors/vscode/generate.py\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
