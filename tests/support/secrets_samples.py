"""Secrets as they stand in code and settings, made anew at each run from a seed.

Nothing here is or was a key. Beginnings such as `ghp_` are put together from pieces, so that no
scanner takes this file for a leak. `SAMPLES` holds what the rules were written with in mind;
`HELD_OUT` has other names, other ways to write them and other services, and no rule was changed
after it was first measured.
"""

# A row of a table is one line, however long.
# ruff: noqa: E501

from __future__ import annotations

import random
import string
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass

_LOWER, _UPPER, _DIGITS = string.ascii_lowercase, string.ascii_uppercase, string.digits
_WORD = _LOWER + _UPPER + _DIGITS
_HEX = "0123456789abcdef"


@dataclass(frozen=True, slots=True)
class Sample:
    """A text, and the secret within it, of which no 8 code points may leave.

    `kind` says what the secret is, `form` how it is written.
    """

    kind: str
    form: str
    text: str
    secret: str

    @property
    def pieces(self) -> tuple[str, ...]:
        """All runs of 8 code points of the secret, without its beginning that all of its kind have.

        Of a secret with fewer, itself.
        """
        body = self.secret[_lead(self.secret) :]
        if len(body) <= 8:
            return (body,)
        return tuple(body[at : at + 8] for at in range(len(body) - 7))


_LEADS = (
    *("gh" + c + "_" for c in "pousr"),
    *("git" + "hub_pat_", "gl" + "pat-", "sk" + "-ant-api03-", "sk" + "-proj-", "sk" + "-"),
    *("sk" + "_live_", "sk" + "_test_", "rk" + "_live_", "xo" + "xb-", "xa" + "pp-", "AI" + "za", "ya" + "29."),
    *("AK" + "IA", "AS" + "IA", "np" + "m_", "py" + "pi-", "SG" + ".", "hf" + "_", "ey" + "J"),
    *("dop" + "_v1_", "hv" + "s.", "AGE-SECRET-" + "KEY-1", "sh" + "pat_", "sq0" + "atp-"),
    *("glc" + "_", "glsa" + "_", "NRA" + "K-", "dckr" + "_pat_", "GOC" + "SPX-", "lin" + "_api_"),
    *("PMA" + "K-", "rubygems" + "_", "pul" + "-", "sntryu" + "_", "key" + "-", "https://hooks.slack" + ".com/services/", "lsv2" + "_pt_", "pscale" + "_tkn_"),
)  # fmt: skip


def _lead(secret: str) -> int:
    return max((len(lead) for lead in _LEADS if secret.startswith(lead)), default=0)


