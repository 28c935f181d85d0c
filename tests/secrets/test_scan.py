"""What is found, what is not, and that no text takes long."""

# A row of a table is one line, however long.
# ruff: noqa: E501

from __future__ import annotations

from pathlib import Path

import pytest

from devstral_lsp.secrets.scan import drop_secret_lines, find_secrets
from tests.support.ordinary_code import LANGUAGES, ordinary_code
from tests.support.secrets_kinds import kinds
from tests.support.secrets_samples import HELD_OUT_FORMS, Sample, held_out, samples

SAMPLES = Path(__file__).parents[1] / "completion" / "filters" / "samples"


INSTALLED = [
    ("/usr/include", ".h"),
    ("/usr/local/go/src/net/http", ".go"),
    ("/usr/share/perl5/Dpkg", ".pm"),
    ("/usr/share/vim/vim90/syntax", ".vim"),
    ("/usr/lib/node_modules/npm/lib/commands", ".js"),
]


def leaks(sample: Sample) -> bool:
    """Whether a piece of a secret is left where it was found."""
    kept, at = [], 0
    for start, end in find_secrets(sample.text):
        kept.append(sample.text[at:start])
        at = end
    left = "\0".join([*kept, sample.text[at:]])
    return any(piece in left for piece in sample.pieces)


@pytest.mark.parametrize("seed", [7, 2026])
def test_secrets_are_found(seed: int) -> None:
    """98 of 100, of 60 kinds in 25 ways to write them."""
    made = samples(seed)
    assert len(made) > 300
    assert len({each.kind for each in made}) > 30
    missed = [f"{each.kind} in {each.form}" for each in made if leaks(each)]
    assert len(missed) <= 0.02 * len(made), missed


def test_secrets_of_other_kinds_are_found() -> None:
    """Names, services and forms that the rules were not written for."""
    made = held_out(41)
    assert len({each.form for each in made}) >= len(HELD_OUT_FORMS)
    missed = [f"{each.kind} in {each.form}" for each in made if leaks(each)]
    assert len(missed) <= 0.05 * len(made), missed


def test_secrets_in_the_files_of_services_and_tools_are_found() -> None:
    """98 of 100, of kinds that services document."""
    made = kinds(97)
    assert len({each.kind for each in made}) > 90
    missed = [f"{each.kind} in {each.form}" for each in made if leaks(each)]
    assert len(missed) <= 0.02 * len(made), missed


def test_ordinary_code_holds_none() -> None:
    """One line of a thousand: the samples of the filters, and what Python brings along."""
    lines = alarms = 0
    files = [*SAMPLES.iterdir(), *sorted(Path(pytest.__file__).parent.parent.rglob("*.py"))[::9]]
    for file in files:
        text = file.read_text("utf-8", "replace")[:60_000]
        lines += text.count("\n") + 1
        alarms += len({text.count("\n", 0, start) for start, _ in find_secrets(text)})
        if lines > 15_000:
            break
    assert lines > 5_000
    assert alarms <= 0.001 * lines


def test_ordinary_code_of_many_languages_holds_none() -> None:
    """Lock files, commits, fingerprints and names of secrets, which are all in the repository's
    own set, and what of other languages is installed on the machine."""
    lines = alarms = 0
    for _, text in ordinary_code(5, lines=300):
        lines += text.count("\n")
        alarms += _lines_with_secrets(text)
    assert lines > 5_000
    assert len(LANGUAGES) > 12
    assert alarms <= 0.001 * lines


@pytest.mark.parametrize(("folder", "suffix"), INSTALLED)
def test_what_is_installed_holds_none(folder: str, suffix: str) -> None:
    files = sorted(Path(folder).glob(f"*{suffix}"))[:60]
    texts = [each.read_text("utf-8", "replace")[:30_000] for each in files if each.is_file()]
    lines = sum(text.count("\n") for text in texts)
    if lines < 1_000:
        pytest.skip(f"nothing in {folder}")
    assert sum(map(_lines_with_secrets, texts)) <= 0.001 * lines


