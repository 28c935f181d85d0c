"""What is understood of other tools' settings, file by file. The whole way is in test_init.py."""

from __future__ import annotations

from pathlib import Path
from traceback import format_exception

import pytest

from devstral_lsp.cli.setup.import_settings import find_other_tools, load_yaml

CONTINUE, AIDER = ".continue/config.yaml", ".aider.conf.yml"
OPENCODE, TABBY = ".config/opencode/opencode.json", ".tabby/config.toml"


def settings(home: Path) -> list[tuple[str, dict[str, str]]]:
    folder = home / "project"
    return [
        (each.section, each.settings) for each in find_other_tools(home, home / ".config", folder)
    ]


def put(home: Path, name: str, content: str) -> None:
    (home / name).parent.mkdir(parents=True, exist_ok=True)
    (home / name).write_text(content)


@pytest.mark.parametrize(
    ("name", "content", "taken"),
    [
        (
            CONTINUE,
            "models:\n  - provider: x\n    roles: [embed]\n  # mine\n"
            "  - provider: llama.cpp\n    model: 'it''s'\n",
            ("chat", {"provider": "llamacpp", "model": "it's"}),
        ),
        (
            CONTINUE,
            'models: [{provider: lmstudio, model: "a\\u00e9", roles: [autocomplete]}]\n',
            ("fim", {"provider": "lmstudio", "model": "aé"}),
        ),
        (
            OPENCODE,
            '{"model": "openai/m", "provider": {"openai": {"options": '
            '{"baseURL": "http://box/v1", "apiKey": "{env:BOX}"}}}}',
            (
                "chat",
                {
                    "provider": "openai_compatible",
                    "base_url": "http://box/v1",
                    "model": "m",
                    "api_key_env": "BOX",
                },
            ),
        ),
        (
            TABBY,
            '[model.completion.http]\nkind = "openai/completion"\napi_endpoint = "http://box"\n'
            'api_key = "$BOX"\n',
            (
                "fim",
                {
                    "provider": "openai_compatible",
                    "base_url": "http://box",
                    "api_key_env": "BOX",
                },
            ),
        ),
        (
            AIDER,
            "model: openai/m\nopenai-api-base: http://box\napi-key: openai=os.environ/BOX\n",
            (
                "chat",
                {
                    "provider": "openai_compatible",
                    "base_url": "http://box",
                    "model": "m",
                    "api_key_env": "BOX",
                },
            ),
        ),
    ],
)
def test_one_model_is_taken(
    tmp_path: Path, name: str, content: str, taken: tuple[str, dict[str, str]]
) -> None:
    put(tmp_path, name, content)
    assert settings(tmp_path) == [taken]


CONTINUE_WITH_ANCHORS = """\
%YAML 1.1
---
name: "Our team's: models"
version: 0.0.1
schema: v1

model_defaults: &model_defaults
  provider: openai
  apiKey: ${{ secrets.BOX_KEY }} # of the box
  apiBase: https://box.example/v1

models:
  - uses: mistral/devstral
    with:
      MISTRAL_API_KEY: ${{ secrets.MISTRAL_API_KEY }}
  - name: 'Chat, the team''s'
    <<: *model_defaults
    model: &small "devstral\\x2dsmall"
    roles:
      - chat
      - edit
    chatOptions:
      baseSystemMessage: >-
        Answer briefly:
        models: none
  - name: Completion
    <<: *model_defaults
    model: 2508
    apiBase: https://fim.example/v1
    promptTemplates:
      autocomplete: '<|fim_prefix|>{{{ prefix }}}<|fim_suffix|>{{{ suffix }}}<|fim_middle|>'
    roles: [autocomplete]
  - name: Once more
    <<: *model_defaults
    model: *small

prompts:
  - name: check
    description: Check it
    prompt: |
      Look for mistakes:
        - model: mistral
        # no comment

      - and "roles: [autocomplete]"
"""

