"""`init`: real files in a home folder; what the user has stays, byte for byte, and comes back."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from devstral_lsp.cli import init
from devstral_lsp.cli.main import main
from devstral_lsp.cli.setup import editors
from devstral_lsp.doctor.local_servers import LocalServer
from devstral_lsp.providers import PROVIDERS

Captured = pytest.CaptureFixture[str]

OWN_INIT = b';; Mine: \xc3\xa9\xf0\x9f\x98\x80\r\n(setq inhibit-startup-screen t)\t; "kept"\r\n\r\n'
PACKAGED = Path(editors.__file__).parents[3] / "pyproject.toml"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's home folder; the command is run in a folder of it."""
    home = tmp_path / "home"
    (home / "project").mkdir(parents=True)
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("DEVSTRAL_CONFIG", str(home / "settings" / "config.toml"))
    monkeypatch.chdir(home / "project")
    return home


def files(home: Path) -> dict[str, bytes]:
    """All that lies there, but for what we keep ourselves."""
    found = (path for path in home.rglob("*") if path.is_file() and "backups" not in path.parts)
    return {path.relative_to(home).as_posix(): path.read_bytes() for path in found}


def put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


@pytest.mark.parametrize("editor", editors.editors())
def test_every_editor_is_written_once_and_undone(home: Path, editor: str) -> None:
    put(home / "untouched", b"1\r\n")
    before = files(home)
    assert main(["init", editor, "--write"]) == 0
    after = files(home)
    has_steps = bool(editors.setup_of(editor, os.environ).steps)
    assert (after != before) == has_steps
    assert main(["init", editor, "--write"]) == 0
    assert files(home) == after, "a second time there is nothing to do"
    assert main(["init", editor, "--undo"]) == (0 if has_steps else 2)
    assert files(home) == before


def test_nothing_is_written_unless_that_is_said(home: Path, capsys: Captured) -> None:
    put(home / ".emacs", OWN_INIT)
    before = files(home)
    assert main(["init", "emacs"]) == 1
    assert files(home) == before
    told = capsys.readouterr()
    assert "+(use-package devstral" in told.out
    assert "new file:" in told.out
    assert "(defcustom devstral-command" not in told.out, "that would be hundreds of lines"
    assert "--write" in told.err


def test_the_lines_are_put_behind_what_is_there_with_its_line_ends(home: Path) -> None:
    put(home / ".emacs", OWN_INIT)
    assert main(["init", "emacs", "--write"]) == 0
    after = files(home)[".emacs"]
    lines = (editors.folder() / "emacs" / "init-eglot.el").read_bytes().rstrip()
    assert after.startswith(OWN_INIT)
    assert lines.replace(b"\n", b"\r\n") in after
    assert after.count(b"\n") == after.count(b"\r\n")
    assert main(["init", "emacs", "--undo"]) == 0
    assert files(home)[".emacs"] == OWN_INIT


def test_old_lines_of_ours_are_replaced_where_they_stand(home: Path) -> None:
    old = b"before\n;; >>> devstral-lsp\nold\n;; <<< devstral-lsp\nafter\n"
    put(home / ".emacs", old)
    main(["init", "emacs", "--write"])
    after = files(home)[".emacs"].decode()
    assert after.startswith("before\n;; >>> devstral-lsp\n;; Ghost")
    assert after.endswith(";; <<< devstral-lsp\nafter\n")
    assert "old" not in after


def test_a_file_that_was_changed_since_is_not_undone(home: Path, capsys: Captured) -> None:
    main(["init", "emacs", "--write"])
    init = home / ".emacs.d" / "init.el"
    put(init, init.read_bytes() + b"(mine)\n")
    before = files(home)
    assert main(["init", "emacs", "--undo"]) == 2
    assert files(home) == before
    assert "changed since" in capsys.readouterr().err


