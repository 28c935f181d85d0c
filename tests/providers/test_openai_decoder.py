"""Every form in which an event may say its piece."""

from __future__ import annotations

from typing import Any

import pytest

from devstral_lsp import errors
from devstral_lsp.providers.base import FinishReason, Usage
from devstral_lsp.providers.openai_decoder import ChatDecoder, CompletionDecoder, usage_of


def event(content: Any = "", finish: Any = None, **delta: Any) -> dict[str, Any]:
    return {
        "choices": [{"index": 0, "delta": {"content": content, **delta}, "finish_reason": finish}]
    }


THINKING = {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}], "closed": True}


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("a", "a"),
        ("", ""),
        (None, ""),
        ("\n    a ", "\n    a "),
        ([{"type": "text", "text": "4"}], "4"),
        ([THINKING], ""),
        ([THINKING, {"type": "text", "text": "4"}, {"type": "text", "text": "2"}], "42"),
        ([{"type": "text"}, {"type": "text", "text": None}, "x", None, {"text": "y"}], ""),
    ],
)
def test_content_has_many_forms(content: Any, text: str) -> None:
    assert ChatDecoder().read(event(content)) == text


@pytest.mark.parametrize(
    ("choices", "text"),
    [([], ""), ([{"finish_reason": "stop"}], ""), ([{"delta": None}], ""), ([{"delta": {}}], "")],
)
def test_an_event_may_say_nothing(choices: Any, text: str) -> None:
    assert ChatDecoder().read({"choices": choices}) == text


@pytest.mark.parametrize(
    "stray", [{}, {"choices": None}, {"choices": {}}, {"type": "ping"}, {"choices": "x"}]
)
@pytest.mark.parametrize("decoder", [ChatDecoder, CompletionDecoder])
def test_an_event_without_choices_is_no_part_of_a_completion(
    decoder: type[ChatDecoder], stray: dict[str, Any]
) -> None:
    assert decoder().read(stray) is None


@pytest.mark.parametrize(
    "choice",
    [
        None,
        {"text": "a", "finish_reason": None},
        {"delta": "a"},
        {"delta": {"content": 7}},
        {"delta": {"content": {"text": "a"}}},
        {"delta": {"content": [{"type": "text", "text": 7}]}},
        {"message": {"content": 7}},
    ],
)
def test_a_piece_that_would_leave_a_hole_is_refused(choice: Any) -> None:
    with pytest.raises(errors.InvalidResponse):
        ChatDecoder().read({"choices": [choice]})


@pytest.mark.parametrize("decoder", [ChatDecoder, CompletionDecoder])
def test_a_whole_answer_is_read_like_a_piece(decoder: type[ChatDecoder]) -> None:
    reply = decoder()
    choice = {"message": {"role": "assistant", "content": "a"}, "finish_reason": "stop"}
    assert reply.read({"choices": [choice]}) == "a"
    assert reply.finish is FinishReason.STOP


def test_an_error_as_finish_is_the_servers_trouble() -> None:
    with pytest.raises(errors.ServerOverloaded):
        ChatDecoder().read(event("a", "error"))


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        ({"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}, Usage(3, 2)),
        ({}, Usage()),
        ({"prompt_tokens": None, "completion_tokens": "2", "prompt_audio_seconds": 1}, Usage()),
        ({"prompt_tokens": -1}, Usage()),
        ({"prompt_tokens_details": {"cached_tokens": 960}}, Usage(cached_tokens=960)),
        ({"prompt_token_details": {"cached_tokens": 64}}, Usage(cached_tokens=64)),
        ({"num_cached_tokens": 64, "prompt_tokens_details": None}, Usage(cached_tokens=64)),
        (None, None),
        ("much", None),
    ],
)
def test_usage_is_read_from_wherever_it_stands(usage: Any, expected: Usage | None) -> None:
    reply = ChatDecoder()
    reply.read({**event("a", "stop"), "usage": usage})
    assert reply.last().usage == expected


def test_usage_may_come_by_itself_after_the_finish() -> None:
    reply = ChatDecoder()
    reply.read(event("a", "stop"))
    reply.read({"choices": [], "usage": {"prompt_tokens": 3}})
    reply.read({"choices": [], "usage": None})
    assert reply.last().usage == Usage(prompt_tokens=3)
    assert reply.last().finish is FinishReason.STOP


