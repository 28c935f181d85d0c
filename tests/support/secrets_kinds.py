"""A second set of secrets, by the formats that services document, as they stand in files.

Unlike `secrets_samples` it is told by what is in the file: settings of tools, manifests, tables of
passwords. It was written after the rules, which found 94 of 100; some were changed for it then.
"""

# A row of a table is one line, however long.
# ruff: noqa: E501

from __future__ import annotations

import string
from base64 import b64encode
from collections.abc import Callable

from tests.support.secrets_samples import Drawn, Sample

_WORD = string.ascii_letters + string.digits
_LOWER, _UPPER, _DIGITS = string.ascii_lowercase, string.ascii_uppercase, string.digits


def _b64(text: str) -> str:
    return b64encode(text.encode()).decode()


def _mixed(d: Drawn) -> str:
    return d.of(_WORD, 16)


SERVICES: dict[str, tuple[str, Callable[[Drawn], str]]] = {
    "aws session": ("AWS_SESSION_TOKEN", lambda d: "IQoJb3JpZ2luX2Vj" + d.of(_WORD + "+/", 300) + "=="),
    "azure devops": ("AZURE_DEVOPS_EXT_PAT", lambda d: d.of(_LOWER + _DIGITS, 52)),
    "azure openai": ("AZURE_OPENAI_API_KEY", lambda d: d.hexed(32)),
    "azure client": ("AZURE_CLIENT_SECRET", lambda d: d.of(_WORD, 3) + "8Q~" + d.of(_WORD + "._-", 34)),
    "cosmos": ("COSMOS_KEY", lambda d: d.base64(64)),
    "gcp refresh": ("refresh_token", lambda d: "1//0" + d.of(_WORD + "-_", 98)),
    "gitlab trigger": ("TRIGGER", lambda d: "glp" + "tt-" + d.hexed(40)),
    "slack app": ("SLACK_APP", lambda d: "xa" + "pp-1-A" + d.of(_UPPER + _DIGITS, 10) + "-" + d.of(_DIGITS, 13) + "-" + d.hexed(64)),
    "slack user": ("SLACK", lambda d: "xo" + "xp-" + d.of(_DIGITS, 12) + "-" + d.of(_DIGITS, 12) + "-" + d.of(_DIGITS, 12) + "-" + d.hexed(32)),
    "stripe webhook": ("STRIPE_WEBHOOK", lambda d: "whs" + "ec_" + d.of(_WORD, 32)),
    "stripe test": ("STRIPE", lambda d: "sk" + "_test_" + d.of(_WORD, 99)),
    "twilio": ("TWILIO_AUTH_TOKEN", lambda d: d.hexed(32)),
    "twilio key": ("TWILIO_SID", lambda d: "S" + "K" + d.hexed(32)),
    "mailgun": ("MAILGUN_API_KEY", lambda d: d.hexed(32) + "-" + d.hexed(8) + "-" + d.hexed(8)),
    "hugging face": ("HF", lambda d: "hf" + "_" + d.of(_WORD, 34)),
    "openai": ("OPENAI", lambda d: "sk" + "-" + d.of(_WORD, 20) + "T3BlbkFJ" + d.of(_WORD, 20)),
    "openai admin": ("OPENAI", lambda d: "sk" + "-admin-" + d.of(_WORD + "-_", 100)),
    "anthropic admin": ("ANTHROPIC", lambda d: "sk" + "-ant-admin01-" + d.of(_WORD + "-_", 93) + "AA"),
    "mistral": ("MISTRAL_API_KEY", lambda d: d.of(_WORD, 32)),
    "cohere": ("CO_API_KEY", lambda d: d.of(_WORD, 40)),
    "openrouter": ("OPENROUTER", lambda d: "sk" + "-or-v1-" + d.hexed(64)),
    "datadog": ("DD_API_KEY", lambda d: d.hexed(32)),
    "datadog app": ("DATADOG_APPLICATION_KEY", lambda d: d.hexed(40)),
    "new relic": ("NEW_RELIC_LICENSE_KEY", lambda d: d.hexed(36) + "NRAL"),
    "new relic insert": ("NEW_RELIC", lambda d: "NRI" + "I-" + d.of(_WORD + "-_", 32)),
    "telegram": ("BOT", lambda d: d.of("123456789", 10) + ":AA" + d.of(_WORD + "-_", 33)),
    "discord": ("BOT", lambda d: "MT" + d.of(_WORD, 24) + ".G" + d.of(_WORD, 5) + "." + d.of(_WORD + "-_", 38)),
    "shopify app": ("SHOPIFY", lambda d: "shp" + "ss_" + d.hexed(32)),
    "square": ("SQUARE", lambda d: "EAA" + "A" + d.of(_WORD + "-_", 60)),
    "digitalocean spaces": ("SPACES_SECRET_KEY", lambda d: d.of(_WORD + "/+", 43)),
    "heroku": ("HEROKU", lambda d: "HRKU" + "-AA" + d.of(_WORD + "-_", 58)),
    "heroku old": ("HEROKU_API_KEY", lambda d: d.uuid()),
    "vault": ("VAULT_TOKEN", lambda d: "hv" + "s.CAES" + d.of(_WORD + "-_", 90)),
    "vault old": ("VAULT_TOKEN", lambda d: "s." + d.of(_WORD, 24)),
    "databricks": ("DATABRICKS_TOKEN", lambda d: "da" + "pi" + d.hexed(32) + "-3"),
    "confluent": ("CONFLUENT_CLOUD_API_SECRET", lambda d: d.of(_WORD + "/+", 64)),
    "snowflake": ("SNOWFLAKE_PASSWORD", lambda d: d.password()),
    "fastly": ("FASTLY_API_TOKEN", lambda d: d.of(_WORD + "-_", 32)),
    "rollbar": ("ROLLBAR_ACCESS_TOKEN", lambda d: d.hexed(32)),
    "sentry dsn": ("SENTRY_DSN", lambda d: f"https://{d.hexed(32)}@o{d.of(_DIGITS, 6)}.ingest.sentry.io/1"),
    "algolia": ("ALGOLIA_ADMIN_KEY", lambda d: d.hexed(32)),
    "auth0": ("AUTH0_CLIENT_SECRET", lambda d: d.of(_WORD + "-_", 64)),
    "facebook": ("FB_ACCESS", lambda d: "EAA" + "C" + d.of(_WORD, 180)),
    "twitter": ("TWITTER_CONSUMER_SECRET", lambda d: d.of(_WORD, 50)),
    "npm": ("NPM", lambda d: "np" + "m_" + d.of(_WORD, 36)),
    "pypi": ("TWINE_PASSWORD", lambda d: "py" + "pi-AgEIcHlwaS5vcmc" + d.of(_WORD + "-_", 160)),
    "cloudflare global": ("CLOUDFLARE_API_KEY", lambda d: d.hexed(37)),
    "cloudinary": ("CLOUDINARY_URL", lambda d: f"cloudinary://{d.of(_DIGITS, 15)}:{d.of(_WORD + '-_', 27)}@shop"),
    "firebase": ("FIREBASE", lambda d: "AI" + "za" + "Sy" + d.of(_WORD + "-_", 33)),
    "django": ("SECRET_KEY", lambda d: d.of(_LOWER + _DIGITS + "!@#%^&*(-_=+)", 50)),
    "rails": ("SECRET_KEY_BASE", lambda d: d.hexed(128)),
    "rails master": ("RAILS_MASTER_KEY", lambda d: d.hexed(32)),
    "laravel": ("APP_KEY", lambda d: "base64:" + d.base64(32)),
    "flask": ("FLASK_SECRET", lambda d: d.of(_WORD, 24)),
    "database": ("DB_PASSWORD", lambda d: d.password()),
    "admin": ("adminPassword", lambda d: d.password()),
    "wifi": ("wifi_passphrase", lambda d: d.of(_WORD, 12)),
}  # fmt: skip
"""By kind, the name that it has in settings and how it looks."""

