"""Decide whether a value is random or chosen to be secret, or an ordinary word of a program.

Linear in the length of the value.
"""

from __future__ import annotations

import re
from math import log2

_FILLED_IN = re.compile(
    r"\$\{|\$\(|^\$(?!(?:apr1|y|argon2\w{1,2})\$)[A-Za-z_]|\{\{"
    r"|\}\}|\{\w*+\}|<[\w -]++>|\(\)|%[({]|%[sdvrq](?![A-Za-z0-9])|#\{|\[\["
)
"""Placeholders for values that are filled in later."""
_BLANK_FORM = re.compile(
    r"(?i:x{3,}|\*{3,}|\.{3,}|change[-_]?me|replace[-_]?(?:me|with)|your[-_ ]|place[-_]?holder"
    r"|redacted|removed|<|todo|fixme|not[-_]?set|undefined|none$|null$|true$|false$)"
)
_WORDS = re.compile(
    r"[A-Za-z]?[a-z]*+(?:[-_./: @#|]*+(?:[A-Z]{2,}+(?![a-z])|[A-Z]?[a-z]{2,}+|[A-Za-z])){0,40}+"
    r"\d{0,2}+"
)
"""Words of programs or prose, joined in the usual ways."""
_CONSTANT = re.compile(r"[A-Z][A-Z_]*+(?:_[A-Z0-9]++)*+")
_PATH = re.compile(
    r"(?:[A-Za-z]{1,12}:)?/{1,3}|\.{1,2}/|[\w-]{1,40}\.(?:[a-z]{1,4}\d?|[a-z]{5,10})$"
)
_VERSION = re.compile(
    r"[v^~=<> ]*+\d++(?:\.\d++)++[\w.-]{0,12}+|\d{1,4}[-/:.]\d{1,2}[-/:.]\d{1,4}.*+"
)
_NUMBER = re.compile(r"0x[0-9A-Fa-f]{1,16}|[-+]?[\d_.,]++(?:e[-+]?\d++)?[a-zA-Z%]{0,3}+")
_UUID = re.compile(r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}")
_HEX = re.compile(r"[0-9a-f]++|[0-9A-F]++")
_BASE32 = re.compile(r"[A-Z2-7]{24,}+")
"""The format of seeds of one-time passwords."""
_REFERENCE = re.compile(r"[*&!~-]?+[A-Za-z_$@]\w*+(?:(?:\.|::|->|\\)[A-Za-z_]\w*+)*+")
_HUMP = re.compile(r"[A-Z]{2,}+(?![a-z])|[A-Z]++(?=[A-Z][a-z])|[A-Z]?+[a-z]++|[A-Z]")
_MIN_HUMPS = 6
_TURN = re.compile(r"(?<=[A-Za-z])\d|(?<=\d)[A-Za-z]|(?<=[a-z])[A-Z]|(?<=[A-Z])[a-z]")
_CHANGE = re.compile(r"[a-zA-Z](?![a-zA-Z])|\d(?!\d)|[^a-zA-Z\d](?=[a-zA-Z\d])")
_MIN_NOISE_LENGTH = 30
_MIN_ENTROPY = 3.0
"""Bits per character of a random value; words and paths have less, or whitespace."""
_MIN_KINDS = 8
"""Minimum different characters in a key."""
_MIN_KEY_LENGTH = 16


def is_filled_in_later(value: str) -> bool:
    """Whether a value is a placeholder: a variable, a format, or advice to insert something."""
    if _BLANK_FORM.match(value):
        return True
    return _FILLED_IN.search(value) is not None and not is_noise(value)


def is_noise(value: str) -> bool:
    """Alternating letters, digits and signs: a `%s` in there is random, as in Django's keys."""
    if len(value) < _MIN_NOISE_LENGTH or len(set(value)) < _MIN_NOISE_LENGTH // 2:
        return False
    return len(_CHANGE.findall(value)) >= 0.4 * len(value)


def is_plain(value: str) -> bool:
    """Whether a value is ordinary in programs: words, names, paths, numbers, versions."""
    if _PATH.match(value) and not _is_base64(value):
        return True
    patterns = (_WORDS, _CONSTANT, _VERSION, _NUMBER)
    return any(each.fullmatch(value) for each in patterns) and not _is_jumbled(value)


