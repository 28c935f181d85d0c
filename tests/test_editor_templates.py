"""The template for JetBrains' IDEs names our command, and languages as the server names them."""

from __future__ import annotations

import json
from pathlib import Path

from devstral_lsp.languages import language_id_of_path

TEMPLATE = Path(__file__).parent.parent / "editors" / "jetbrains" / "template.json"


def test_the_languages_of_the_jetbrains_template_are_the_servers() -> None:
    template = json.loads(TEMPLATE.read_text(encoding="utf-8"))
    assert template["programArgs"]["default"].split()[0] == "devstral-lsp"
    named = {
        pattern: each["languageId"]
        for each in template["fileTypeMappings"]
        for pattern in each["fileType"]["patterns"]
    }
    assert named == {pattern: language_id_of_path(f"x{pattern[1:]}") for pattern in named}
    assert len(named) > 20
