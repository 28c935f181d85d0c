"""Files that are told to nobody: what holds keys and passwords, by their names.

A completion of code never needs them, and a prompt leaves the machine. The list is short on
purpose: a peer that blocks every `config.yaml` leaves its users wondering why nothing comes.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import lru_cache

_NAMES = (
    ".env", ".env.*", "*.env", ".envrc", ".netrc", "_netrc", ".npmrc", ".pypirc", ".pgpass",
    ".htpasswd", ".git-credentials", ".dockercfg", ".my.cnf", ".boto", ".s3cfg",
    "*.pem", "*.key", "*.p8", "*.p12", "*.pfx", "*.ppk", "*.jks", "*.keystore", "*.kdbx", "*.gpg",
    "*.asc", "*.ovpn", "id_rsa*", "id_dsa*", "id_ecdsa*", "id_ed25519*",
    "client_secret*.json", "service-account*.json", "service_account*.json", "kubeconfig",
    "*.tfvars", "*.tfvars.json", "*.tfstate", "*.tfstate.backup", "terraform.rc", ".terraformrc",
)  # fmt: skip
_STEMS = frozenset({"secret", "secrets", "credential", "credentials", "password", "passwords"})
_SAMPLES = ("*.example", "*.sample", "*.template", "*.dist")
_FOLDERS = frozenset({".ssh", ".aws", ".gnupg", ".azure", ".kube", ".password-store"})


@lru_cache(maxsize=1024)  # asked at every key, of the same few files
def is_private(path: str) -> bool:
    """Whether a file of this name (with "/") is likely to hold secrets."""
    *folders, name = path.lower().replace("\\", "/").split("/")
    if any(folder in _FOLDERS for folder in folders):
        return True
    if any(fnmatchcase(name, pattern) for pattern in _SAMPLES):
        return False
    return name.partition(".")[0] in _STEMS or any(fnmatchcase(name, each) for each in _NAMES)