def test_usage_may_come_without_choices() -> None:
    reply = ChatDecoder()
    assert reply.read({"usage": {"prompt_tokens": 3}}) == ""
    assert reply.last().usage == Usage(prompt_tokens=3)


def test_without_a_finish_an_answer_is_truncated() -> None:
    reply = ChatDecoder()
    reply.read(event("a"))
    reply.read(event("a", ""))
    assert reply.finish is None
    assert reply.last().finish is FinishReason.INCOMPLETE


def piece(index: int | None, arguments: Any, **more: Any) -> dict[str, Any]:
    numbered = {} if index is None else {"index": index}
    name = more.pop("name", None)
    return {**numbered, **more, "function": {"name": name, "arguments": arguments}}


def test_tool_calls_are_joined_by_index() -> None:
    reply = ChatDecoder()
    reply.read(event(tool_calls=[piece(1, '{"a"', id="B", name="two"), piece(0, "{}", id="A")]))
    reply.read(event(tool_calls=[piece(1, ": 1}", id="B"), piece(0, None, name="one")]))
    calls = [(call["id"], call["function"]) for call in reply.last().tool_calls]
    assert calls == [
        ("A", {"name": "one", "arguments": "{}"}),
        ("B", {"name": "two", "arguments": '{"a": 1}'}),
    ]


def test_arguments_may_be_an_object_and_the_index_absent() -> None:
    reply = ChatDecoder()
    reply.read(event(None, "tool_calls", tool_calls=[piece(None, {"a": "é"}, name="one")]))
    (call,) = reply.last().tool_calls
    assert call["function"] == {"name": "one", "arguments": '{"a": "é"}'}


@pytest.mark.parametrize("calls", [None, {}, [None], [{}], [{"function": "x"}]])
def test_calls_that_are_none_are_passed_over(calls: Any) -> None:
    reply = ChatDecoder()
    reply.read(event("a", tool_calls=calls))
    assert reply.last().tool_calls == ()


def test_zeros_do_not_hide_the_count() -> None:
    reply = CompletionDecoder()
    for tokens in (0, 21, 0):
        reply.read({"choices": [{"text": "a"}], "usage": {"prompt_tokens": tokens}})
    assert reply.last().usage == Usage(prompt_tokens=21)


# Text completions


@pytest.mark.parametrize(
    ("choice", "text"),
    [
        ({"text": "a", "finish_reason": None}, "a"),
        ({"text": None}, ""),
        ({"finish_reason": "stop"}, ""),
        ({"delta": {"content": "a"}}, "a"),
    ],
)
def test_a_text_completion_holds_its_text_in_the_choice(choice: Any, text: str) -> None:
    assert CompletionDecoder().read({"choices": [choice]}) == text


@pytest.mark.parametrize("choices", [[1], [None], [{"text": 7}], [{"text": ["a"]}]])
def test_what_is_no_text_completion_is_refused(choices: Any) -> None:
    with pytest.raises(errors.InvalidResponse):
        CompletionDecoder().read({"choices": choices})


@pytest.mark.parametrize("reason", ["abort", "error"])
def test_an_end_that_is_a_failure_is_raised(reason: str) -> None:
    with pytest.raises(errors.ServerOverloaded):
        CompletionDecoder().read({"choices": [{"text": "", "finish_reason": reason}]})


@pytest.mark.parametrize("reason", [7, {}, [], ""])
def test_an_end_that_is_no_word_is_none(reason: Any) -> None:
    reply = CompletionDecoder()
    reply.read({"choices": [{"text": "a", "finish_reason": reason}]})
    assert reply.finish is None


def test_counts_that_no_computer_calculates_with_are_none() -> None:
    assert usage_of({"prompt_tokens": 10**400, "completion_tokens": 3}) == Usage(0, 3)


def test_too_many_tool_calls_are_no_answer() -> None:
    reply = ChatDecoder()
    calls = [{"index": at, "function": {"name": "x", "arguments": ""}} for at in range(1000)]
    with pytest.raises(errors.InvalidResponse, match="128 tools"):
        reply.read({"choices": [{"delta": {"tool_calls": calls}}]})
