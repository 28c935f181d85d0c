"""Find the nearest valid word for a value, a setting or an environment variable.

Also decides whether an unknown name may be meant as a setting that restricts. Ignoring such a name
could send code to a provider that its author has excluded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from devstral_lsp.config.schema import SECTIONS, SETTING_SPECS
from devstral_lsp.config.setting_spec import LEFT_OUT, SettingSpec

_MAX_COMPARED = 60
"""Code points. Comparison is quadratic in the length, and no valid name is that long."""
_SEPARATORS = re.compile(r"[\s._-]+")
_ALSO_SAID = {
    "none": "local", "off": "local", "no": "local", "offline": "local", "disabled": "local",
    "false": "local", "localhost": "local", "openai": "openai_compatible", "lm": "lmstudio",
    "llama": "llamacpp", "llamaserver": "llamacpp", "huggingface": "tgi", "gateway":
    "openai_compatible", "custom": "openai_compatible",
}  # fmt: skip
"""Synonyms of valid values."""


def plain(word: str) -> str:
    """`word` in lower case without whitespace, dots and hyphens: "LM-Studio" is "lmstudio"."""
    return _SEPARATORS.sub("", word).lower()


def same(word: str, known: Iterable[str]) -> str:
    """The entry of `known` that equals `word` up to case and hyphens; "" if none."""
    wanted = plain(word) if len(word) <= _MAX_COMPARED else ""
    return next((each for each in known if wanted and plain(each) == wanted), "")


def near(word: str, known: Iterable[str], min_ratio: float = 0.6) -> str:
    """The entry of `known` most similar to `word`, with at least `min_ratio`; "" if none."""
    if not word or len(word) > _MAX_COMPARED:
        return ""
    from difflib import get_close_matches  # not at start-up: most users misspell nothing

    close = get_close_matches(word, list(known), n=1, cutoff=min_ratio)
    return close[0] if close else ""


def meant(word: str, known: Iterable[str]) -> str:
    """The entry of `known` that `word` probably means; "" if none."""
    words = {plain(each): each for each in known}
    wanted = plain(word)
    if (other := _ALSO_SAID.get(wanted, "")) in words.values():
        return other
    return words.get(near(wanted, words), "")


_ALIKE, _SURELY = 0.75, 0.85
_GROUPS = (*SECTIONS, "devstral", "devstral_lsp")
_OURS = re.compile(r"dev_?stral[._-]*(?:lsp[._-]+)?", re.IGNORECASE)
"""Prefix of the names of our variables, also with a missing or doubled separator."""
_WRAPPERS = frozenset(
    {"settings", "config", "configuration", "options", "lsp", "init_options"}
    | {"initialization_options", "devstral", "devstral_lsp"}
)
"""Groups around the settings in editors' own files, which editors should not send."""
_ALL_RESTRICT = tuple(
    name
    for name in SECTIONS
    if all(each.slip is not LEFT_OUT for each in SETTING_SPECS.values() if each.section == name)
)
"""Sections in which every setting restricts, so that an unknown name may, too."""
_HOST_AND_PORT = re.compile(
    r"(?:localhost(?::\d+)?|\d+\.\d+\.\d+\.\d+(?::\d+)?|[A-Za-z][\w.-]*:\d{2,5})(?:/\S*)?", re.ASCII
)
_HOST = re.compile(rf"{_HOST_AND_PORT.pattern}|[\w-]+(?:\.[\w-]+)+(?:/\S*)?", re.ASCII)
"""Addresses without a scheme."""
_PROVIDERS = frozenset(map(plain, SETTING_SPECS["fim.provider"].choices)) - {"auto"}
_PLAIN_WORDS = frozenset(
    {"url", "uri", "endpoint", "gateway", "provider", "cloud", "remote", "offline", "internet"}
    | {"network", "ai", "exclude", "excluded", "ignore"}
    | _PROVIDERS
)
"""Words that restrict anywhere in a name: "use_cloud", "no_network"."""
_USER_FILE_WORDS = ("config", "conf", "cfg", "settings", "toml")
_MIN_GROUP = 3
"""Minimum length of a group's name: "go" is not a misspelling of "log"."""

_ALSO_CALLED = {
    "fim.provider": (
        *("backend", "vendor", "service", "engine", "api_type", "offline", "local_only"),
        *("cloud", "remote", "online", "internet", "ai", "self_hosted", "private", "local"),
    ),
    "fim.base_url": (
        *("url", "uri", "endpoint", "host", "server", "address", "api_base", "api_url", "port"),
        *("api_host", "base", "server_url", "gateway", "hostname", "domain", "ip"),
    ),
    "completion.enabled": (
        *("enable", "disable", "disabled", "off", "active", "auto_trigger", "autocomplete"),
        *("inline_suggest", "suggestions", "inline_completion"),
    ),
    "completion.disabled_languages": (
        *("languages", "filetypes", "disabled_filetypes", "exclude_languages", "disable_languages"),
        *("languages_disabled", "ignored_languages", "excluded_languages"),
    ),
    "privacy.exclude": (
        *("ignore", "ignored", "deny", "denied", "denylist", "blacklist", "block", "blocked"),
        *("ignore_files", "excluded", "exclusions", "hide", "forbid", "never_send"),
    ),
    "fim.trusted_hosts": ("allowed_hosts", "allow_hosts", "hosts"),
    "network.proxy": ("https_proxy", "http_proxy", "proxies"),
}
"""Names of such settings in other programs."""

