"""Ordinary code of many languages, made anew from a seed, with all that looks like a key and is
none: checksums of lock files, commits, UUIDs, fingerprints, images in base64, minified scripts.
"""

# A row of a table is one line, however long.
# ruff: noqa: E501

from __future__ import annotations

import random
from base64 import b64encode
from collections.abc import Iterator
from uuid import UUID

_NAMES = (
    *("user", "token_count", "parser", "key_of", "secretary", "passenger", "compass", "author"),
    *("session_id", "keyboard", "signature_help", "cookie_jar", "sort_key", "public_key", "auth"),
    *("password_field", "primary_key", "tokenizer", "pass_through", "design", "index2", "sha1sum"),
)
_CAMEL = ("getUserToken", "keyCode", "passwordInput", "authorName", "sessionStore", "tokenType")
_WORDS = ("load", "The session has expired", "Enter your password", "key", "tokens", "v2", "utf8")

LANGUAGES: dict[str, tuple[str, ...]] = {
    "python": (
        "def {n}({m}: int = {i}) -> str:",
        "    {n} = self.{m}[{i}]",
        '    token = os.environ["{N}"]',
        "    password = getpass(prompt='{w}')",
        '    assert {n}("a{i}") == "{x}"  # {g}',
        '    REVISION = "{g}"',
        '    key = re.compile(r"^[A-Za-z0-9_]{{{i},64}}$")',
        '    tokens = jwt.encode(payload, secret, "HS256")',
        '    raise ValueError(f"token {{token!r}} of {n} is not valid")',
        '    sha256 = "{x}{x}"',
    ),
    "javascript": (
        "const {{ {c}, keyCode }} = require('./{n}');",
        "  if (event.{c} === {i} && session.{c}) return {c}(password, 'base64');",
        "  fetch(`https://cdn.example.org/${{{c}}}/{v}/{h}.js?v={h}`, {{ token }});",
        '  <script src="a.js" integrity="sha384-{b}" crossorigin></script>',
        'var a=function(t,e){{return t.{c}=e||"{w}",t.key={i}}};!function(n){{n.token=n.{c}(n)}}(a);',
        "  this.{c} = props.password || state.passwordInput;",
        "  expect(token.{c}).toBe('{u}');",
        '  background: url("data:image/png;base64,{B}");',
    ),
    "typescript": (
        "export interface {C} {{ token: string; readonly {c}?: Map<string, number>; }}",
        "  private readonly {c}: {C} = new {C}(this.key, {i});",
        "  const session = await this.auth.{c}<{C}>(credentials as Credentials);",
        "  [key: string]: SecretOptions | undefined;",
        "  'password.required': '{w}',",
    ),
    "go": (
        "func (s *{C}) {C}(token string, key []byte) error {{",
        "\tif token := r.Header.Get(\"X-{C}\"); token == \"\" {{",
        '\tpassword := os.Getenv("{N}")',
        "\treturn fmt.Errorf(\"{n}: bad key %q at %d\", key, {i})",
        "\tcase token.IDENT, token.{C}, auth.Basic:",
        '\tconst commit = "{g}"',
    ),
    "go.sum": (
        "golang.org/x/{n} v{v} h1:{s}",
        "golang.org/x/{n} v{v}/go.mod h1:{s}",
    ),
    "java": (
        "    private final {C} {c} = new {C}(key, {i});",
        "    public String {c}(Token token) {{ return token.{c}().key(); }}",
        "    @Value(\"${{{n}.password}}\") private String password;",
        "    private static final long serialVersionUID = {i}{i}{i}{i}L;",
        '    UUID key = UUID.fromString("{u}");',
    ),
    "csharp": (
        "    public string Password {{ get; set; }} = string.Empty;",
        "    var {c} = await _tokens.{C}Async(key, CancellationToken.None);",
        '    [Guid("{u}")] public class {C} : ITokenProvider {{ }}',
        "    [assembly: InternalsVisibleTo(\"{C}.Tests, PublicKey={x}{x}\")]",
    ),
    "c": (
        "static int {n}(struct key *key, const char *token, size_t {m})",
        "#define {N}_KEY_LENGTH {i}",
        "\tif (password == NULL || key->{n} != 0x{h}u)",
        "\tstatic const unsigned char sbox[] = {{ 0x{h}, 0x{h}, 0x{h} }};",
        '\tfprintf(stderr, "%s: {w}\\n", token);',
    ),
    "rust": (
        "    pub fn {n}(&self, token: &Token, key: &'a str) -> Result<{C}, Error> {{",
        "    let {m} = tokens.iter().map(|token| token.{n}).collect::<Vec<_>>();",
        "    Token::{C} {{ key, {n} }} => password.{m}(),",
    ),
    "Cargo.lock": (
        '[[package]]\nname = "{n}"\nversion = "{v}"',
        'source = "registry+https://github.com/rust-lang/crates.io-index"\nchecksum = "{x}{x}"',
    ),
    "php": (
        "    public function {c}(string $token, ?Key $key = null): {C}",
        "    $password = $_POST['password'] ?? '';",
        "    'password_confirmation' => 'required|same:password',",
    ),
    "ruby": (
        "  has_secure_password validations: false",
        "  def {n}(token, key: :{m})",
        "  expect(session[:{n}]).to eq('{u}')",
    ),
    "kotlin": (
        "    private val {c}: {C} by lazy {{ {C}(token, key) }}",
        '    val password = savedStateHandle.get<String>("{n}")',
    ),
    "shell": (
        'if [ -z "$TOKEN" ]; then echo "{w}" >&2; exit {i}; fi',
        'read -rs -p "Password: " password',
        'export {N}_TOKEN="$(cat "$HOME/.{n}")"',
        "git checkout {g}",
        'echo "{x}{x}  {n}.tar.gz" | sha256sum -c -',
    ),
    "yaml": (
        "  {n}: ${{{{ secrets.{N} }}}}",
        "    image: registry.example.org/{n}@sha256:{x}{x}",
        "  - uses: actions/cache@{g} # v{v}",
        "    key: ${{{{ runner.os }}}}-{n}-${{{{ hashFiles('**/lock') }}}}",
        "    resolution: {{integrity: sha512-{L}}}",
        "  password: !vault {n}",
    ),
    "json": (
        '  "{n}": {{ "token": {i}, "key": "{c}", "id": "{u}" }},',
        '      "integrity": "sha512-{L}",',
        '      "resolved": "https://registry.npmjs.org/{n}/-/{n}-{v}.tgz#{g}",',
        '  "error.password": "{w}",',
        '      "contentHash": "{L}",',
        '  "narHash": "sha256-{s}",',
    ),
    "terraform": (
        '  password = var.{n}_password\n  key_name = aws_key_pair.{n}.key_name',
        '    "h1:{s}",\n    "zh:{x}{x}",',
        '  token = data.vault_generic_secret.{n}.data["token"]',
    ),
    "sql": (
        "  {n} VARCHAR({i}) NOT NULL, -- token of the {m}",
        "ALTER TABLE {n} ADD CONSTRAINT key_{m} FOREIGN KEY (token_id) REFERENCES tokens (id);",
        "INSERT INTO {n} (id, key) VALUES ('{u}', {i});",
    ),
    "css": (
        ".token.{n}, .sk-fading-circle-{i} .sk-circle-dot{i} {{ color: #{r}; }}",
        "  --password-input-key: #{r}; background: url(key-{i}.{h}.png);",
    ),
    "html": (
        '<input type="password" name="password" id="{n}" autocomplete="current-password">',
        '<link rel="stylesheet" href="/a.{h}.css" integrity="sha256-{s}">',
    ),
    "markdown": (
        "The `{n}` token is read from `{N}`, see [{w}](https://example.org/{g}#key-{i}).",
        "ssh-ed25519 {K} {n}@example.org",
        "SHA256:{s} is the fingerprint of the key.",
    ),
    "properties": (
        "{n}.password.label={w}",
        "{n}.token=${{{N}}}",
        "distributionSha256Sum={x}{x}",
    ),
}  # fmt: skip
"""Lines by their language; the letters in braces are drawn for each."""


