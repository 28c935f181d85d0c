"""Files that are nothing but a key, whatever their names are."""

from __future__ import annotations

import pytest

from devstral_lsp.secrets.key_files import is_key_file

PEM = "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIE\n"
TOKEN = "hv" + "s." + "a1B2c3D4" * 6


@pytest.mark.parametrize(
    "head",
    [
        PEM,
        f"\n# of the server\n{PEM}",
        f"Bag Attributes\n    localKeyID: 01\n{PEM}",
        "PuTTY-User-Key-File-3: ssh-ed25519\n",
        "# created: 2024\n# public key: age1\nAGE-SECRET-" + "KEY-1ABC\n",
        "machine example.org\n  login a\n  password b1\n",
        "default login a password b1\n",
        "[default]\naws_access_key_id = x\naws_secret_access_key = y\n",
        '{"auths": {"x": {"auth": "YTpi"}}}',
        '{\n  "type": "service_account",\n  "private_key": "x"\n}',
        "apiVersion: v1\nkind: Config\nusers:\n- user:\n    client-key-data: x\n",
        "[Interface]\nPrivateKey = x\n",
        "db.example.org:5432:shop:app:geheim\n",
        "https://user:pw@git.example.org\n",
        "alice:$apr1$abc$def\nbob:$2y$05$xyz\n",
        f"{TOKEN}\n",
        f"DEBUG=1\n# the database\nexport DB_PASSWORD={TOKEN}\n",
    ],
)
def test_key_files(head: str) -> None:
    assert is_key_file(head)


@pytest.mark.parametrize(
    "head",
    [
        "",
        "import os\n\nKEY = os.environ['KEY']\n",
        f'KEY = """{PEM}"""\n',
        "DEBUG=1\nPORT=80\n",
        f'TOKEN = "{TOKEN}"\nHOST = "a"\n',
        "machine = 1\nlogin = 2\n",
        '{"name": "x", "version": "1.0.0"}',
        "kind: Config\nname: x\n",
        "host:80:a\n",
        "[Interface]\nAddress = 10.0.0.1\n",
        "-----BEGIN CERTIFICATE-----\nMIIE\n",
        "just one line of prose",
    ],
)
def test_others(head: str) -> None:
    assert not is_key_file(head)


@pytest.mark.parametrize("piece", ["# a\n", "a:1:", "  x: y\n", "A=1\n", "\n", "machine a ", "{"])
def test_a_pumped_head_takes_no_time(piece: str) -> None:
    assert not is_key_file((piece * 2_000)[:2_000] + "\0")
