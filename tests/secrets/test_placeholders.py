"""What stands for secrets, and how they come back."""

from __future__ import annotations

import json

import pytest

from devstral_lsp.secrets.placeholders import Placeholders, Restorer
from tests.support.secrets_samples import samples

KEY = b"k" * 16
CODE = 'token = "{}"\nprint("{}")\n'
TOKEN = "gh" + "p_" + "a1B2c3D4e5F6" * 3
PASSWORD = "Tr0ub4dor&3x"
SAMPLES = samples(5)[::7]


def test_a_text_keeps_its_length_and_its_lines() -> None:
    for sample in SAMPLES:
        page = Placeholders(KEY).page()
        (redacted,) = page.redact([sample.text])
        assert len(redacted) == len(sample.text)
        assert redacted.count("\n") == sample.text.count("\n")
        assert page.restore(redacted) == sample.text


def test_a_placeholder_has_the_shape_of_its_secret() -> None:
    placeholder = Placeholders(KEY).of(TOKEN)
    assert placeholder[:4] == TOKEN[:4]
    for one, other in zip(placeholder[4:], TOKEN[4:], strict=True):
        assert one != other
        assert (one.isdigit(), one.isupper()) == (other.isdigit(), other.isupper())


def test_the_same_secret_has_the_same_placeholder_in_a_session() -> None:
    assert Placeholders(KEY).of(TOKEN) == Placeholders(KEY).of(TOKEN)
    assert Placeholders(KEY).of(TOKEN) != Placeholders(b"x" * 16).of(TOKEN)


def test_two_secrets_never_share_one() -> None:
    made = Placeholders(KEY)
    assert len({made.of(f"a{number:04}") for number in range(3_000)}) == 3_000


def test_a_placeholder_is_nothing_that_stands_in_the_text() -> None:
    first = Placeholders(KEY).of("pa55wrd")
    text = f'password = "pa55wrd"\nother = "{first}"\n'
    page = Placeholders(KEY).page()
    (redacted,) = page.redact([text])
    assert redacted.count(first) == 1
    assert page.restore(redacted) == text


def test_what_is_found_once_is_replaced_everywhere() -> None:
    page = Placeholders(KEY).page()
    redacted = page.redact([f'password = "{PASSWORD}"', f"log.info({PASSWORD})"])
    assert not any(PASSWORD in text for text in redacted)


def test_json_within_a_message_stays_json() -> None:
    page = Placeholders(KEY).page()
    code = CODE.format(TOKEN, PASSWORD) + f'password = "{PASSWORD}"\n'
    value = {"content": json.dumps({"code": code}), "image": "data:image/png;base64," + "A1b2" * 9}
    redacted = page.redact_value(value)
    inner = json.loads(redacted["content"])["code"]
    assert TOKEN not in inner
    assert PASSWORD not in inner
    assert redacted["image"] == value["image"]
    assert page.restore_value(redacted) == value


@pytest.mark.parametrize("size", [1, 2, 3, 5, 40])
def test_an_answer_in_pieces(size: int) -> None:
    page = Placeholders(KEY).page()
    text = CODE.format(TOKEN, TOKEN)
    (redacted,) = page.redact([text])
    restorer = Restorer(page.replaced)
    pieces = [redacted[at : at + size] for at in range(0, len(redacted), size)]
    assert "".join([*map(restorer.feed, pieces), restorer.finish()]) == text


@pytest.mark.parametrize("size", range(1, 9))
def test_the_last_letter_of_a_placeholder_may_begin_another(size: int) -> None:
    placeholder, secret = "ghp_Ek06SQsMYOeerDVy99FEoyOewvwJMPSDZYUg", "x" * 40
    text = f'log("{placeholder}")'
    restorer = Restorer({placeholder: secret}, ends_when_broken=True)
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    assert "".join([*map(restorer.feed, pieces), restorer.finish()]) == f'log("{secret}")'
    assert not restorer.is_broken


def test_what_looks_like_the_beginning_of_one_is_given_in_the_end() -> None:
    restorer = Restorer({"abcdef": "secret"})
    assert restorer.feed("x = abc") == "x = "
    assert restorer.feed("d! Or") == "abcd! Or"
    assert restorer.feed("ab") == ""
    assert restorer.finish() == "ab"


def test_an_answer_ends_before_what_is_refused() -> None:
    restorer = Restorer({}, refused=["abcdef"])
    assert restorer.feed("x = abc") == "x = "
    assert restorer.feed("def + 1") == ""
    assert restorer.has_ended
    assert restorer.feed("more") == ""


@pytest.mark.parametrize("cut", [6, 12, 20, 30, 44])
def test_a_cursor_anywhere_in_a_secret(cut: int) -> None:
    text = f'token = "{TOKEN}"\n'
    before, after = Placeholders(KEY).page().redact_around(text[:cut], text[cut:])
    assert (len(before), len(after)) == (cut, len(text) - cut)
    assert not any(TOKEN[at : at + 8] in before + after for at in range(4, len(TOKEN) - 8))


def test_no_secret_is_restored_that_was_not_in_the_request() -> None:
    made = Placeholders(KEY)
    page = made.page()
    page.redact([f'password = "{PASSWORD}"'])
    assert made.of(PASSWORD) in page.replaced
    assert made.page().restore(made.of(PASSWORD)) == made.of(PASSWORD)