AIDER_WITH_COMMENTS = """\
##########################################################
# Sample .aider.conf.yml
##########################################################

## Specify the model to use for the main chat
model: openai/devstral-small # of the box
#model: xxx

## Specify the api base url
openai-api-base: 'http://box:8000/v1'

## Set an API key for a provider (eg: --api-key provider=<key>)
api-key:
  - mistral=sk-literal
  - "openai=${BOX_KEY}"

alias: ["fast:openai/ministral", 'it: openai/devstral']
lint-cmd:
  - "python: ruff check"
dark-mode: on
timeout: 1_000
commit-prompt: |-
  model: none
  Say it in one line.
"""


def test_anchors_quotes_and_long_texts_of_continue(tmp_path: Path) -> None:
    """As its manual writes them. A name that looks like a number is the name that stands there."""
    put(tmp_path, CONTINUE, CONTINUE_WITH_ANCHORS)
    box = {"provider": "openai_compatible", "api_key_env": "BOX_KEY"}
    assert settings(tmp_path) == [
        ("fim", {**box, "model": "2508", "base_url": "https://fim.example/v1"}),
        ("chat", {**box, "model": "devstral-small", "base_url": "https://box.example/v1"}),
    ]


def test_the_sample_that_aider_gives_with_some_lines_filled_in(tmp_path: Path) -> None:
    put(tmp_path, AIDER, AIDER_WITH_COMMENTS)
    (found_one,) = find_other_tools(tmp_path, tmp_path, tmp_path / "project")
    assert not found_one.has_key
    assert found_one.settings == {
        "provider": "openai_compatible",
        "base_url": "http://box:8000/v1",
        "model": "devstral-small",
        "api_key_env": "BOX_KEY",
    }


@pytest.mark.parametrize(
    "name", ["on", "no", "1.0", "2508", "1e3", "0x10", "2025-08-01", "~", "null", "=", "1:30"]
)
def test_a_name_stays_what_stands_there(name: str) -> None:
    assert load_yaml(f"model: {name} # mine\n") == {"model": name}


@pytest.mark.parametrize(
    "text",
    [
        *("\tkey: sk-literal", "key: 'sk-literal", "key: [sk-literal", "key: *sk-literal"),
        *("key: !sk-literal x", "key: {{ sk-literal }}", "[" * 4000, "\0"),
    ],
)
def test_what_is_no_yaml_is_not_quoted(text: str) -> None:
    with pytest.raises(ValueError, match="not YAML") as raised:
        load_yaml(text)
    assert "sk-" not in "".join(format_exception(raised.value))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (AIDER, "model: gemini/pro\n"),
        (AIDER, "model: openai/gpt\n"),
        (CONTINUE, "models:\n  - provider: mistral\n    model: m\n    roles: [embed]\n"),
    ],
    ids=["a provider of whom we know nothing", "no address", "for something else"],
)
def test_what_cannot_be_used_is_not_taken(tmp_path: Path, name: str, content: str) -> None:
    put(tmp_path, name, content)
    assert settings(tmp_path) == []


@pytest.mark.parametrize(
    "nested", ["[" * 100_000, '{"a":' * 100_000, "- " * 50_000, "a: " + "[" * 90_000]
)
@pytest.mark.parametrize("name", [AIDER, CONTINUE, "opencode.json", ".tabby/config.toml"])
def test_a_nested_file_says_nothing(tmp_path: Path, name: str, nested: str) -> None:
    """A project's, which anybody may have written."""
    put(tmp_path, name, nested)
    assert settings(tmp_path) == []


def test_the_folder_goes_before_the_home(tmp_path: Path) -> None:
    put(tmp_path, AIDER, "model: mistral/home\n")
    put(tmp_path, f"project/{AIDER}", "model: mistral/folder\n")
    assert [each["model"] for _, each in settings(tmp_path)] == ["folder", "home"]


COMMENTED = """\
// of ours
{
  "model": "openrouter/mistralai/devstral-2512", /* whole */
  "provider": {"openrouter": {"options": {"apiKey": "{env:OPENROUTER_API_KEY}",},},},
}
"""
OPENROUTER = ("chat", {"provider": "openrouter", "model": "mistralai/devstral-2512"})


