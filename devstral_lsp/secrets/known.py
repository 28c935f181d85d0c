"""Find secrets of a known format: tokens of services, signed tokens, hashes.

A row is the literal start of a token and an expression for the rest. Most rows are from the rules
of gitleaks (https://github.com/gitleaks/gitleaks, config/gitleaks.toml at b58d3f1, MIT licence);
rows with a comment are from the service's documentation. No expression can backtrack: a repetition
is last, or followed by what it cannot match.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

_HEX = "[0-9A-Fa-f]"
_WORD = "[A-Za-z0-9]"
_ID = "[A-Za-z0-9_-]"
_B64 = "[A-Za-z0-9+/]"

_FORMS: tuple[tuple[str, str], ...] = (
    # Clouds
    ("AKIA", r"[A-Z0-9]{16}(?!\w)"), ("ASIA", r"[A-Z0-9]{16}(?!\w)"), ("ABIA", "[A-Z0-9]{16}"),
    ("ACCA", "[A-Z0-9]{16}"), ("A3T", "[A-Z0-9]{17}"),
    ("ABSK", _B64 + "{40,}+=*+"), ("bedrock-api-key-", _B64 + "{16,}+=*+"),
    ("amzn.mws.", r"[0-9a-f-]{36}"),  # shhgit
    ("AIza", _ID + "{30,}+"), ("ya29.", r"[\w.-]{20,}+"), ("GOCSPX-", _ID + "{20,}+"),  # Google
    ("1//0", _ID + "{30,}+"),  # Google's refresh tokens
    ("LTAI", _WORD + "{16,}+"), ("AQVN", _ID + "{30,}+"),
    ("doo_v1_", _HEX + "{40,}+"), ("dop_v1_", _HEX + "{40,}+"), ("dor_v1_", _HEX + "{40,}+"),
    ("HRKU-", _ID + "{30,}+"), ("v1.0-", _HEX + "{24}-" + _HEX + "{100,}+"),
    ("fo1_", _ID + "{40,}+"), ("fm1r_", _B64 + "{60,}+=*+"), ("fm1a_", _B64 + "{60,}+=*+"),
    ("fm2_", _B64 + "{60,}+=*+"), ("dapi", _HEX + "{32}(?:-[0-9])?+"),
    ("nvapi-", _ID + "{40,}+"),  # NVIDIA
    # Code, packages, builds
    ("ghp_", _WORD + "{30,}+"), ("gho_", _WORD + "{30,}+"), ("ghu_", _WORD + "{30,}+"),
    ("ghs_", _WORD + "{30,}+"), ("ghr_", _WORD + "{30,}+"), ("github_pat_", r"\w{30,}+"),
    ("glpat-", r"[\w.-]{20,}+"), ("gldt-", _ID + "{20,}+"), ("glptt-", _ID + "{20,}+"),
    ("glrt-", r"[\w.-]{20,}+"), ("glcbt-", _ID + "{20,}+"), ("glft-", _ID + "{20,}+"),
    ("glimt-", _ID + "{20,}+"), ("glagent-", _ID + "{30,}+"), ("gloas-", _ID + "{30,}+"),
    ("glsoat-", _ID + "{20,}+"), ("glffct-", _ID + "{20,}+"), ("GR1348941", r"[\w-]{20,}+"),
    ("ATBB", _WORD + "{28,}+"), ("ATATT3", r"[\w=-]{40,}+"), ("ATCTT3", r"[\w=-]{40,}+"),
    ("npm_", _WORD + "{30,}+"), ("pypi-", _ID + "{40,}+"), ("rubygems_", _HEX + "{40,}+"),
    ("oy2", "[a-z0-9]{43}"), ("CLOJARS_", "[a-z0-9]{40,}+"),
    ("dckr_pat_", _ID + "{20,}+"), ("dckr_oat_", _ID + "{20,}+"),  # Docker
    ("cmVmd", _WORD + "{50,}+"), ("AKCp", _WORD + "{60,}+"), ("sgp_", r"\w{40,}+"),
    ("pul-", _HEX + "{40}"), ("pnu_", _WORD + "{36}"), ("PMAK-", r"[0-9a-fA-F-]{40,}+"),
    ("squ_", _HEX + "{40}"), ("sqp_", _HEX + "{40}"), ("sqa_", _HEX + "{40}"),
    ("rdme_", "[a-z0-9]{60,}+"), ("API-", "[A-Z0-9]{25,}+"), ("CCIPAT_", r"\w{30,}+"),
    ("tfp_", r"[\w.=-]{40,}+"), ("figd_", _ID + "{30,}+"), ("vercel_", _WORD + "{24,}+"),
    # Models
    ("sk-", _ID + "{20,}+"), ("sk_", _HEX + "{40,}+"),
    ("pplx-", _WORD + "{32,}+"), ("gsk_", _WORD + "{40,}+"),
    ("xai-", _WORD + "{40,}+"), ("r8_", _WORD + "{30,}+"), ("api_org_", _WORD + "{30,}+"),
    ("hf_", _WORD + "{30,}+"), ("lsv2_pt_", r"\w{30,}+"), ("lsv2_sk_", r"\w{30,}+"),
    ("csk-", _WORD + "{40,}+"), ("fw_", _WORD + "{22,}+"), ("tgp_v1_", _ID + "{30,}+"),
    ("jina_", r"\w{40,}+"), ("pcsk_", r"\w{40,}+"),
    # Payment and shops
    ("sk_live_", _WORD + "{10,}+"), ("sk_test_", _WORD + "{10,}+"), ("sk_prod_", _WORD + "{10,}+"),
    ("rk_live_", _WORD + "{10,}+"), ("rk_test_", _WORD + "{10,}+"), ("whsec_", _B64 + "{24,}+=*+"),
    ("sq0atp-", _ID + "{20,}+"), ("sq0csp-", _ID + "{40,}+"), ("EAAA", _ID + "{40,}+"),
    ("shpat_", _HEX + "{32}"), ("shpca_", _HEX + "{32}"), ("shppa_", _HEX + "{32}"),
    ("shpss_", _HEX + "{32}"), ("access_token$production$", r"[0-9a-z]{16}\$[0-9a-f]{32}"),
    ("FLWSECK", r"[\w-]{12,}+"), ("shippo_live_", _HEX + "{40}"), ("shippo_test_", _HEX + "{40}"),
    ("EZAK", _WORD + "{54}"), ("EZTK", _WORD + "{54}"), ("duffel_live_", r"[\w=-]{40,}+"),
    ("duffel_test_", r"[\w=-]{40,}+"), ("access-production-", r"[0-9a-f-]{36}"),
    ("access-sandbox-", r"[0-9a-f-]{36}"), ("access-development-", r"[0-9a-f-]{36}"),
    ("live_", r"[\w=-]{40,}+"), ("rzp_live_", _WORD + "{14,}+"), ("rzp_test_", _WORD + "{14,}+"),
    # Messages and mail
    ("xoxb-", r"[\w-]{10,}+"), ("xoxp-", r"[\w-]{10,}+"), ("xoxa-", r"[\w-]{10,}+"),
    ("xoxo-", r"[\w-]{10,}+"), ("xoxr-", r"[\w-]{10,}+"), ("xoxs-", r"[\w-]{10,}+"),
    ("xoxe-", r"[\w-]{10,}+"), ("xoxe.xox", r"[\w-]{10,}+"), ("xoxd-", r"[\w%-]{10,}+"),
    ("xoxc-", r"[\w-]{10,}+"), ("xapp-", r"[\w-]{10,}+"),
    ("hooks.slack.com/services/", r"[\w/]{20,}+"), ("hooks.slack.com/workflows/", r"[\w/]{20,}+"),
    ("hooks.slack.com/triggers/", r"[\w/]{20,}+"),
    ("discord.com/api/webhooks/", r"\d{15,}+/[\w-]{40,}+"),
    ("discordapp.com/api/webhooks/", r"\d{15,}+/[\w-]{40,}+"),
    ("webhook.office.com/webhookb2/", r"[\w@/-]{60,}+"),
    ("SG.", r"[\w-]{16,}+\.[\w-]{16,}+"), ("key-", "[0-9a-zA-Z]{32}"), ("SK", _HEX + "{32}"),
    ("AC", "[0-9a-f]{32}"), ("xkeysib-", r"[\w-]{60,}+"),
    ("re_", r"[A-Za-z0-9]{6,12}+_[A-Za-z0-9]{20,}+"),
    ("pubkey-", _HEX + "{32}"),
    # Watching, infrastructure, the rest
    ("glc_", _B64 + "{32,}+=*+"), ("glsa_", r"\w{32,}+"), ("NRAK-", "[A-Z0-9]{27}"),
    ("NRII-", _ID + "{32}"), ("NRJS-", _HEX + "{19}"), ("sntrys_", r"[\w+/=]{40,}+"),
    ("sntryu_", _HEX + "{64}"), ("dt0c01.", r"[A-Z0-9]{20,}+\.[A-Z0-9]{40,}+"),
    ("hvs.", r"[\w-]{24,}+"), ("hvb.", r"[\w-]{60,}+"), ("hvr.", r"[\w-]{24,}+"),
    ("AGE-SECRET-KEY-1", "[A-Z0-9]{50,}+"), ("AGE-PLUGIN-", r"[A-Z0-9-]{50,}+"),
    ("dp.pt.", _WORD + "{40,}+"), ("dp.st.", r"[\w.]{40,}+"), ("dp.sa.", _WORD + "{40,}+"),
    ("pscale_tkn_", r"[\w.=-]{32,}+"), ("pscale_pw_", r"[\w.=-]{32,}+"),
    ("pscale_oauth_", r"[\w.=-]{32,}+"), ("sbp_", _HEX + "{40}"), ("sb_secret_", r"\w{20,}+"),
    ("lin_api_", _WORD + "{40}"), ("ntn_", _WORD + "{40,}+"), ("secret_", _WORD + "{43}"),
    ("ops_eyJ", _B64 + "{40,}+=*+"), ("A3-", r"[A-Z0-9]{6}-[A-Z0-9-]{20,}+"),
    ("p8e-", _WORD + "{32}"), ("ico-", _WORD + "{32}"), ("fio-u-", r"[\w=-]{40,}+"),
    ("sha256~", r"[\w-]{43}"), ("tk-us-", r"[\w-]{48}"), ("s-s4t2", r"[\w-]{60,}+"),
    ("4b1d", _WORD + "{38}"), ("dnkey-", r"[\w=-]{60,}+"), ("tskey-", r"[\w-]{20,}+"),
    ("EAAC", _WORD + "{80,}+"), ("EAAM", _WORD + "{80,}+"), ("phx_", _WORD + "{40,}+"),
    ("sm_aat_", _WORD + "{16}"), ("sm_pat_", _WORD + "{16}"), ("sm_sat_", _WORD + "{16}"),
    # Private keys in PEM that are written in base64 once more, as Kubernetes has them
    ("LS0tLS1CRUdJTiBSU0Eg", _B64 + "{40,}+=*+"), ("LS0tLS1CRUdJTiBQUklWQVRF", _B64 + "{40,}+=*+"),
    ("LS0tLS1CRUdJTiBFQyBQUklW", _B64 + "{40,}+=*+"),
    ("LS0tLS1CRUdJTiBFTkNSWVBU", _B64 + "{40,}+=*+"),
    ("LS0tLS1CRUdJTiBPUEVOU1NI", _B64 + "{40,}+=*+"),
    ("LS0tLS1CRUdJTiBEU0Eg", _B64 + "{40,}+=*+"),
    # Signed tokens
    # Not within a run of its own letters, each of which would be looked through to the end.
    (
        "eyJ",
        r"(?:(?<![\w-]eyJ)|(?<=\\[nrt]eyJ))[\w-]{8,}+\.(?:eyJ)?[\w/+-]{8,}+(?:\.[\w/+=-]{8,}+)*+",
    ),
    ("v2.local.", r"[\w-]{40,}+"),
    ("v4.local.", r"[\w-]{40,}+"), ("eyJrIjoi", _WORD + "{40,}+=*+"),
    # Passwords that were hashed, as in /etc/shadow and .htpasswd (crypt(5))
    ("$2", r"[abxy]\$\d\d\$[./A-Za-z0-9]{53}"),
    ("$apr1$", r"[./A-Za-z0-9]{1,8}\$[./A-Za-z0-9]{22}"),
    ("$1$", r"[./A-Za-z0-9]{1,8}\$[./A-Za-z0-9]{22}"),
    ("$5$", r"[./A-Za-z0-9$=]{30,}+"), ("$6$", r"[./A-Za-z0-9$=]{60,}+"),
    ("$y$", r"[./A-Za-z0-9$]{40,}+"), ("$argon2", r"[\w$=,./+]{40,}+"),
    ("pbkdf2_sha256$", r"\d{3,}+\$[\w$+/=]{30,}+"),
)  # fmt: skip

_INNER = (
    r"[A-Za-z0-9]{14}\.atlasv1\.[\w=-]{40,}+",  # Terraform Cloud
    r"\d{8,11}:A[A-Za-z0-9_-]{34}(?![A-Za-z0-9_-])",  # Telegram's bots
    r"[MNO][A-Za-z0-9]{23,25}\.[\w-]{6}\.[\w-]{27,}+",  # Discord's bots
    r"[A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk",
    r"[0-9a-f]{32}-us\d{1,2}(?!\w)",  # Mailchimp
    r"[A-Za-z0-9_~.]{3}\dQ~[\w~.-]{31,34}",  # Azure AD
    r"pat[A-Za-z0-9]{14}\.[0-9a-f]{64}",  # Airtable
    r"(?:pat|sat)\.[\w-]{22}\.[A-Za-z0-9]{24}\.[A-Za-z0-9]{20}",  # Harness
    r"[0-9a-f]{36}NRAL(?!\w)",  # New Relic
    r"[0-9a-f]{32}-[0-9a-f]{8}-[0-9a-f]{8}(?!\w)",  # Mailgun
    r"A{20,22}[A-Za-z0-9%]{60,}+",  # Twitter's bearer tokens
)
"""Formats without a literal start; each is bounded."""


def _compile() -> re.Pattern[str]:
    """All rows as one expression, grouped by first character, so that few are tried at each
    place."""
    rows = sorted(_FORMS)
    branches = [
        re.escape(first) + "(?:" + "|".join(re.escape(lead[1:]) + rest for lead, rest in same) + ")"
        for first, group in groupby(rows, key=lambda row: row[0][0])
        for same in [sorted(group, key=lambda row: -len(row[0]))]
    ]
    return re.compile("|".join(branches))


_PATTERNS = (_compile(), re.compile("(?<![A-Za-z0-9_])(?:" + "|".join(_INNER) + ")"))
_LEADS = {
    first: tuple(sorted((lead for lead, _ in same), key=len, reverse=True))
    for first, same in groupby(sorted(_FORMS), key=lambda row: row[0][0])
}
"""The literal starts by their first character, the longest first."""


_LETTERS_ALONE = ("AKIA", "ASIA")
"""One in 28 of these keys, drawn from 26 letters and 6 digits, has no digit."""
_MIN_RANDOM_LENGTH = 12
"""Minimum code points of a part that is not a word."""


def known_secrets(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Start and end of each token of a known format between `start` and `end`."""
    for pattern in _PATTERNS:
        for match in pattern.finditer(text, start, end):
            if _begins_word(text, match.start()) and _is_drawn(match[0]):
                yield match.span()


def _is_drawn(token: str) -> bool:
    """Whether a token is more than words: identifiers may begin like tokens."""
    rest = token[lead_length(token) :]
    if len(set(rest)) <= 5:
        return False
    if rest.isalpha() and rest.isupper():
        return token.startswith(_LETTERS_ALONE)
    if rest == rest.lower() and "-" in rest:
        # Words that are joined, as in the names of CSS classes.
        return any(len(each) >= _MIN_RANDOM_LENGTH for each in re.split(r"[-_@.]", rest))
    return rest not in (rest.lower(), rest.upper()) or any(each.isdigit() for each in rest)


def _begins_word(line: str, at: int) -> bool:
    """Whether a word can start at `at`; the `n` of `\\n` in a string literal is not part of one."""
    before = line[at - 1 : at]
    if not before or not (before.isalnum() and before.isascii()):
        return True
    return line[at - 2 : at - 1] == "\\" and before in "nrt"


def lead_length(secret: str) -> int:
    """The number of code points at a secret's start that only name the service, such as `ghp_`."""
    for lead in _LEADS.get(secret[:1], ()):
        if secret.startswith(lead):
            return len(lead)
    return 0
