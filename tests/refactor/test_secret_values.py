from __future__ import annotations

import pytest

from devstral_lsp.refactor.secret_values import adds_secret

SECRETS = [
    "-----BEGIN RSA PRIVATE KEY-----",
    "-----BEGIN PGP PRIVATE KEY BLOCK-----",
    "AKIA2J4K6L8M0N1P3Q5R",
    "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
    "glpat-a1B2c3D4e5F6g7H8i9J0",
    "sk-proj-a1B2c3D4e5F6g7H8i9J0",
    "xoxb-123456789012-abcdefghij",
    "AIzaSyA1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0",
    "password = 'hX7$k2Lm9Qp4Zr8Tn1'",
    'const apiKey: string = "8f14e45fceea167a5a36dedd4bea2543"',
    '{"client_secret": "8f14e45fceea167a5a36dedd4bea2543"}',
    "auth_token: 8f14e45fceea167a5a36dedd4bea2543",
    "export DB_PASSWORD=a1B2c3D4e5F6g7H8i9J0",
]


@pytest.mark.parametrize("line", SECRETS)
def test_a_secret_that_was_not_there(line: str) -> None:
    assert adds_secret(f"x\n{line}\ny\n", "x\ny\n")
    assert not adds_secret(f"x\n{line}\nz\n", f"x\n{line}\ny\n")


@pytest.mark.parametrize(
    "line",
    [
        "token = TokenFactory2FromEnvironment",
        "password = os.environ['SHOP_PASSWORD_2024']",
        "secret = 'correct horse battery staple 1'",
        "api_key = 'aaaaaaaaaaaaaaaaaaaa1'",
        "token = f'{first}-{second}-1234567'",
        "access_key = '${ACCESS_KEY_2024_PROD}'",
        "token_count = 12345678901234567890",
        "sk-learn is a package",
        "url = 'https://example.org/a1B2c3D4e5F6g7H8i9J0'",
    ],
)
def test_what_is_none(line: str) -> None:
    assert not adds_secret(f"{line}\n", "")
