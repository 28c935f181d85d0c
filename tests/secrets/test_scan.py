"""What is found, what is not, and that no text takes long."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from devstral_lsp.secrets.scan import find_secrets, without_secrets
from tests.support.secrets_samples import HELD_OUT_FORMS, Sample, held_out, samples

SAMPLES = Path(__file__).parents[1] / "completion" / "filters" / "samples"


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
    ],
)
def test_what_is_none(line: str) -> None:
    assert find_secrets(line) == ()


PUMPED = (
    *("token=", "password: ", "secret secret", "pass", "key='", "token(", "://", "://a:b@", "x@"),
    *("-----BEGIN RSA PRIVATE KEY-----\n", "-----END RSA PRIVATE KEY-----\n", "-----BEGIN "),
    *("eyJaaaaaaaaa.", "basic ", "bearer abc1 ", "machine a login b password ", "curl -u a:"),
    *("mysql -p", "$6$", "A" * 64 + "\n", "\npassword", "name: token\n value: ", "key: value: "),
    *("Private-Lines: 1\n", "mnemonic: abc ", "abcd1234" * 4 + "-us", "\\", '\\"', "<key>", "\n\n"),
)


@pytest.mark.parametrize("piece", PUMPED, ids=[repr(each[:16]) for each in PUMPED])
def test_a_pumped_text_takes_time_in_proportion(piece: str) -> None:
    """Twice the text may take four times as long on a busy machine, but not sixteen."""

    def seconds(length: int) -> float:
        text = (piece * (length // len(piece) + 1))[:length] + "\0"
        began = time.process_time()
        find_secrets(text)
        return time.process_time() - began

    seconds(1_000)
    assert seconds(80_000) < max(0.5, 40 * seconds(10_000))


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
    assert without_secrets(text) == 'host = "a"\n\nport = 80\n'