def test_a_link_stays_one(home: Path) -> None:
    put(home / "dotfiles" / "emacs", b"(mine)\n")
    (home / ".emacs").symlink_to(home / "dotfiles" / "emacs")
    main(["init", "emacs", "--write"])
    assert (home / ".emacs").is_symlink()
    assert b"(mine)" in (home / "dotfiles" / "emacs").read_bytes()
    assert b"devstral" in (home / "dotfiles" / "emacs").read_bytes()


JSON = """\
// of mine
{
  /* "clients": {} */
  "log": "http://x//y", // kept
  "list": [1, 2,],
}
"""
SUBLIME = ".config/sublime-text/Packages/User/LSP.sublime-settings"


def test_members_are_added_and_comments_stay(home: Path) -> None:
    put(home / SUBLIME, JSON.encode())
    assert main(["init", "sublime", "--write"]) == 0
    after = files(home)[SUBLIME].decode()
    kept = [line for line in JSON.splitlines() if line]
    assert [line for line in after.splitlines() if line in kept] == kept
    assert '"command": [' in after
    assert main(["init", "sublime", "--undo"]) == 0
    assert files(home)[SUBLIME] == JSON.encode()


@pytest.mark.parametrize(
    "content",
    [b'{"clients": {"pylsp": {}}}', b"[1]", b"{ broken", b'{"a": "\xff"}'],
    ids=["has another", "no object", "no JSON", "no UTF-8"],
)
def test_what_cannot_be_merged_is_left_alone_and_the_lines_are_told(
    home: Path, capsys: Captured, content: bytes
) -> None:
    put(home / SUBLIME, content)
    assert main(["init", "sublime", "--write"]) == 1
    assert files(home)[SUBLIME] == content
    told = capsys.readouterr().err
    assert (editors.folder() / "others" / "LSP.sublime-settings").read_text().rstrip() in told
    assert "There is nothing to write." not in told


@pytest.mark.parametrize(
    "content",
    ['[language-server.devstral]\ncommand = "x"\n', '[[language]]\nname = "python"\n', "a = [\n"],
    ids=["same server", "same language", "no TOML"],
)
def test_toml_that_says_it_already_is_left_alone(home: Path, content: str) -> None:
    path = home / ".config" / "helix" / "languages.toml"
    put(path, content.encode())
    assert main(["init", "helix", "--write"]) == 1
    assert path.read_text() == content


@pytest.mark.parametrize(
    ("answer", "code", "end"), [("y", 0, "restores it"), ("", 1, "Use --write to write it")]
)
def test_a_user_is_asked_on_a_terminal(home: Path, answer: str, code: int, end: str) -> None:
    ours, theirs = pty.openpty()
    command = (sys.executable, "-m", "devstral_lsp", "init", "emacs")
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        os.write(ours, f"{answer}\n".encode())
        shown = b""
        while b"[y/N]" not in shown or end.encode() not in shown:
            shown += os.read(ours, 4096)
        assert process.wait(20) == code
    os.close(ours)
    assert (home / ".emacs.d" / "init.el").exists() == (answer == "y")


def test_an_unknown_editor_is_told_with_those_there_are(home: Path, capsys: Captured) -> None:
    assert main(["init", "notepad"]) == 2
    told = capsys.readouterr().err
    assert "neovim" in told
    assert "Did you mean" not in told


@pytest.mark.parametrize(
    ("word", "meant"), [("emcs", "emacs"), ("VSCodium", "vscode"), ("nvim", "neovim")]
)
def test_an_editor_that_is_called_otherwise_is_told_its_name(
    home: Path, capsys: Captured, word: str, meant: str
) -> None:
    assert main(["init", word]) == 2
    assert f"Did you mean `{meant}`?" in capsys.readouterr().err


def test_files_of_ours_are_named_and_files_of_the_users_are_shown(
    home: Path, capsys: Captured
) -> None:
    main(["init", "neovim"])
    shown = capsys.readouterr().out
    assert "new file:" in shown
    assert [line for line in shown.splitlines() if line.startswith("+++")] == [
        f"+++ b{home}/.config/nvim/init.lua"
    ]


