"""The token of a port: where it comes from, and what matches it."""

from __future__ import annotations

import pytest

from devstral_lsp.errors import ConfigError
from devstral_lsp.server.admission import (
    MIN_TOKEN_CHARACTERS,
    AccessToken,
    take_token,
    without_token,
)

GIVEN = "0123456789abcdef" * 2


def test_one_is_made_for_each_start_and_announced() -> None:
    first, second = take_token({}), take_token({"DEVSTRAL_TOKEN": ""})
    assert first.announcement != second.announcement
    assert len(first.announcement) > MIN_TOKEN_CHARACTERS
    assert first.matches(first.announcement)


def test_one_of_the_environment_is_taken_out_of_it_and_not_announced() -> None:
    environ = {"DEVSTRAL_TOKEN": GIVEN, "PATH": "/bin"}
    token = take_token(environ)
    assert environ == {"PATH": "/bin"}
    assert token.matches(GIVEN)
    assert GIVEN not in token.announcement
    assert GIVEN not in repr(token)


@pytest.mark.parametrize(
    "given", ["hunter2", GIVEN[:-1], GIVEN + " ", GIVEN + "\n", "é" * 40, " " * 40]
)
def test_what_keeps_nobody_out_is_refused_without_repeating_it(given: str) -> None:
    environ = {"DEVSTRAL_TOKEN": given}
    with pytest.raises(ConfigError) as caught:
        take_token(environ)
    assert given not in str(caught.value)
    assert environ == {}


@pytest.mark.parametrize(
    "presented", ["", GIVEN[:-1], GIVEN + "x", GIVEN.upper(), "é", "\udc80", "\0", GIVEN * 1000]
)
def test_no_other_token_matches(presented: str) -> None:
    token = take_token({"DEVSTRAL_TOKEN": GIVEN})
    assert isinstance(token, AccessToken)
    assert not token.matches(presented)


@pytest.mark.parametrize(
    ("options", "rest"),
    [
        ({"token": GIVEN, "fim": {"model": "x"}}, {"fim": {"model": "x"}}),
        ({"fim": {"token": 1}}, {"fim": {"token": 1}}),
        (None, None),
        (["token"], ["token"]),
    ],
)
def test_the_token_is_no_setting(options: object, rest: object) -> None:
    assert without_token(options) == rest