def _is_jumbled(value: str) -> bool:
    """Only letters, of which hardly any two neighbours occur in one word."""
    humps = _HUMP.findall(value)
    short = sum(1 for hump in humps if len(hump) <= 2)
    return len(humps) >= _MIN_HUMPS and short * 2 > len(humps) and not value.isupper()


def _is_base64(value: str) -> bool:
    """Whether it is base64 and not a path, which has words between its slashes, and hardly any
    digits."""
    return len(value) >= 20 and count_transitions(value) * 4 >= len(value)


def is_random(value: str, shortest: int = 16) -> bool:
    """Whether a value of at least `shortest` code points is too random for a person to make up."""
    if len(value) < shortest or entropy(value) < min(_MIN_ENTROPY, log2(len(value)) * 0.8):
        return False
    if _HEX.fullmatch(value):
        return any(c.isalpha() for c in value) and any(c.isdigit() for c in value)
    if not any(c.isdigit() for c in value):
        return _is_jumbled(value)
    return count_transitions(value) * 6 >= len(value)


def is_reference(value: str) -> bool:
    """Whether an unquoted value may be a name of the program: `rsa.Key2`, `self->token`."""
    if any(_HEX.fullmatch(each) and is_random(each) for each in value.split("_")):
        return False
    if _BASE32.fullmatch(value) and any(each.isdigit() for each in value):
        return False
    return _REFERENCE.fullmatch(value) is not None and count_transitions(value) < 0.45 * len(value)


def is_uuid(value: str) -> bool:
    return _UUID.fullmatch(value) is not None


def count_transitions(value: str) -> int:
    """The number of changes between letters and digits, and between lower and upper case."""
    return len(_TURN.findall(value))


def entropy(value: str) -> float:
    """Shannon entropy: bits per character, by the frequencies in the value itself."""
    shares = [value.count(each) / len(value) for each in set(value)]
    return -sum(share * log2(share) for share in shares)


def is_certain(value: str) -> bool:
    """Whether a found value is certainly a key. Passwords that a person made up are not."""
    mixed = any(c.isdigit() for c in value) and any(c.isalpha() for c in value)
    is_long = len(value) >= _MIN_KEY_LENGTH and len(set(value)) >= _MIN_KINDS
    return mixed and is_long and entropy(value) >= _MIN_ENTROPY


_MIN_ALONE_LENGTH = 32
_MAX_ALONE_LENGTH = 128
"""Code points of a word that counts as a secret even without a name; data is longer."""
_DATA = re.compile(r"(?:base64,|[\w+/-])$")
_PUBLIC = re.compile(
    r"(?i:node_?id|(?:next|page|continuation)_?token|"
    r"sha-?\d|md5|hash|digest|checksum|integrity|fingerprint|etag|pub(?:lic)?[_ -]?key)"
    r"|\bh1:|\bssh-[a-z0-9]{1,12} "
)
"""Prefixes of public data in lock files, pins and lists of public keys."""
_NAME = re.compile(r"[A-Za-z_]\w*+=(?==*+[^=])")
"""Separators between a name and a value in one word, as in `sum=…`."""
_DIGEST = re.compile(r"(?<![A-Za-z0-9])(?:[0-9a-f]{4,}+|[0-9A-F]{4,}+)(?![A-Za-z0-9])")
"""Parts of addresses and paths: a commit, a UUID."""
_NEAR = 64
"""Code points of the line before a word that may name it."""


def is_drawn_alone(text: str, start: int, end: int) -> bool:
    """Whether a word of a text is random: it mixes digits, lower case and upper case.

    Hashes use one case, or are named.
    """
    if not _MIN_ALONE_LENGTH <= end - start <= _MAX_ALONE_LENGTH:
        return False
    word = text[start:end]
    name = _NAME.match(word)
    before = text[max(0, start - _NEAR, text.rfind("\n", 0, start) + 1) : start]
    if name is not None:
        before, word = before + name[0], word[name.end() :]
    if len(_DIGEST.sub("", word)) < _MIN_ALONE_LENGTH:
        return False
    if count_transitions(word) < 0.45 * len(word) or entropy(word) < 4.0 or word.count("/") > 4:
        return False
    return _DATA.search(before) is None and _PUBLIC.search(before + word[:8]) is None