CONTINUE = """\
name: mine
models:
  - name: Chat # a comment
    provider: mistral
    model: mistral-medium-latest
    apiKey: sk-literal-and-secret
    roles: [chat]
  - name: Codestral
    provider: mistral
    model: codestral-latest
    apiBase: https://codestral.mistral.ai/v1
    apiKey: ${{ secrets.MY_CODESTRAL_KEY }}
    roles:
      - autocomplete
"""


def user_settings(home: Path) -> dict[str, dict[str, str]]:
    return tomllib.loads((home / "settings" / "config.toml").read_text())


def test_settings_of_continue_are_taken_but_no_key(home: Path, capsys: Captured) -> None:
    put(home / ".continue" / "config.yaml", CONTINUE.encode())
    assert main(["init", "vscode", "--write"]) == 1, "the key is left to do"
    assert user_settings(home) == {
        "fim": {
            "provider": "codestral",
            "model": "codestral-latest",
            "api_key_env": "MY_CODESTRAL_KEY",
        },
        "chat": {"provider": "mistral", "model": "mistral-medium-latest"},
    }
    told = capsys.readouterr()
    assert "MISTRAL_API_KEY" in told.err
    everything = told.out + told.err + str(files(home / "settings"))
    assert "sk-literal" not in everything


OTHERS = {
    "continue": (
        ".continue/config.json",
        json.dumps(
            {"tabAutocompleteModel": {"provider": "ollama", "model": "codestral", "title": "x"}}
        ),
        {"fim": {"provider": "ollama", "model": "codestral"}},
    ),
    "aider": (
        ".aider.conf.yml",
        "# mine\nmodel: mistral/codestral-latest\napi-key:\n  - mistral=sk-literal\n",
        {"chat": {"provider": "mistral", "model": "codestral-latest"}},
    ),
    "opencode": (
        "project/opencode.json",
        json.dumps(
            {
                "model": "mistral/devstral-medium-latest",
                "provider": {"mistral": {"options": {"apiKey": "{env:MY_KEY}"}}},
            }
        ),
        {
            "chat": {
                "provider": "mistral",
                "model": "devstral-medium-latest",
                "api_key_env": "MY_KEY",
            }
        },
    ),
    "tabby": (
        ".tabby/config.toml",
        '[model.completion.http]\nkind = "mistral/completion"\nmodel_name = "codestral-latest"\n'
        'api_endpoint = "https://api.mistral.ai"\napi_key = "sk-literal"\n',
        {"fim": {"provider": "mistral", "model": "codestral-latest"}},
    ),
}


@pytest.mark.parametrize("tool", OTHERS)
def test_settings_of_other_tools_are_taken(home: Path, capsys: Captured, tool: str) -> None:
    path, content, settings = OTHERS[tool]
    put(home / path, content.encode())
    main(["init", "vscode", "--write"])
    assert user_settings(home) == settings
    told = capsys.readouterr()
    assert "sk-literal" not in told.out + told.err + str(files(home / "settings"))
    assert ("contains a key" in told.err) == ("sk-literal" in content)


def test_tabbys_own_server_is_told_and_not_taken(home: Path, capsys: Captured) -> None:
    config = b'[server]\nendpoint = "http://127.0.0.1:8080"\ntoken = "sk-literal"\n'
    put(home / ".tabby-client" / "agent" / "config.toml", config)
    main(["init", "vscode", "--write"])
    told = capsys.readouterr().err
    assert "http://127.0.0.1:8080" in told
    assert "sk-literal" not in told
    assert not (home / "settings" / "config.toml").exists()


@pytest.mark.parametrize("broken", ["models: 3", "models:\n  - 1\n", "\t{[", "", "\0"])
def test_what_another_tool_wrote_badly_is_passed_over(home: Path, broken: str) -> None:
    put(home / ".continue" / "config.yaml", broken.encode())
    put(home / ".aider.conf.yml", broken.encode())
    put(home / "project" / "opencode.json", broken.encode())
    assert main(["init", "vscode", "--write"]) == 0