FORMS: dict[str, str] = {
    "typescript": "export const {n}: string = '{v}';\n",
    "typescript object": "const options = {{ host, {n}: '{v}', port: 1 }} as const;\n",
    "javascript default": "const token = process.env.{n} ?? '{v}';\n",
    "go": 'const {n} = "{v}"\n',
    "go struct": 'cfg := Config{{{n}: "{v}", Port: 5432}}\n',
    "rust": 'let {n} = String::from("{v}");\n',
    "rust static": "pub static {n}: &'static str = \"{v}\";\n",
    "yaml": "spec:\n  {n}: {v}\n",
    "yaml list": "args:\n  - --{n}={v}\n",
    "toml": '{n} = "{v}"\n',
    "ini": "[main]\n{n}={v}\n",
    "env": "{n}={v}\n",
    "env quoted": '{n}="{v}"\n',
    "properties": "app.{n}={v}\n",
    "xml": "<property name=\"{n}\">{v}</property>\n",
    "xml attribute": '<add name="{n}" connectionString="x" value="{v}"/>\n',
    "shell": "export {n}='{v}'\n",
    "dockerfile": "ENV {n}={v} \\\n    PORT=80\n",
    "dockerfile old": "ENV {n} {v}\n",
    "php": "define('{n}', '{v}');\n",
    "php getenv": "$x = getenv('{n}') ?: '{v}';\n",
    "ruby hash": '{{ {n}: "{v}", port: 1 }}\n',
    "ruby rocket": "config = {{ :{n} => '{v}' }}\n",
    "c": '#define {n} "{v}"\n',
    "c++": 'const std::string {n} = "{v}";\n',
    "java": 'private static final String {n} = "{v}";\n',
    "kotlin": 'buildConfigField("String", "{n}", "\\"{v}\\"")\n',
    "c#": 'var {n} = "{v}";\n',
    "python": '{n} = "{v}"\n',
    "python environ": 'os.environ["{n}"] = "{v}"\n',
    "python dict": 'settings["{n}"] = \'{v}\'\n',
    "terraform": 'variable "{n}" {{\n  default = "{v}"\n}}\n',
    "tfvars": '{n} = "{v}"\n',
    "json": '{{"{n}": "{v}"}}\n',
    "compose": "environment:\n  {n}: '{v}'\n",
    "ansible": "    {n}: \"{v}\"\n",
    "jenkins": "environment {{\n    {n} = '{v}'\n}}\n",
    "powershell": "${n} = '{v}'\n",
    "dart": "static const {n} = '{v}';\n",
    "scala": 'val {n} = "{v}"\n',
}  # fmt: skip


