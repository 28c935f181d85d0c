"""What is told to nobody."""

from __future__ import annotations

import pytest

from devstral_lsp.context.sensitive_files import holds_only_keys, is_sensitive
from devstral_lsp.text import Text


@pytest.mark.parametrize(
    "path",
    [
        ".env", "deploy/.env.production", "prod.env", "certs/server.pem", "server.KEY", "id_rsa",
        "keys/id_ed25519.bak", "home/.ssh/config", ".aws/credentials", "credentials.json",
        "config/secrets.yml", "app/secrets.py", "passwords.txt", ".npmrc",
        ".pypirc", ".netrc", "infra/prod.tfvars",
        "terraform.tfstate", "release.keystore", "C:\\work\\.env", "service-account-prod.json",
        "deploy_key", ".docker/config.json", ".vault-token", "auth.json", ".bash_history",
        ".zsh_history", ".psql_history", ".python_history", ".dev.vars", ".dev.vars.staging",
        "wp-config.php", "serviceAccountKey.json", "my-firebase-adminsdk-x1.json", "kaggle.json",
        ".cargo/credentials.toml", "home/.config/gh/hosts.yml", "rclone/rclone.conf", "wallet.dat",
        "config/master.key", "local.settings.json", "google-services.json", "sftp-config.json",
        "token.json", "github_rsa", "server.ed25519", "backup.pgp", "keys.txt", "etc/shadow",
        ".yarnrc.yml", "clouds.yaml", "app-secrets.yaml", ".git-credentials", "wg0.conf",
        "application_default_credentials.json", ".databrickscfg", "private_key", "kubeconfig.prod",
        ".env-prod", ".env_prod", "env.local", ".env~", ".envs/prod", "server.key.bak",
        ".htpasswd.bak", "aws_credentials", "my-creds.json", "app-secrets.json", "oauth_creds.json",
        "refresh_token.txt", "access-token", "jwt-secret.txt", ".vault-password", "a/vault.yml",
        "logins.json", "cookies.sqlite", "user.keytab", "krb5cc_0", "chap-secrets", "zsh_history",
        "bash_history.txt", ".Rhistory", ".huggingface/token", ".cache/huggingface/token",
        ".claude/.credentials.json", ".ivy2/.credentials", "rclone.conf", ".pg_service.conf",
        "seed.txt", "id_rsa.old",
    ],
)  # fmt: skip
def test_private(path: str) -> None:
    assert is_sensitive(path)


@pytest.mark.parametrize(
    "path",
    [
        ".env.example", ".env.sample", "config.yaml", "settings.json", "config.json",
        "environment.py", "secretary.py", "credential_form.go", "keyboard.ts",
        "token.rs", "monkey.py", "auth.py", "key.go", "keys.ts", "history.md", "package.json",
        "tsconfig.json", "wp-config-sample.php.example", "id_rsa.pub", "docker/config.json.sample",
        "public_key.py", "Dockerfile", "docker-compose.yml", "tokens.css", "master.py", "wallet.py",
        "deploy.sh", "config/config.json", "account.py", "private.py", "shadow.css", "hosts.yml",
        "reset-password.json", "design-tokens.json", "credentials_form.tsx", "secret_santa.yaml",
        "npm-token.1", "token_bucket.txt", "prod.env.js", "cookies.py", "vault.go",
        "random-seed.py", "envelope", "secrets_test.go",
    ],
)  # fmt: skip
def test_not_private(path: str) -> None:
    assert not is_sensitive(path)


@pytest.mark.parametrize(
    ("pattern", "path", "is_excluded"),
    [
        ("*.sql", "/work/db/dump.sql", True),
        ("*.sql", "/work/sql/a.py", False),
        ("customers", "/work/customers/deep/a.py", True),
        ("customers/", "C:\\work\\Customers\\a.py", True),
        ("customers/*.csv", "/work/customers/a.csv", True),
        ("customers/*.csv", "/work/customers/b/a.csv", False),
        ("src/**/fixtures", "/work/src/fixtures/a.py", True),
        ("src/**/fixtures", "/work/src/a/b/fixtures/a.py", True),
        ("src/**/fixtures", "/work/src/a/b/a.py", False),
        ("/work", "/work/a.py", True),
        ("/work", "/home/work/a.py", False),
        ("**", "/a.py", True),
        ("a?[bc].py", "/work/axb.py", True),
        ("", "/work/a.py", False),
        ("*a*a*a*a*a*a*a*a*b", "/" + "a" * 240, False),
        ("**/**/**/**/**/**/x", "/a" * 200, False),
    ],
)
def test_what_the_user_excludes(pattern: str, path: str, is_excluded: bool) -> None:
    assert is_sensitive(path, (pattern,)) is is_excluded
    assert is_sensitive(".env", (pattern,)), "a pattern takes nothing back"


def test_a_text_that_is_nothing_but_a_key() -> None:
    key = "-----BEGIN EC " + "PRIVATE KEY-----\nMIIE\n"
    assert holds_only_keys(Text.of(key))
    assert not holds_only_keys(Text.of(f"x = 1\n{key}"))
