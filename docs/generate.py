"""The table of settings in settings.md, derived from the schema: `python docs/generate.py`.

With `--check` nothing is written, and the exit status is 1 if the page holds another table.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from devstral_lsp.config.parse_value import describe_expected
from devstral_lsp.config.schema import SETTING_SPECS
from devstral_lsp.config.setting_spec import NOT_PROJECT, TRUSTED_LAYERS, SettingSpec

PAGE = Path(__file__).with_name("settings.md")
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


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(f"{START}\n")
    _, _, after = rest.partition(f"{END}\n")
    wanted = f"{before}{START}\n{settings_table()}\n{END}\n{after}"
    if not parser.parse_args().check:
        PAGE.write_text(wanted, encoding="utf-8")
    elif text != wanted:
        sys.stderr.write("The settings have changed: run python docs/generate.py\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