def ordinary_code(seed: int, lines: int) -> Iterator[tuple[str, str]]:
    """Languages and texts of at least so many lines of each."""
    drawn = random.Random(seed)
    for language, rows in LANGUAGES.items():
        text = ""
        while text.count("\n") < lines:
            text += drawn.choice(rows).format_map(_Values(drawn)) + "\n" * drawn.choice(
                (1, 1, 1, 2)
            )
        yield language, text


class _Values(dict[str, str]):
    """Draws what stands for a letter in braces, each time anew."""

    def __init__(self, drawn: random.Random) -> None:
        super().__init__()
        self._drawn = drawn

    def __missing__(self, what: str) -> str:
        drawn = self._drawn
        name = drawn.choice(_NAMES)
        sizes = {"g": 40, "x": 32, "h": 8, "r": 6}
        if what in sizes:
            return "".join(drawn.choices("0123456789abcdef", k=sizes[what]))
        random_bytes = {"b": 48, "s": 32, "L": 64, "B": 600}
        if what in random_bytes:
            return b64encode(drawn.randbytes(random_bytes[what])).decode()
        made = {
            "n": name,
            "m": drawn.choice(_NAMES),
            "N": name.upper(),
            "c": drawn.choice(_CAMEL),
            "C": name.title().replace("_", ""),
            "w": drawn.choice(_WORDS),
            "i": str(drawn.randrange(1, 9999)),
            "v": ".".join(str(drawn.randrange(20)) for _ in range(3)),
            "u": str(UUID(bytes=drawn.randbytes(16), version=4)),
            "K": "AAAAC3NzaC1lZDI1NTE5AAAAI" + b64encode(drawn.randbytes(32)).decode()[:43],
        }
        return made[what]