def test_of_two_tools_the_first_is_taken(home: Path) -> None:
    put(home / ".continue" / "config.yaml", CONTINUE.encode())
    put(home / ".aider.conf.yml", b"model: mistral/another\n")
    main(["init", "vscode", "--write"])
    assert user_settings(home)["chat"]["model"] == "mistral-medium-latest"


def test_own_settings_are_not_said_twice(home: Path, capsys: Captured) -> None:
    own = b'# mine\n[fim]\nmodel = "codestral-2508"  # pinned\n'
    put(home / "settings" / "config.toml", own)
    put(home / ".continue" / "config.yaml", CONTINUE.encode())
    assert main(["init", "vscode", "--write"]) == 1
    assert (home / "settings" / "config.toml").read_bytes() == own
    assert 'api_key_env = "MY_CODESTRAL_KEY"' in capsys.readouterr().err
    assert main(["init", "vscode", "--write", "--no-import"]) == 0


@pytest.mark.parametrize(
    ("page", "name"), [("emacs.md", "emacs/init-*.el"), ("others.md", "others/*")]
)
def test_the_docs_show_the_lines_that_are_written(page: str, name: str) -> None:
    text = (PACKAGED.parent / "docs" / "editors" / page).read_text()
    files = list((PACKAGED.parent / "editors").glob(name))
    assert files
    assert [each.name for each in files if f"\n{each.read_text()}```" not in text] == []


def test_all_that_the_table_names_goes_into_the_wheel() -> None:
    told = tomllib.loads(PACKAGED.read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    packed = {Path(each).relative_to("editors").as_posix() for each in told["force-include"]}
    table = tomllib.loads((editors.folder() / "setups.toml").read_text())
    steps = [step for each in table.values() for step in each.get("step", ())]
    named = {step[kind] for step in steps for kind in editors.KINDS if kind in step}
    assert {each.partition("/")[0] for each in named} | {"setups.toml"} == packed


@pytest.mark.parametrize(
    ("model", "says", "never"),
    [
        ("openrouter/mistralai/devstral", "OPENROUTER_API_KEY", "MISTRAL_API_KEY"),
        ("text-completion-codestral/codestral-latest", "CODESTRAL_API_KEY", "MISTRAL_API_KEY"),
        ("openai/m\nopenai-api-base: https://box.example/v1", "chat.api_key_env", "OPENAI_API_KEY"),
    ],
)
def test_a_key_is_advised_into_its_own_variable(
    home: Path, capsys: Captured, model: str, says: str, never: str
) -> None:
    provider = model.partition("/")[0]
    put(home / ".aider.conf.yml", f"model: {model}\napi-key: {provider}=sk-literal\n".encode())
    main(["init", "vscode", "--write"])
    told = capsys.readouterr().err
    assert says in told
    assert never not in told.replace(says, "")


def test_settings_that_cannot_be_read_are_named(home: Path, capsys: Captured) -> None:
    put(home / ".aider.conf.yml", b"model: [")
    main(["init", "vscode", "--write"])
    assert f"{home / '.aider.conf.yml'} cannot be read" in capsys.readouterr().err


def test_a_model_server_of_this_machine_is_offered_where_nothing_is_set(
    home: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def found() -> tuple[LocalServer, ...]:
        return (LocalServer("Ollama", "ollama", "http://127.0.0.1:11434", ("qwen2.5-coder:7b",)),)

    monkeypatch.setattr(init, "find_local_servers", found)
    for variable in {name for spec in PROVIDERS.values() for name in spec.key_variables}:
        monkeypatch.delenv(variable, raising=False)
    assert main(["init", "emacs", "--write"]) == 0
    told = capsys.readouterr().err
    assert "Ollama at http://127.0.0.1:11434 can complete with qwen2.5-coder:7b." in told
    assert 'fim.model to "qwen2.5-coder:7b"' in told
    assert not any(b"ollama" in content for content in files(home).values()), "never used unasked"
    monkeypatch.setenv("MISTRAL_API_KEY", "k")
    main(["init", "emacs", "--write"])
    assert "Ollama" not in capsys.readouterr().err
