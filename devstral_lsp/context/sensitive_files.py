"""Files that must never be sent: those that hold keys and passwords, recognised by name or by their
first bytes, and those that the user excludes.

Code completion never needs them. The names are those that well-kept lists agree on: the signatures
of gitrob and shhgit, truffleHog's list, GitHub's templates of `.gitignore`; without ordinary code
and settings, such as `config.yaml`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase, translate
from functools import cache, lru_cache

from devstral_lsp.secrets.key_files import HEAD, is_key_file
from devstral_lsp.text import Text

_NAMES = (
    # Variables
    ".env", ".env[._-]*", "*.env", "env.local", "env.production", ".envrc", ".envrc.*", ".envfile",
    ".dev.vars", ".dev.vars.*", ".secrets",
    ".flaskenv", "local.settings.json", "secrets.*", ".secret", ".secret.*", "*.secret",
    "*.secrets", "secret.*", "*-secret.y*ml", "*-secrets.y*ml", "*.secret.y*ml", "*.secrets.y*ml",
    # Credentials of programs
    ".netrc", "_netrc", ".npmrc", ".yarnrc", ".yarnrc.yml", ".pypirc", ".pgpass", "pgpass.conf",
    ".htpasswd", ".htdigest", "htpasswd", ".git-credentials", ".git-credential*", ".dockercfg",
    "dockerconfig.json", ".dockerconfigjson", ".my.cnf", ".mylogin.cnf", ".boto", ".s3cfg",
    ".vault-token", ".vault_pass*", "vault_pass*", ".vault-pass*", ".ansible_vault*",
    ".terraformrc", "terraform.rc", "*.tfrc.json", "*.tfrc", ".cargo-credentials",
    "auth.json", "auth.*.json", ".auth", ".authinfo", ".authinfo.*", "authtoken*",
    ".gem-credentials", ".rubygems", ".sentryclirc", ".clirc", ".twilio-cli*", ".trc", ".esmtprc",
    ".msmtprc", ".mutt*rc", ".muttrc", ".fetchmailrc", ".offlineimaprc", ".mbsyncrc", ".ldaprc",
    ".smbcredentials", "smb.credentials", ".cifs*", "*.rdp", "sftp-config.json", ".ftpconfig",
    "ftpsync.settings", ".remote-sync.json", "filezilla.xml", "recentservers.xml",
    "sitemanager.xml", "ws_ftp.ini", ".dbeaver-data-sources.xml", "data-sources.xml",
    "credentials-config*.json", "datasources.local.xml", "robomongo.json", "ventrilo_srv.ini",
    "proftpdpasswd", "otr.private_key", ".irssi*", ".tugboat", "knife.rb", ".knife.rb", "hub.yml",
    "hosts.yml.secret", ".kaggle.json", "kaggle.json", ".databrickscfg", ".snowsql*",
    "connections.toml", ".openstackrc", "*-openrc.sh", "openrc.sh", "clouds.yaml", "secure.yaml",
    ".ossutilconfig", ".aliyun*", "accesstokens.json", "accesskeys.csv", "*accesskeys.csv",
    "azureprofile.json", "msal_token_cache*", "application_default_credentials.json",
    "firebase-adminsdk*.json", "*firebase-adminsdk*.json", "google-services.json",
    "googleservice-info.plist", "client_secret*.json", "client-secret*.json", "clientsecret*.json",
    "service-account*.json", "service_account*.json", "serviceaccount*.json",
    "*serviceaccount*key*.json", "*service-account*key*.json", "*service_account*key*.json",
    "gcp-key*.json", "gcloud-key*.json", "keyfile.json", "gha-creds-*.json", "token.json",
    "tokens.json", "token.pickle", "*_token.txt", "*-token.txt", "apikey*.txt", "api_key*.txt",
    "api-key*.txt", "api_keys.*", "apikeys.*", "appsettings.secrets.json", "usersecrets.json",
    "web.config.secrets", "*.publishsettings", "*.pubxml.user", "*.cscfg", "wp-config.php",
    "wp-config-*.php", "localsettings.php", "configuration.user.xpl", "secret_token.rb",
    "master.key", "credentials.yml.enc", "settings-security.xml", "gradle.properties.local",
    "signing.properties", "keystore.properties", "key.properties", "release.properties",
    "jenkins.plugins.publish_over_ssh*", "hudson.util.secret", "cookies.txt", "cookies.sqlite",
    "logins.json", "key[34].db", "*.keytab", "krb5cc_*", ".pg_service.conf", "rclone.conf",
    "ngrok.yml", ".erlang.cookie", "pip.conf", ".modal.toml", "wpa_supplicant.conf",
    "*.nmconnection", "my.cnf", ".mailrc", "getmailrc", "psk.txt", "authorized_keys", "vault.y*ml",
    "sops.y*ml",
    # Keys and their stores
    "*.pem", "*.key", "*.p8", "*.p12", "*.pfx", "*.pkcs12", "*.ppk", "*.jks", "*.jceks",
    "*.keystore", "*.keychain", "*.keychain-db", "*.keyring", "*.kdb", "*.kdbx", "*.kwallet",
    "*.agilekeychain", "*.opvault", "*.1pux", "*.psafe3", "*.gpg", "*.pgp", "*.asc", "*.age",
    "*.ovpn", "*.tblk", "*.bek", "*.fve", "*.tpm", "*.mobileprovision", "*.snk", "*.pvk",
    "*.der.key", "*.privkey", "*.priv", "id_rsa*", "id_dsa*", "id_ecdsa*", "id_ed25519*", "*_rsa",
    "*_dsa", "*_ecdsa", "*_ed25519", "*.rsa", "*.ed25519", "identity.txt", "keys.txt",
    "age-key*.txt", "age.key*", "ssh_host_*_key", "deploy_key*", "deploykey*", "deploy-key*",
    "*deploy_key", "*deploy-key", "private_key*", "privatekey*", "private-key*", "*_private_key",
    "*-private-key", "privkey*", "server_key", "ssh_key", "ssh-key", "signing_key", "signing-key",
    "wg*.conf", "wireguard*.conf", "*.wg", "wallet.dat", "wallet.json", "keystore.json", "utc--*",
    "mnemonic*.txt", "seed_phrase*",
    # Infrastructure and its state
    "k3s.yaml", "kubelet.conf", "talosconfig",
    "kubeconfig", "kubeconfig.*", "*.kubeconfig", "kube.config", "*.tfvars", "*.tfvars.json",
    "*.tfstate", "*.tfstate.*", "pulumi.*.secrets", "shadow", "shadow-", "gshadow", "master.passwd",
    "sudoers",
    # Histories of typed input
    ".*_history", "*sh_history", "*sh_history.txt", ".zhistory", ".rhistory", ".history",
    ".histfile", "*.shada", ".nviminfo",
    "consolehost_history.txt", "fish_history", ".lesshst", ".viminfo", ".wget-hsts",
    # Dumps and captures
    "*.sqldump", "*.pcap", "*.pcapng", "*.har",
)  # fmt: skip
_STEMS = frozenset(
    {"secret", "secrets", "credential", "credentials", "creds", "password", "passwords", "passwd"}
)
_SAMPLES = ("*.example", "*.sample", "*.template", "*.dist", "*.example.*", "*.sample.*", "*.pub")
_FOLDERS = frozenset(
    {".ssh", ".aws", ".gnupg", ".azure", ".kube", ".password-store", ".docker", ".gcloud", ".vault",
     ".chef", ".oci", ".bluemix", ".terraform.d", ".secrets", ".credentials", ".keys", ".config/gh",
     ".config/gcloud", ".config/hub", ".config/op", ".config/doctl", ".gem", ".fly", ".purple",
     ".envs", ".huggingface", ".snowflake", ".dbt", ".supabase", ".railway", ".openai",
     ".anthropic", ".ngrok2", ".weechat", ".irssi", ".electrum", ".config/solana", ".znc",
     "system-connections"}
)  # fmt: skip
_WITH_FOLDER = frozenset(
    {".cargo/credentials", ".cargo/credentials.toml", "doctl/config.yaml", "gcloud/credentials.db",
     "config/hub", "irssi/config", "etc/shadow", "m2/settings.xml", ".m2/settings.xml",
     "opencode/auth.json", "composer/auth.json", ".gradle/gradle.properties", "rclone/rclone.conf",
     ".bundle/config", "pip/pip.conf", ".heroku/config.json", "stripe/config.toml",
     "ngrok/ngrok.yml", "huggingface/token", ".cabal/config", ".nuget/nuget.config",
     "glab-cli/config.yml"}
)  # fmt: skip
"""Names that are sensitive only in this folder."""

_COPY = re.compile(r"(?:~|[._-](?:bak|backup|old|orig|save|copy|swp)|[_-][0-9]{1,14}){1,4}\Z")
"""What the name of a copy ends with."""
_LAST_WORD = re.compile(
    r"(?:.*[._-])?(?:(?:secrets?|credentials?|creds)(?:\.(?:json|ya?ml|toml|ini|txt|csv|conf|cfg|xml|enc))?"
    r"|(?:tokens?|bearer|jwt|passwords?|passwd|passphrase|seed|api_?key)(?:\.txt|\.csv)?)\Z"
)
"""A name that says that a secret is all that is in it, and that is no name of source code."""


@lru_cache(maxsize=1024)  # called at every keystroke for the same few files
def is_sensitive(path: str, exclude: Sequence[str] = ()) -> bool:
    """Whether a file of this name (with "/") is likely to hold secrets, or is excluded.

    `exclude` are the patterns of `privacy.exclude`, as a tuple.
    """
    parts = path.lower().replace("\\", "/").split("/")
    *folders, name = parts
    if any(_is_excluded(parts, pattern) for pattern in exclude):
        return True
    if any(folder in _FOLDERS for folder in folders):
        return True
    pairs = {"/".join(parts[at : at + 2]) for at in range(len(parts) - 1)}
    if pairs & _WITH_FOLDER or pairs & _FOLDERS:
        return True
    if any(fnmatchcase(name, pattern) for pattern in _SAMPLES):
        return False
    original = _COPY.sub("", name)
    return any(
        each.partition(".")[0] in _STEMS or _names().match(each) or _LAST_WORD.fullmatch(each)
        for each in dict.fromkeys((name, original))
    )


@cache
def _names() -> re.Pattern[str]:
    """All names as one expression: the cache of `fnmatch` is too small."""
    return re.compile("|".join(translate(each) for each in _NAMES))


def holds_only_keys(text: Text) -> bool:
    """Whether the text is a key or a list of passwords, whatever the file's name."""
    return is_key_file(text.slice(0, min(HEAD, len(text))))