class Drawn:
    """Values drawn at random from a seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def of(self, alphabet: str, length: int) -> str:
        """Drawn from an alphabet; from one with letters and digits, with both at the beginning."""
        made = self._random.choices(alphabet, k=length)
        digits = sorted(set(alphabet) & set(_DIGITS))
        letters = sorted(set(alphabet) & set(_LOWER + _UPPER))
        if digits and letters and length > 3:
            made[1], made[3] = self._random.choice(letters), self._random.choice(digits)
        return "".join(made)

    def hexed(self, length: int) -> str:
        return self.of(_HEX, length)

    def base64(self, size: int) -> str:
        return b64encode(self._random.randbytes(size)).decode()

    def one(self, *values: str) -> str:
        return self._random.choice(values)

    def password(self) -> str:
        """As people and generators make them up: letters, digits and signs."""
        word = self.one("sunset", "Falcon", "winter", "Orange", "castle", "River", "maple")
        return self.one(
            f"{word}{self.of(_DIGITS, 3)}{self.one(*'!#*-_')}",
            f"{self.of(_LOWER, 3)}{self.of(_DIGITS, 2)}{self.of(_UPPER, 2)}{self.one(*'!#%*+')}{self.of(_WORD, 4)}",
            self.of(_WORD, 14),
            f"{word[:2]}{self.one(*'@30')}{word[2:]}{self.of(_DIGITS, 2)}",
        )

    def uuid(self) -> str:
        return "-".join(self.hexed(n) for n in (8, 4, 4, 4, 12))

    def jwt(self) -> str:
        return ".".join(
            [
                urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').decode().rstrip("="),
                urlsafe_b64encode(f'{{"sub":"{self.of(_DIGITS, 10)}"}}'.encode())
                .decode()
                .rstrip("="),
                self.of(_WORD + "-_", 43),
            ]
        )


_Make = Callable[[Drawn], str]

TOKENS: dict[str, _Make] = {
    "github": lambda d: "gh" + d.one(*"pousr") + "_" + d.of(_WORD, 36),
    "github fine-grained": lambda d: "git" + "hub_pat_" + d.of(_WORD, 22) + "_" + d.of(_WORD, 59),
    "gitlab": lambda d: "gl" + "pat-" + d.of(_WORD + "-", 20),
    "openai": lambda d: "sk" + "-proj-" + d.of(_WORD + "-_", 64),
    "anthropic": lambda d: "sk" + "-ant-api03-" + d.of(_WORD + "-_", 93) + "AA",
    "stripe": lambda d: d.one("sk", "rk") + "_live_" + d.of(_WORD, 24),
    "slack bot": lambda d: "xo" + "xb-" + d.of(_DIGITS, 12) + "-" + d.of(_DIGITS, 12) + "-" + d.of(_WORD, 24),
    "slack webhook": lambda d: "https://hooks.slack" + ".com/services/T" + d.of(_UPPER + _DIGITS, 8) + "/B" + d.of(_UPPER + _DIGITS, 8) + "/" + d.of(_WORD, 24),
    "discord bot": lambda d: "M" + d.of(_WORD, 23) + "." + d.of(_WORD, 6) + "." + d.of(_WORD + "-_", 27),
    "telegram bot": lambda d: d.of(_DIGITS, 10) + ":A" + d.of(_WORD, 34),
    "google api": lambda d: "AI" + "za" + d.of(_WORD + "-_", 35),
    "google oauth": lambda d: "GOC" + "SPX-" + d.of(_WORD + "-_", 28),
    "aws id": lambda d: "AK" + "IA" + d.of(_UPPER + "234567", 16),
    "npm": lambda d: "np" + "m_" + d.of(_WORD, 36),
    "pypi": lambda d: "py" + "pi-AgEIcHlwaS5vcmc" + d.of(_WORD + "-_", 70),
    "sendgrid": lambda d: "SG" + "." + d.of(_WORD, 22) + "." + d.of(_WORD, 43),
    "hugging face": lambda d: "hf" + "_" + d.of(_LOWER + _UPPER, 34),
    "digitalocean": lambda d: "dop" + "_v1_" + d.hexed(64),
    "vault": lambda d: "hv" + "s." + d.of(_WORD + "-_", 95),
    "age": lambda d: "AGE-SECRET-" + "KEY-1" + d.of("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", 58),
    "shopify": lambda d: "sh" + "pat_" + d.hexed(32),
    "square": lambda d: "sq0" + "atp-" + d.of(_WORD + "-_", 22),
    "grafana": lambda d: "glsa" + "_" + d.of(_WORD, 32) + "_" + d.hexed(8),
    "new relic": lambda d: "NRA" + "K-" + d.of(_UPPER + _DIGITS, 27),
    "docker": lambda d: "dckr" + "_pat_" + d.of(_WORD + "-_", 27),
    "linear": lambda d: "lin" + "_api_" + d.of(_WORD, 40),
    "postman": lambda d: "PMA" + "K-" + d.hexed(24) + "-" + d.hexed(34),
    "sentry": lambda d: "sntryu" + "_" + d.hexed(64),
    "jwt": lambda d: d.jwt(),
    "terraform cloud": lambda d: d.of(_WORD, 14) + ".atlas" + "v1." + d.of(_WORD + "-_", 67),
    "mailchimp": lambda d: d.hexed(32) + "-us" + d.of("123456789", 2),
}  # fmt: skip
"""Secrets that say by their form what they are."""

NAMED: dict[str, tuple[tuple[str, ...], _Make]] = {
    "password": (("password", "db_password", "smtp_passwd", "admin_pwd", "redis_pass"), lambda d: d.password()),
    "aws secret": (("aws_secret_access_key", "secret_access_key"), lambda d: d.of(_WORD + "/+", 40)),
    "azure storage": (("account_key", "storage_account_key"), lambda d: d.base64(64)),
    "mistral": (("mistral_api_key",), lambda d: d.of(_WORD, 32)),
    "heroku": (("heroku_api_key",), lambda d: d.uuid()),
    "datadog": (("datadog_api_key", "dd_app_key"), lambda d: d.hexed(32)),
    "cloudflare": (("cloudflare_api_token",), lambda d: d.of(_WORD + "-_", 40)),
    "twilio": (("twilio_auth_token",), lambda d: d.hexed(32)),
    "django": (("secret_key", "session_secret"), lambda d: d.of(_WORD + "!#%*(-_=+", 50)),
    "oauth": (("client_secret", "oauth_secret"), lambda d: d.of(_WORD, 32)),
    "signing": (("jwt_secret", "signing_key", "encryption_key"), lambda d: d.base64(32)),
    "api key": (("api_key", "x_api_key"), lambda d: d.hexed(32)),
    "access token": (("access_token", "refresh_token", "auth_token"), lambda d: d.of(_WORD, 40)),
}  # fmt: skip
"""Secrets that only their name gives away."""


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def _pascal(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


FORMS: dict[str, Callable[[str, str], str]] = {
    "python": lambda n, v: f'import os\n\n\nclass Settings:\n    debug = False\n    {n} = "{v}"\n    retries = 3\n',
    "python constant": lambda n, v: f"# Set by the deployment.\n{n.upper()} = '{v}'\n\ndef connect():\n    return open_session()\n",
    "python call": lambda n, v: f'client = Client(\n    host="db.internal",\n    {n}="{v}",\n    timeout=30,\n)\n',
    "javascript": lambda n, v: f"export const config = {{\n  port: 8080,\n  {_camel(n)}: '{v}',\n  retry: true,\n}};\n",
    "typescript": lambda n, v: f'const {_camel(n)}: string = "{v}";\nfetch(url, {{ method: "GET" }});\n',
    "java": lambda n, v: f'public final class Config {{\n    private static final String {n.upper()} = "{v}";\n\n    int port() {{ return 80; }}\n}}\n',
    "go": lambda n, v: f'package main\n\nfunc main() {{\n\t{_camel(n)} := "{v}"\n\trun({_camel(n)})\n}}\n',
    "rust": lambda n, v: f'const {n.upper()}: &str = "{v}";\n\nfn main() {{\n    run({n.upper()});\n}}\n',
    "c": lambda n, v: f'#include <stdio.h>\n#define {n.upper()} "{v}"\n\nint main(void) {{ return 0; }}\n',
    "c#": lambda n, v: f'public class Options\n{{\n    public string {_pascal(n)} {{ get; set; }} = "{v}";\n}}\n',
    "php": lambda n, v: f"<?php\ndefine('{n.upper()}', '{v}');\ndefine('WP_DEBUG', false);\n",
    "php array": lambda n, v: f"return [\n    'host' => 'localhost',\n    '{n}' => '{v}',\n];\n",
    "ruby": lambda n, v: f'configure do |c|\n  c.host = "localhost"\n  c.{n} = "{v}"\nend\n',
    "shell": lambda n, v: f'#!/bin/sh\nset -eu\nexport {n.upper()}="{v}"\nexec ./run\n',
    "env": lambda n, v: f"HOST=localhost\n{n.upper()}={v}\nPORT=5432\n",
    "yaml": lambda n, v: f"service:\n  port: 80\n  {n}: {v}\n  replicas: 2\n",
    "yaml quoted": lambda n, v: f'service:\n  {_camel(n)}: "{v}"\n  replicas: 2\n',
    "kubernetes": lambda n, v: f'env:\n  - name: {n.upper()}\n    value: "{v}"\n  - name: PORT\n    value: "80"\n',
    "json": lambda n, v: f'{{\n  "host": "localhost",\n  "{n}": "{v}",\n  "port": 80\n}}\n',
    "toml": lambda n, v: f'[service]\nport = 80\n{n} = "{v}"\n',
    "ini": lambda n, v: f"[client]\nuser = app\n{n} = {v}\n",
    "properties": lambda n, v: f"server.port=80\nspring.datasource.{n.replace('_', '-')}={v}\n",
    "dockerfile": lambda n, v: f"FROM debian:12\nENV {n.upper()}={v}\nRUN make\n",
    "xml": lambda n, v: f'<configuration>\n  <add key="{_pascal(n)}" value="{v}" />\n</configuration>\n',
    "xml element": lambda n, v: f"<server>\n  <id>main</id>\n  <{n}>{v}</{n}>\n</server>\n",
    "hcl": lambda n, v: f'resource "x" "y" {{\n  name = "db"\n  {n} = "{v}"\n}}\n',
}  # fmt: skip
"""How a value is given a name, by language or format. A value has no quotes of any kind."""


def _written(name: str, value: str, form: str) -> str:
    if form.startswith("xml"):
        value = value.replace("&", "&amp;").replace("<", "&lt;")
    return FORMS[form](name, value)


def _addresses(d: Drawn) -> list[tuple[str, str, str]]:
    """Kinds, texts and secrets that stand in addresses, headers and commands."""
    made = []
    for scheme, lines in {
        "postgres": 'engine = create_engine("postgresql://app:{}@db.internal:5432/shop")\n',
        "mysql": "DATABASE_URL=mysql://root:{}@127.0.0.1/shop\n",
        "mongodb": 'mongoose.connect("mongodb+srv://svc:{}@cluster0.ab1cd.mongodb.net/x");\n',
        "redis": "url: redis://:{}@cache:6379/0\n",
        "amqp": 'conn, err := amqp.Dial("amqp://guest:{}@mq:5672/")\n',
        "https": "git clone https://deploy:{}@git.example.org/app.git\n",
    }.items():
        secret = d.of(_WORD, 14)
        made.append((f"address {scheme}", lines.format(secret), secret))
    basic = b64encode(f"admin:{d.of(_WORD, 12)}".encode()).decode()
    made.append(("basic header", f'headers = {{"Authorization": "Basic {basic}"}}\n', basic))
    made.append(
        ("basic header", f"curl -H 'Authorization: Basic {basic}' https://x.example\n", basic)
    )
    bearer = d.of(_WORD, 40)
    made.append(("bearer header", f'req.Header.Set("Authorization", "Bearer {bearer}")\n', bearer))
    user = d.of(_WORD, 12)
    made.append(("curl user", f"curl -s -u admin:{user} https://api.example.org/v1\n", user))
    made.append(("mysql option", f"mysqldump -u root -p{user} shop > dump.sql\n", user))
    pw = d.password()
    made += [
        (
            "connection string",
            f'"Server=tcp:x.example,1433;User ID=app;Password={pw};Encrypt=True;"\n',
            pw,
        ),
        ("netrc", f"machine api.example.org login app password {user}\n", user),
        ("sql", f"CREATE USER app IDENTIFIED BY '{pw}';\n", pw),
        ("sql", f"ALTER ROLE app WITH PASSWORD '{pw}';\n", pw),
    ]
    key = d.base64(64)
    made.append(
        (
            "azure connection",
            f'"DefaultEndpointsProtocol=https;AccountName=shop;AccountKey={key};"\n',
            key,
        )
    )
    sig = d.base64(32).rstrip("=").replace("+", "x").replace("/", "y")
    made.append(
        (
            "azure sas",
            f"https://shop.blob.core.windows.net/c?sv=2022-11-02&sp=r&sig={sig}%3D\n",
            sig,
        )
    )
    return made  # fmt: skip


def _blocks(d: Drawn) -> list[tuple[str, str, str]]:
    made = []
    for what in (
        "RSA PRIVATE KEY",
        "OPENSSH PRIVATE KEY",
        "EC PRIVATE KEY",
        "PGP PRIVATE KEY BLOCK",
    ):
        rows = [d.of(_WORD + "+/", 64) for _ in range(6)] + [d.of(_WORD, 20) + "=="]
        head, tail = f"-----BEGIN {what}-----", f"-----END {what}-----"
        body = "\n".join(rows)
        escaped = "\\n".join([head, *rows, tail])
        made += [
            (f"pem {what.lower()}", f'KEY = """{head}\n{body}\n{tail}"""\n', rows[3]),
            (f"pem {what.lower()}", f'{{"private_key": "{escaped}\\n"}}\n', rows[4]),
            (
                f"pem {what.lower()}",
                "tls:\n  key: |\n" + "".join(f"    {r}\n" for r in (head, *rows, tail)),
                rows[6][:-2],
            ),
            (
                f"pem {what.lower()}",
                f"{rows[0]}\n{rows[1]}\n{rows[6]}\n{tail}\n\nint main;\n",
                rows[1],
            ),
        ]
    return made  # fmt: skip


def samples(seed: int = 7) -> list[Sample]:
    """Some 800 secrets of more than 60 kinds."""
    d = Drawn(seed)
    made: list[Sample] = []
    forms = list(FORMS)
    for number, (kind, make) in enumerate(TOKENS.items()):
        for step in range(12):
            form, secret = forms[(number + 5 * step) % len(forms)], make(d)
            name = d.one("token", "api_key", "value", "credential", "x")
            made.append(Sample(kind, form, _written(name, secret, form), secret))
    for kind, (names, make) in NAMED.items():
        for number, form in enumerate(forms):
            secret = make(d)
            made.append(
                Sample(kind, form, _written(names[number % len(names)], secret, form), secret)
            )
    for _ in range(4):
        made += [Sample(kind, "as it is", text, secret) for kind, text, secret in _addresses(d)]
        made += [Sample(kind, "block", text, secret) for kind, text, secret in _blocks(d)]
    return made


HELD_OUT_TOKENS: dict[str, _Make] = {
    "notion": lambda d: "ntn" + "_" + d.of(_DIGITS, 11) + d.of(_WORD, 35),
    "figma": lambda d: "fig" + "d_" + d.of(_WORD + "-_", 40),
    "circleci": lambda d: "CCI" + "PAT_" + d.of(_WORD, 22) + "_" + d.hexed(40),
    "atlassian": lambda d: "ATA" + "TT3" + d.of(_WORD + "-_", 180) + "=" + d.of(_UPPER + _DIGITS, 8),
    "groq": lambda d: "gs" + "k_" + d.of(_WORD, 52),
    "replicate": lambda d: "r" + "8_" + d.of(_WORD, 37),
    "langsmith": lambda d: "lsv2" + "_pt_" + d.hexed(32) + "_" + d.hexed(10),
    "doppler": lambda d: "dp" + ".pt." + d.of(_WORD, 43),
    "planetscale": lambda d: "pscale" + "_tkn_" + d.of(_WORD, 43),
    "databricks": lambda d: "da" + "pi" + d.hexed(32),
    "netlify": lambda d: "nf" + "p_" + d.of(_WORD, 36),
    "render": lambda d: "rn" + "d_" + d.of(_WORD, 28),
    "tailscale": lambda d: "ts" + "key-auth-" + d.of(_WORD, 12) + "-" + d.of(_WORD, 32),
    "azure ad": lambda d: d.of(_WORD, 3) + "8Q~" + d.of(_WORD + "._-", 34),
    "mapbox": lambda d: "s" + "k.ey" + "J" + d.of(_WORD, 60) + "." + d.of(_WORD, 22),
    "supabase": lambda d: "sb" + "p_" + d.hexed(40),
    "dropbox": lambda d: "s" + "l." + d.of(_WORD + "-_", 135),
    "firebase": lambda d: "AAAA" + d.of(_WORD, 7) + ":APA91b" + d.of(_WORD + "-_", 134),
    "bcrypt": lambda d: "$2b$12$" + d.of(_WORD + "./", 53),
}  # fmt: skip
HELD_OUT_NAMES: dict[str, tuple[tuple[str, ...], _Make]] = {
    "chosen": (("db_pass", "pg_passwd", "root_password", "ftp_pwd"), lambda d: d.one("Tr0ub4dor", "hunter", "S3cure") + d.of(_DIGITS, 2) + d.one(*"!#.")),
    "hook": (("webhook_secret", "shared_secret"), lambda d: d.hexed(40)),
    "consumer": (("consumer_secret", "api_secret_key"), lambda d: d.of(_WORD, 50)),
    "bot": (("bot_token", "deploy_token", "private_token"), lambda d: d.of(_WORD + "-_", 30)),
    "algolia": (("algolia_admin_key", "search_key"), lambda d: d.hexed(32)),
    "okta": (("okta_api_token",), lambda d: "00" + d.of(_WORD + "-_", 40)),
    "license": (("license_key", "subscription_key"), lambda d: "-".join(d.of(_UPPER + _DIGITS, 5) for _ in range(5))),
    "salt": (("auth_salt", "hash_salt"), lambda d: d.of(_WORD, 24)),
}  # fmt: skip
HELD_OUT_FORMS: dict[str, Callable[[str, str], str]] = {
    "kotlin": lambda n, v: f'object Config {{\n    const val {n.upper()} = "{v}"\n}}\n',
    "swift": lambda n, v: f'struct Keys {{\n    static let {_camel(n)} = "{v}"\n}}\n',
    "scala": lambda n, v: f'object Keys {{\n  val {_camel(n)}: String = "{v}"\n}}\n',
    "lua": lambda n, v: f'local M = {{}}\nM.{n} = "{v}"\nreturn M\n',
    "perl": lambda n, v: f"my ${n} = '{v}';\n",
    "powershell": lambda n, v: f'$env:{n.upper()} = "{v}"\n',
    "batch": lambda n, v: f"@echo off\nset {n.upper()}={v}\ncall run.bat\n",
    "compose": lambda n, v: f"    environment:\n      - {n.upper()}={v}\n      - PORT=80\n",
    "actions": lambda n, v: f"      env:\n        {n.upper()}: {v}\n        CI: true\n",
    "systemd": lambda n, v: f'[Service]\nEnvironment="{n.upper()}={v}"\n',
    "helm": lambda n, v: f"helm upgrade app ./chart --set app.{_camel(n)}={v} --wait\n",
    "option": lambda n, v: f"./run --{n.replace('_', '-')} '{v}' --verbose\n",
    "default": lambda n, v: f'value = os.environ.get("{n.upper()}", "{v}")\n',
    "node default": lambda n, v: f"const x = process.env.{n.upper()} || '{v}';\n",
    "dict": lambda n, v: f"settings = {{'{n}': '{v}', 'port': 80}}\n",
    "setter": lambda n, v: f'config.set{_pascal(n)}("{v}");\n',
    "put": lambda n, v: f'props.setProperty("{n.replace("_", ".")}", "{v}");\n',
    "escaped": lambda n, v: f'body = "{{\\"{n}\\": \\"{v}\\"}}"\n',
    "query": lambda n, v: f"GET https://api.example.org/v1?{n}={v}&page=2\n",
    "header": lambda n, v: f"X-{_pascal(n)}: {v}\n",
    "plist": lambda n, v: f"<key>{_pascal(n)}</key>\n<string>{v}</string>\n",
    "elixir": lambda n, v: f'config :app, {n}: "{v}"\n',
    "clojure": lambda n, v: f'(def config {{:{n.replace("_", "-")} "{v}"}})\n',
    "r": lambda n, v: f'Sys.setenv({n.upper()} = "{v}")\n',
    "makefile": lambda n, v: f"{n.upper()} := {v}\n\nall:\n\t./run\n",
    "comment": lambda n, v: f"# old {n}: {v}\nx = 1\n",
    "comparison": lambda n, v: f'if request.{n} == "{v}":\n    pass\n',
    "c field": lambda n, v: f'struct conf c = {{ .{n} = "{v}", .port = 80 }};\n',
}  # fmt: skip


def held_out(seed: int) -> list[Sample]:
    """Some 700 secrets that no rule was written for."""
    d = Drawn(seed)
    made: list[Sample] = []
    forms = list(HELD_OUT_FORMS)
    for number, (kind, make) in enumerate(HELD_OUT_TOKENS.items()):
        for step in range(8):
            form, secret = forms[(3 * number + 5 * step) % len(forms)], make(d)
            text = HELD_OUT_FORMS[form](d.one("token", "api_key", "password"), secret)
            made.append(Sample(kind, form, text, secret))
    for kind, (names, make) in HELD_OUT_NAMES.items():
        for number, form in enumerate((*forms, *forms)):
            secret = make(d)
            text = HELD_OUT_FORMS[form](names[number % len(names)], secret)
            made.append(Sample(kind, form, text, secret))
    return made