@pytest.mark.parametrize(
    "name",
    [
        *("project/opencode.json", "project/opencode.jsonc", "project/.opencode/opencode.jsonc"),
        *(".config/opencode/opencode.json", ".config/opencode/opencode.jsonc"),
    ],
)
def test_comments_and_trailing_commas_of_opencode(tmp_path: Path, name: str) -> None:
    put(tmp_path, name, COMMENTED)
    section, own = OPENROUTER
    assert settings(tmp_path) == [(section, {**own, "api_key_env": "OPENROUTER_API_KEY"})]


def test_comments_in_continues_json(tmp_path: Path) -> None:
    put(
        tmp_path,
        ".continue/config.json",
        '\ufeff{"models": [{"provider": "ollama", "model": "AUTODETECT"}], // any\n'
        '"tabAutocompleteModel": [{"provider": "mistral", "model": "codestral-latest", '
        '"apiBase": "https://codestral.mistral.ai/v1"},]}',
    )
    assert settings(tmp_path) == [
        ("fim", {"provider": "codestral", "model": "codestral-latest"}),
        ("chat", {"provider": "ollama"}),
    ]


@pytest.mark.parametrize(
    ("name", "content", "taken"),
    [
        (AIDER, "model: openrouter/mistralai/devstral-2512\n", OPENROUTER),
        (
            AIDER,
            "model: openai/mistralai/devstral\nset-env: [OPENAI_API_BASE=http://box/v1]\n",
            (
                "chat",
                {
                    "provider": "openai_compatible",
                    "base_url": "http://box/v1",
                    "model": "mistralai/devstral",
                },
            ),
        ),
        (
            AIDER,
            "model: openai/mistralai/devstral-2512\nopenai-api-base: https://openrouter.ai/api/v1\n",
            OPENROUTER,
        ),
        (
            "project/opencode.json",
            '{"model": "box/org/m", "provider": {"box": {"npm": "@ai-sdk/openai-compatible", '
            '"options": {"baseURL": "http://box/v1"}}}}',
            (
                "chat",
                {"provider": "openai_compatible", "base_url": "http://box/v1", "model": "org/m"},
            ),
        ),
        (
            TABBY,
            '[model.chat.http]\nkind = "mistral/chat"\nmodel_name = "devstral-latest"\n'
            'api_endpoint = "https://api.mistral.ai/v1"\n',
            ("chat", {"provider": "mistral", "model": "devstral-latest"}),
        ),
    ],
)
def test_the_whole_name_of_a_chat_model_is_taken(
    tmp_path: Path, name: str, content: str, taken: tuple[str, dict[str, str]]
) -> None:
    put(tmp_path, name, content)
    assert settings(tmp_path) == [taken]


def test_one_model_may_fill_gaps_and_chat(tmp_path: Path) -> None:
    put(tmp_path, CONTINUE, "models: [{provider: vllm, model: m, roles: [chat, autocomplete]}]\n")
    both = {"provider": "vllm", "model": "m"}
    assert settings(tmp_path) == [("fim", both), ("chat", both)]


@pytest.mark.parametrize("provider", ["auto", "local", "anthropic"])
def test_no_provider_is_made_up(tmp_path: Path, provider: str) -> None:
    put(tmp_path, CONTINUE, f"models: [{{provider: {provider}, model: m}}]\n")
    assert settings(tmp_path) == []


@pytest.mark.parametrize("name", [AIDER, "project/opencode.json", TABBY])
def test_a_file_that_cannot_be_read_is_passed_over_and_named(tmp_path: Path, name: str) -> None:
    put(tmp_path, name, "{ model: [")
    unread: list[Path] = []
    folder = tmp_path / "project"
    assert [*find_other_tools(tmp_path, tmp_path / ".config", folder, unread.append)] == []
    assert unread == [tmp_path / name]