def _lines_with_secrets(text: str) -> int:
    return len({text.count("\n", 0, start) for start, _ in find_secrets(text)})


@pytest.mark.parametrize(
    "line",
    [
        'password = getpass("Password: ")',
        'token = tokens[index]; secret: Secret = Secret("label.secret")',
        'api_key = os.environ["MISTRAL_API_KEY"]',
        "password: ${DB_PASSWORD}",
        'url = "https://user:password@example.org/"',
        'password = "changeme"',
        "max_tokens = 4096",
        'integrity: "sha512-abc"',
        "class RSAPrivateKeyWithSerialization(PrivateKey):",
        'if line.startswith("-----BEGIN PRIVATE KEY-----"):',
        "token: OAuth2Token",
        '"password": "Enter your password"',
        'commit = "8f14e45fceea167a5a36dedd4bea25438f14e45f"',
        "passenger_count = passengers.count1234",
        "id: 123e4567-e89b-12d3-a456-426614174000",
        'key = UUID("123e4567-e89b-12d3-a456-426614174000")',
        "example.org/x v0.33.0 h1:4qz2S3zmRxbGIhDIAgjxvFutSvH5EfnsYrRBj0UI0bc=",
        '"integrity": "sha512-P8BjAsXvZS+VIDUI11hHCQEv74YT67YUi5JJFNWIqL235sBmjX4+qx9Muvls5ivyNENc=="',
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI7k2Lm9QwXz4Vb8Nc3Rt6Yp1Sd5Fg0Hj2Kl7Aa4Ue me@example.org",
        ".sk-fading-circle .sk-circle-dot12 { color: red }",
        "'password_confirmation' => 'required|confirmed|same:password'",
        'password := os.Getenv("SMTP2")',
        "digest = hmac(password, 'base64') + sign(token, 'HS256')",
        "password = var.smtp2_password",
        '"output_token": "StreamDescription.Shards[-1].ShardId2"',
        '"node_id": "MDIzOkludGVncmF0aW9uSW5zdGFsbGF0aW9uNQ=="',
        '"nextToken": "GpgauEXucl5LV0w7GzYJ0nw0DBTJ2J66"',
        '"next_page_token": "abcdefg123"',
        '"ClientRequestToken": "f4c94ed7-238d-4c46-93db-48cd62ec33b7"',
        '"KeyFingerprint": "1f:51:ae:28:bf:89:e9:d8:1f:25:5d:37:2d:7d:b8:ca"',
        'SEARCH_PATH = "9e1c07d5a2b84f36c0d7e85b1f92a34d"',
        "distributionSha256Sum=8d97a97984f6cbd2b85fe4c60a743440a347544bf18818048e611f5288d46c94",
    ],
)
def test_what_is_none(line: str) -> None:
    assert find_secrets(line) == ()


MADE_UP = "Tr0ub4dor9Zx"
HEX = "9e1c07d5a2b84f36c0d7e85b1f92a34d"


