"""What users put in the place of a key is named; keys of every vendor pass."""

from __future__ import annotations

import pytest

from devstral_lsp.config.key_text import describe_key_fault

FAULTS = [
    ('"aB3xY9"', "quotation marks"),
    ("'aB3xY9'", "quotation marks"),
    ("“aB3xY9”", "quotation marks"),
    ('aB3xY9"', "quotation marks"),
    ("Bearer aB3xY9", '"Bearer"'),
    ("bearer aB3xY9", '"bearer"'),
    ("Bearer%20aB3xY9", '"Bearer"'),
    ("Authorization: Bearer aB3xY9", '"Authorization"'),
    ("x-api-key: aB3xY9", '"x-api-key"'),
    ("MISTRAL_API_KEY=aB3xY9", "name of a variable"),
    ("export MISTRAL_API_KEY=aB3xY9", "name of a variable"),
    ('{"token": "aB3xY9"}', "JSON"),
    ("$MISTRAL_API_KEY", "placeholder"),
    ("${MISTRAL_API_KEY}", "placeholder"),
    ("$(pass show mistral)", "placeholder"),
    ("%MISTRAL_API_KEY%", "placeholder"),
    ("{env:MISTRAL_API_KEY}", "placeholder"),
    ("${{ secrets.MISTRAL }}", "placeholder"),
    ("<your-key>", "placeholder"),
    ("[insert key]", "placeholder"),
    ("op://vault/mistral/credential", "placeholder"),
    ("your-api-key-here", "placeholder"),
    ("YOUR_MISTRAL_API_KEY", "placeholder"),
    ("your key goes here", "placeholder"),
    ("sk-xxxxxxxxxxxx", "placeholder"),
    ("xxxxxxxx", "placeholder"),
    ("sk-...", "placeholder"),
    ("********", "placeholder"),
    ("changeme", "placeholder"),
    ("none", "placeholder"),
    ("null", "placeholder"),
    ("two words", "that no key has"),
    ("schlüssel", "that no key has"),
]


@pytest.mark.parametrize(("text", "named"), FAULTS)
def test_what_is_no_key_is_named(text: str, named: str) -> None:
    fault = describe_key_fault(text)
    assert named in fault
    assert "aB3xY9" not in fault


@pytest.mark.parametrize(
    "text",
    [
        "aB3" * 10 + "xY",
        "sk-or-v1-0a1b2c3d4e5f60718293a4b5c6d7e8f9",
        "vck_3kdKei29sKEYdkxxxk2",
        "sk-proj-aXXXb_c-D",
        "hf_abcdefghijKLMNOP",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln==",
        "ya29.a0AfH6SMBx-...x9",
        "A1B2C3D4E5F6KEY=",
        "m",
        "a",
        "mistral-key-1",
        "secret-token",
        "1234567890",
    ],
)
def test_a_key_passes(text: str) -> None:
    assert describe_key_fault(text) == ""


@pytest.mark.parametrize("text", ["EMPTY", "none", "sk-no-key-required", "dummy"])
def test_a_server_without_keys_of_its_own_takes_any_word(text: str) -> None:
    assert describe_key_fault(text, may_be_any_word=True) == ""
