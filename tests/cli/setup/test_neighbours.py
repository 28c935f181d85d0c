"""What is understood of other tools' settings, file by file. The whole way is in test_init.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from devstral_lsp.cli.setup.neighbours import found

CONTINUE, AIDER = ".continue/config.yaml", ".aider.conf.yml"
OPENCODE, TABBY = ".config/opencode/opencode.json", ".tabby/config.toml"


def settings(home: Path) -> list[tuple[str, dict[str, str]]]:
    folder = home / "project"
    return [(each.section, each.settings) for each in found(home, home / ".config", folder)]


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


def test_the_folder_goes_before_the_home(tmp_path: Path) -> None:
    put(tmp_path, AIDER, "model: mistral/home\n")
    put(tmp_path, f"project/{AIDER}", "model: mistral/folder\n")
    assert [each["model"] for _, each in settings(tmp_path)] == ["folder", "home"]
