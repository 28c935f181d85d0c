"""The settings as the table that docs/settings.md shows.

`python -m devstral_lsp.config.markdown_table` writes it. Derived from the schema alone, so that
what is documented is what is read.
"""

from __future__ import annotations

import json
import sys

from devstral_lsp.config.parse_value import describe_expected
from devstral_lsp.config.schema import SETTING_SPECS
from devstral_lsp.config.setting_spec import NOT_PROJECT, TRUSTED_LAYERS, SettingSpec

START = "<!-- settings:start -->"
END = "<!-- settings:end -->"

_WHO = {TRUSTED_LAYERS: "user file, environment", NOT_PROJECT: "not the project file"}


def settings_table() -> str:
    """The Markdown table of all settings, one line each, without a line end after the last."""
    head = ["| setting | default | what it says | value | set by |", "|---|---|---|---|---|"]
    return "\n".join(head + [_row(setting) for setting in SETTING_SPECS.values()])


def _row(setting: SettingSpec) -> str:
    default = "unset" if setting.default is None else f"`{json.dumps(setting.default)}`"
    who = _WHO.get(setting.layers, "anyone")
    if setting.project is not None:
        who = f"anyone; a project file {setting.project.words}"
    cells = (f"`{setting.key}`", default, setting.doc, _value(setting), who)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _value(setting: SettingSpec) -> str:
    """The kind and limits, in short."""
    if setting.choices:
        return ", ".join(f'`"{choice}"`' for choice in setting.choices)
    if setting.range:
        unit = f" {setting.range.unit}" if setting.range.unit else ""
        return f"{setting.range.minimum:.12g} – {setting.range.maximum:.12g}{unit}"
    return setting.value_type.short_description or describe_expected(setting)


if __name__ == "__main__":
    sys.stdout.write(f"{START}\n{settings_table()}\n{END}\n")
