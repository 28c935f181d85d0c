"""What is told to nobody."""

from __future__ import annotations

import pytest

from devstral_lsp.context.private import is_private


@pytest.mark.parametrize(
    "path",
    [
        ".env", "deploy/.env.production", "prod.env", "certs/server.pem", "server.KEY", "id_rsa",
        "keys/id_ed25519.bak", "home/.ssh/config", ".aws/credentials", "credentials.json",
        "config/secrets.yml", "app/secrets.py", "passwords.txt", ".npmrc",
        ".pypirc", ".netrc", "infra/prod.tfvars",
        "terraform.tfstate", "release.keystore", "C:\\work\\.env", "service-account-prod.json",
    ],
)  # fmt: skip
def test_private(path: str) -> None:
    assert is_private(path)


@pytest.mark.parametrize(
    "path",
    [
        ".env.example", ".env.sample", "config.yaml", "settings.json", "config.json",
        "environment.py", "secretary.py", "credential_form.go", "keyboard.ts",
        "token.rs", "monkey.py",
    ],
)  # fmt: skip
def test_not_private(path: str) -> None:
    assert not is_private(path)