def _is_excluded(parts: Sequence[str], pattern: str) -> bool:
    """Whether a pattern matches a file or a folder around it, ignoring case.

    Within one component of a path, `*`, `?` and `[…]` work as in a shell; `**` alone matches any
    number of components. A pattern matches at any depth; with "/" at its start, only from the root.
    """
    wanted = pattern.lower().replace("\\", "/").rstrip("/").split("/")
    if wanted == [""] and pattern != "/":
        return False
    if wanted[0] == "":
        wanted = wanted[1:]
        parts = [part for part in parts if part]
    else:
        wanted = ["**", *wanted]
    return _matches(parts, wanted)


def _matches(parts: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether the pattern matches a prefix of `parts`; at most one step for each pair."""
    reached = _with_nothing({0}, wanted)
    for name in parts:
        if len(wanted) in reached:
            return True
        was, reached = reached, set()
        for at in was:
            if wanted[at] == "**":
                reached.add(at)
            elif fnmatchcase(name, wanted[at]):
                reached.add(at + 1)
        reached = _with_nothing(reached, wanted)
    return len(wanted) in reached


def _with_nothing(reached: set[int], wanted: Sequence[str]) -> set[int]:
    """Add the positions reached by letting `**` match nothing."""
    for at in range(len(wanted)):
        if at in reached and wanted[at] == "**":
            reached.add(at + 1)
    return reached