_OTHERS = {other: key for key, others in _ALSO_CALLED.items() for other in others}
_FIELDS = {setting.field: setting.key for setting in reversed([*SETTING_SPECS.values()])}
"""The first setting of each name."""


def nearest(key: str) -> str:
    """The setting (or variable, for a variable) that `key` probably means; "" if none."""
    setting = _nearest(key)
    if setting is None:
        return ""
    return setting.variable if is_variable(key) else setting.key


def is_variable(key: str) -> bool:
    """Whether `key` is the name of an environment variable and not of a setting."""
    return "." not in key and key.isupper()


def may_restrict(key: str, raw: object, *, is_ours: bool) -> bool:
    """Whether the unknown name `key` may be meant as a setting that restricts.

    `is_ours` is False for an editor's settings, which may include those of other programs: only the
    whole name then counts.
    """
    if len(key) > _MAX_COMPARED:
        return is_ours
    if key.startswith("$"):  # "$schema" and the like are for the editor of the file
        return False
    key = key if is_ours else _unwrapped(key)
    if not is_ours and not _is_of_ours(key):
        return False
    setting = _nearest(key)
    if setting is not None:
        restricting = [s.key for s in SETTING_SPECS.values() if s.slip is not LEFT_OUT]
        # A restricting setting may be almost as similar as the nearest one.
        if setting.slip is not LEFT_OUT or near(_flat(_bare(key)), map(_flat, restricting), 0.9):
            return True
    head, dot, _ = _bare(key).partition(".")
    if dot and head in _ALL_RESTRICT and (head == "privacy" or raw is not True):
        return True
    return _names_provider(raw, head) or any(map(_is_restricting_word, _bare(key).split(".")))


def names_user_file(key: str) -> bool:
    """Whether a variable is meant as the one that names the user file."""
    words = _bare(key).split("_")
    return any(near(word, _USER_FILE_WORDS, _ALIKE) for word in words)


def section_of(key: str) -> str:
    """The section whose name is in place of a setting's; "" if none is."""
    bare = _bare(key)
    return bare if bare in SECTIONS else ""


def _nearest(key: str) -> SettingSpec | None:
    bare = _bare(key)
    if len(bare) > _MAX_COMPARED:
        return None
    if inside := [each for each in SETTING_SPECS if bare.startswith(f"{each}.")]:
        return SETTING_SPECS[inside[0]]
    names = {_flat(each): setting for each, setting in SETTING_SPECS.items()}
    if close := near(_flat(bare), names, _ALIKE):
        return names[close]
    last = bare if is_variable(key) else bare.rpartition(".")[2]
    if last in _OTHERS:
        return SETTING_SPECS[_OTHERS[last]]
    field = near(last, _FIELDS, _ALIKE)
    for part in () if field else bare.split("."):
        field = field or near(part, _FIELDS, _SURELY)
    return SETTING_SPECS[_FIELDS[field]] if field else None


def _bare(key: str) -> str:
    """The name as a setting's: without the prefix of variables, in lower case."""
    return _OURS.sub("", key.lower(), count=1) if _OURS.match(key) else key.lower()


def _flat(key: str) -> str:
    return key.replace(".", "_")


def _is_of_ours(key: str) -> bool:
    """Whether it is at the top, or in a group with a name similar to one of ours."""
    head, dot, _ = key.partition(".")
    if not dot or _OTHERS.get(head) == "completion.enabled":
        return True
    return len(head) >= _MIN_GROUP and bool(near(head, _GROUPS, 0.65))


def _unwrapped(key: str) -> str:
    """`key` without the groups around it in editors' own files."""
    head, dot, rest = key.partition(".")
    while dot and head in _WRAPPERS:
        key = rest
        head, dot, rest = key.partition(".")
    return key


def _is_restricting_word(part: str) -> bool:
    if part in _OTHERS:
        return True
    words = part.split("_")
    if words[0] in SECTIONS:  # a variable's name begins with a section, which says nothing
        del words[0]
    if not _PLAIN_WORDS.isdisjoint(words):
        return True
    field = near(part, _FIELDS, _SURELY)
    return bool(field) and SETTING_SPECS[_FIELDS[field]].slip is not LEFT_OUT


def _names_provider(raw: object, head: str) -> bool:
    """Whether a value is a provider's name or an address.

    `head` is its group: with the models, a host may have no port.
    """
    if not isinstance(raw, str) or len(raw) > _MAX_COMPARED:
        return False
    if "://" in raw or plain(raw) in _PROVIDERS:
        return True
    host = _HOST if head in ("fim", "chat") else _HOST_AND_PORT
    return host.fullmatch(raw.strip()) is not None