def _files(d: Drawn) -> list[tuple[str, str, str]]:
    """Kinds, texts and secrets in the files of tools, each of which has a way of its own."""
    secret, other = _mixed(d), _mixed(d)
    rows = [d.of(_WORD + "+/", 64) for _ in range(5)]
    auth = _b64(f"bot:{secret}")
    made = [
        (
            "docker auth",
            f'{{"auths": {{"https://index.docker.io/v1/": {{"auth": "{auth}"}}}}}}\n',
            auth,
        ),
        ("npmrc", f"//registry.npmjs.org/:_authToken={d.uuid()}\n", ""),
        ("npmrc", f"_auth={auth}\nemail=a@example.org\n", auth),
        ("yarnrc", f'npmAuthToken: "{secret}"\n', secret),
        ("netrc", f"machine github.com\n  login me\n  password {secret}\n", secret),
        ("pgpass", f"db.internal:5432:shop:app:{secret}\n", secret),
        ("pgpass", f"localhost:*:*:postgres:{secret}\n", secret),
        ("htpasswd", f"admin:$apr1${d.of(_WORD, 8)}$" + (h := d.of(_WORD, 22)) + "\n", h),
        ("htpasswd", "admin:{SHA}" + (h := d.base64(20)) + "\n", h),
        ("bcrypt", "root:$2y$10$" + (h := d.of(_WORD, 53)) + "\n", h),
        (
            "kubernetes",
            f"kind: Secret\ntype: Opaque\ndata:\n  username: YWRtaW4=\n  password: {_b64(secret)}\n",
            _b64(secret),
        ),
        (
            "kubernetes",
            f"kind: Secret\ndata:\n  DATABASE_URL: {_b64('postgres://app:' + secret + '@db/shop')}\n",
            _b64("postgres://app:" + secret + "@db/shop")[20:],
        ),
        (
            "kubernetes",
            f"apiVersion: v1\nkind: Secret\nmetadata:\n  name: x\nstringData:\n  config: {secret}\n",
            secret,
        ),
        (
            "gcp",
            f'{{"type": "service_account", "private_key_id": "{d.hexed(40)}", "private_key": "-----BEGIN PRIVATE KEY-----\\n{rows[0]}\\n{rows[1]}\\n{rows[2]}\\n-----END PRIVATE KEY-----\\n"}}\n',
            rows[1],
        ),
        (
            "openssh",
            "-----BEGIN OPENSSH PRIVATE KEY-----\n"
            + "\n".join(rows)
            + "\n-----END OPENSSH PRIVATE KEY-----\n",
            rows[3],
        ),
        (
            "pgp",
            "-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: GnuPG v2\n\n"
            + "\n".join(rows)
            + "\n="
            + d.of(_WORD, 4)
            + "\n-----END PGP PRIVATE KEY BLOCK-----\n",
            rows[2],
        ),
        (
            "pem in code",
            "const key = '-----BEGIN RSA PRIVATE KEY-----\\n' +\n"
            + "".join(f"  '{r}\\n' +\n" for r in rows)
            + "  '-----END RSA PRIVATE KEY-----';\n",
            rows[2],
        ),
        (
            "age",
            "# public key: age1x\nAGE-SECRET-"
            + "KEY-1"
            + (k := d.of("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", 58))
            + "\n",
            k,
        ),
        (
            "wireguard",
            f"[Interface]\nAddress = 10.0.0.1/24\nPrivateKey = {(k := d.base64(32))}\n",
            k,
        ),
        ("basic", f"Authorization: Basic {auth}\n", auth),
        ("basic", f'headers: {{ "Authorization": "Basic {auth}" }}\n', auth),
        ("basic", f"auth = ('me', '{secret}')\nrequests.get(url, auth=('me', '{other}'))\n", other),
        ("bearer", f"curl -H 'Authorization: Bearer {d.jwt()}' https://x\n", ""),
        ("userinfo", f"remote = https://me:{secret}@git.example.org/x.git\n", secret),
        ("userinfo", f'"proxy": "http://proxy:{secret}@10.1.1.1:3128"\n', secret),
        ("jdbc", f"jdbc:postgresql://db/shop?user=app&password={secret}\n", secret),
        (
            "jdbc",
            f"jdbc:sqlserver://db:1433;databaseName=shop;user=sa;password={secret};\n",
            secret,
        ),
        ("ado", f"Data Source=db;Initial Catalog=shop;User Id=sa;Pwd={secret};\n", secret),
        ("odbc", f"DRIVER={{ODBC Driver 17}};SERVER=db;UID=sa;PWD={secret}\n", secret),
        ("dsn", f'dsn := "app:{secret}@tcp(db:3306)/shop"\n', secret),
        ("dsn", f'dsn = "host=db user=app password={secret} dbname=shop"\n', secret),
        ("sqlalchemy", f'create_engine("mssql+pyodbc://sa:{secret}@db/shop?driver=x")\n', secret),
        ("mongodb", f"mongodb://root:{secret}@a:27017,b:27017/?replicaSet=x\n", secret),
        ("redis", f"rediss://default:{secret}@redis.example.org:6380\n", secret),
        ("redis", f"requirepass {secret}\n", secret),
        ("clickhouse", f"<password>{secret}</password>\n", secret),
        (
            "service bus",
            f"Endpoint=sb://x.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey={(k := d.base64(32))}\n",
            k,
        ),
        (
            "maven",
            f"<server><id>x</id><username>me</username><password>{secret}</password></server>\n",
            secret,
        ),
        ("gradle", f"signing.password={secret}\n", secret),
        ("gradle", f'storePassword "{secret}"\n', secret),
        ("terraform", f'provider "x" {{\n  secret_key = "{secret}{other}"\n}}\n', secret + other),
        ("rails", f"production:\n  secret_key_base: {(k := d.hexed(128))}\n", k),
        (
            "composer",
            f'{{"http-basic": {{"repo.example.org": {{"username": "me", "password": "{secret}"}}}}}}\n',
            secret,
        ),
        ("composer", f'{{"github-oauth": {{"github.com": "{(k := d.hexed(40))}"}}}}\n', k),
        ("pip", f"extra-index-url = https://me:{secret}@pypi.example.org/simple\n", secret),
        ("cargo", f'[registry]\ntoken = "{(k := d.of(_WORD, 32))}"\n', k),
        ("nuget", f'<add key="ClearTextPassword" value="{secret}" />\n', secret),
        ("git credentials", f"https://me:{(k := d.hexed(40))}@github.com\n", k),
        ("sftp", f'{{"host": "x", "username": "me", "password": "{secret}"}}\n', secret),
        ("mysql", f"mysql -h db -u root -p'{secret}' shop\n", secret),
        ("psql", f"PGPASSWORD={secret} psql -h db\n", secret),
        ("sql", f"CREATE USER 'app'@'%' IDENTIFIED BY '{secret}';\n", secret),
        ("sql", f"CREATE LOGIN app WITH PASSWORD = N'{secret}';\n", secret),
        ("jwt cookie", f"document.cookie = 'session={d.jwt()}';\n", ""),
        (
            "totp",
            f"otpauth://totp/x?secret={(k := d.of('ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', 32))}&issuer=y\n",
            k,
        ),
        ("erlang", f"-setcookie {(k := d.of(_UPPER, 12) + d.of(_DIGITS, 8))}\n", k),
        (
            "azure",
            f"DefaultEndpointsProtocol=https;AccountName=x;AccountKey={(k := d.base64(64))};EndpointSuffix=core.windows.net\n",
            k,
        ),
        (
            "teams",
            f"https://x.webhook.office.com/webhookb2/{d.uuid()}@{d.uuid()}/IncomingWebhook/{(k := d.hexed(32))}/{d.uuid()}\n",
            k,
        ),
    ]
    return [(kind, text, secret_) for kind, text, secret_ in made if secret_]  # fmt: skip


def kinds(seed: int) -> list[Sample]:
    """Some 600 secrets of more than 80 kinds."""
    d = Drawn(seed)
    made: list[Sample] = []
    forms = list(FORMS)
    for number, (kind, (name, make)) in enumerate(SERVICES.items()):
        for step in range(8):
            form = forms[(7 * number + 5 * step + seed) % len(forms)]
            secret = make(d)
            text = FORMS[form].format(n=name, v=secret)
            body = secret.rpartition("//")[2].partition("@")[0] if "://" in secret else secret
            made.append(
                Sample(kind, form, text, body.rpartition(":")[2] if "://" in secret else body)
            )
    for _ in range(3):
        made += [Sample(kind, "as it is", text, secret) for kind, text, secret in _files(d)]
    return made