@pytest.mark.parametrize(
    "text",
    [
        f'variable "db_password" {{\n  type      = string\n  sensitive = true\n  default = "{MADE_UP}"\n}}',
        f'std::string password{{"{MADE_UP}"}};',
        f'static const char api_key[64] = "{HEX}";',
        f'PASSWORD = (\n    "{MADE_UP}"\n)',
        f'password: SecretStr = Field(default="{MADE_UP}")',
        f'Dim apiKey As String = "{HEX}"',
        f"``password``: ``{MADE_UP}``",
        f"| DB_PASSWORD | `{MADE_UP}` |",
        f"<password><![CDATA[{MADE_UP}]]></password>",
        f"db_password: >-\n  {MADE_UP}\n",
        f"api_key: &shared {HEX}\n",
        f'{{\n  "name": "API_KEY",\n  "type": "PLAINTEXT",\n  "value": "{HEX}"\n}}',
        f"Parameters:\n  DbPassword:\n    Type: String\n    Default: {MADE_UP}\n",
        f"/* api_key = {HEX} */",
        f"curl -H 'X-Api-Key: {HEX}' https://example.org",
        f"ACCESS_TOKEN={(HEX + 'Xy-') * 30}",
        "SECRET_KEY = 'django-insecure-dpnc-xaub67x1pq_3h$(+0!lutfci6$8_9j_-yc!%i+pl-vg3f'",
        "key = '" + "ASI" + "AVASQDIXEFLJNBTSV'",
        f'connect("jdbc:oracle:thin:scott/{MADE_UP}@//h:1521/orcl")',
        f'DriverManager.getConnection("jdbc:postgresql://h/db", "app", "{MADE_UP}");',
        f"new PDO('mysql:host=h;dbname=d', 'root', '{MADE_UP}');",
        f'server.login("me@example.org", "{MADE_UP}")',
        f'requests.get(url, auth=("admin", "{MADE_UP}"))',
        f'new NetworkCredential("me", "{MADE_UP}");',
        f'sql.Open("mysql", "root:{MADE_UP}@tcp(127.0.0.1:3306)/shop")',
        f"https://b.s3.amazonaws.com/k?X-Amz-Algorithm=A&X-Amz-Signature={HEX}{HEX}",
        f"echo {MADE_UP} | docker login -u me --password-stdin",
        f"CREATE LOGIN app WITH PASSWORD = N'{MADE_UP}';",
        f"db.example.org:5432:app:svc:{MADE_UP}",
        f"htpasswd -b .htpasswd admin {MADE_UP}",
        f"keytool -genkey -storepass {MADE_UP} -alias a",
        f"net use Z: \\\\srv\\s /user:corp\\me {MADE_UP}",
        f'ConvertTo-SecureString "{MADE_UP}" -AsPlainText -Force',
    ],
)  # fmt: skip
def test_ways_to_write_a_secret(text: str) -> None:
    """No 8 code points of it are left."""
    redacted = text
    for start, end in reversed(find_secrets(text)):
        redacted = redacted[:start] + "\0" + redacted[end:]
    secrets = [
        each for each in (MADE_UP, HEX, "dpnc-xaub67x1pq", "AVASQDIXEFLJNBTSV") if each in text
    ]
    assert secrets
    for secret in secrets:
        assert not [at for at in range(len(secret) - 7) if secret[at : at + 8] in redacted]


def test_a_key_that_is_joined_from_strings() -> None:
    rows = [f"{chr(65 + n)}b1Cd2Ef3" * 7 + "x" for n in range(5)]
    lines = ["-----BEGIN EC PRIVATE KEY-----", *rows, "aB3=", "-----END EC PRIVATE KEY-----"]
    text = "String key = " + " +\n    ".join(f'"{each}\\n"' for each in lines) + ";"
    found = {text[start:end] for start, end in find_secrets(text)}
    assert set(rows) <= found


def test_a_windows_edges_hide_nothing() -> None:
    """A key of which the beginning, the end, or both are out of sight."""
    rows = [f"{chr(65 + n)}b1Cd2Ef3" * 7 + "x" for n in range(9)]
    key = ["-----BEGIN RSA PRIVATE KEY-----", *rows, "-----END RSA PRIVATE KEY-----"]
    for part in (key[:5], key[5:], key[3:8], [f"{n}│{row}" for n, row in enumerate(key)]):
        text = "\n".join(part)
        found = {text[start:end] for start, end in find_secrets(text)}
        assert {row for row in rows if row in text} <= found


def test_lines_without_secrets_stay() -> None:
    text = 'host = "a"\npassword = "Tr0ub4dor&3"\nport = 80\n'
    assert drop_secret_lines(text) == 'host = "a"\n\nport = 80\n'
