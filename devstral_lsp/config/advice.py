"""What the author of a value that cannot be used probably wanted to write."""

from __future__ import annotations

import re

from devstral_lsp.config.addresses import advice_on
from devstral_lsp.config.exclusion import fault_of
from devstral_lsp.config.setting_spec import SettingSpec, SettingType
from devstral_lsp.config.words import meant, same

ALL = ("all", "any", "every", "everything")
"""Words that are no language, but say that all are meant."""
LIST_BEGUN = re.compile(r"\s*\[\s*[\"'\]]")
"""Else "[ab].sql" is a pattern."""
_WORDS_FOR_FLAGS = {
    "true": True, "yes": True, "on": True, "1": True,
    "false": False, "no": False, "off": False, "0": False,
}  # fmt: skip


def advice_for(setting: SettingSpec, raw: object) -> str:
    """What its author probably wanted to write, as further sentences; "" if that is not known."""
    if not isinstance(raw, str):
        return ""
    if LIST_BEGUN.match(raw):
        return ' Write a list as ["a", "b"], in double quotes, or with commas alone: a,b.'
    if setting.kind is SettingType.PATTERNS:
        return f" {fault_of(raw)}".rstrip()
    if setting.kind in (SettingType.URL, SettingType.URLS):
        return advice_on(raw, is_proxy=setting.field == "proxy")
    if setting.kind is SettingType.FLAG:
        flag = flag_of_text(raw)
        return f" Write {str(flag).lower()}, without quotes." if isinstance(flag, bool) else ""
    if setting.lone:
        word = same(raw, setting.item_fields[setting.lone].choices)
        return f' Did you mean ["{word}"]?' if word else ""
    if setting.key == "chat.provider" and meant(raw, ("local",)):
        return " So that nobody is asked to refactor, set refactor.enabled to false."
    if setting.kind is SettingType.LANGUAGES:
        from devstral_lsp.languages import misspelt_language  # not at start-up

        if raw.strip(" *.").lower() in ("", *ALL):
            return " To have nothing offered at all, set completion.enabled to false."
        if len(re.split(r"[\s;:|]+", raw.strip())) > 1:
            return " Write one entry for each language."
        word = misspelt_language(raw)
    else:
        word = meant(raw, setting.choices)
    return f' Did you mean "{word}"?' if word else ""


def flag_of_text(text: str) -> object:
    return _WORDS_FOR_FLAGS.get(text.strip().lower(), text)
