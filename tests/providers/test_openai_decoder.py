"""Every form in which an event may say its piece."""

from __future__ import annotations

from typing import Any

import pytest

from devstral_lsp import errors
from devstral_lsp.providers.base import FinishReason
from devstral_lsp.providers.metering import Usage
from devstral_lsp.providers.openai_decoder import (
    ChatDecoder,
    CompletionDecoder,
    ReasonlessDecoder,
    usage_of,
)


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


@pytest.mark.parametrize("index", [0, None])
@pytest.mark.parametrize("has_ids", [True, False])
@pytest.mark.parametrize("at_once", [True, False])
def test_parallel_tool_calls_without_an_index_of_their_own_stay_apart(
    index: int | None, has_ids: bool, at_once: bool
) -> None:
    """Some gateways give each call the index 0, others none."""
    whole = []
    for name in ("one", "two", "two"):
        call = piece(0, "{}", id=f"{name}{len(whole)}" if has_ids else "", name=name)
        whole.append({key: value for key, value in call.items() if key != "index"})
        if index is not None:
            whole[-1]["index"] = index
    reply = ChatDecoder()
    for calls in [whole] if at_once else [[call] for call in whole]:
        reply.read(event(tool_calls=calls))
    found = [call["function"] for call in reply.last().tool_calls]
    assert [(each["name"], each["arguments"]) for each in found] == [
        *(("one", "{}"), ("two", "{}"), ("two", "{}"))
    ]


def test_a_rest_of_arguments_without_index_belongs_to_the_last_call() -> None:
    reply = ChatDecoder()
    for given in ({"name": "one", "arguments": '{"a"'}, {"arguments": ": 1}"},
                  {"name": "two", "arguments": "{"}, {"arguments": "}"}):  # fmt: skip
        reply.read(event(tool_calls=[{"function": given}]))
    found = [call["function"] for call in reply.last().tool_calls]
    assert [(each["name"], each["arguments"]) for each in found] == [
        *(("one", '{"a": 1}'), ("two", "{}"))
    ]


def test_a_name_that_is_repeated_with_each_piece_is_one_call() -> None:
    reply = ChatDecoder()
    for arguments in ('{"a"', ": ", "1}"):
        reply.read(event(tool_calls=[piece(0, arguments, id="A", name="one")]))
        reply.read(event(tool_calls=[piece(1, arguments, name="other")]))
    calls = [call["function"]["arguments"] for call in reply.last().tool_calls]
    assert calls == ['{"a": 1}'] * 2


@pytest.mark.parametrize(
    ("pieces", "text"),
    [
        (("<think>", "hm", "</think>", "\n\nx = 1"), "x = 1"),
        (("<thi", "nk>hm</thi", "nk>x"), "x"),
        (("\n<think>hm <gap>x</gap>",), ""),
        (("<the", "ir>"), "<their>"),
        (("<th",), "<th"),
        (("  x <think>y</think>",), "  x <think>y</think>"),
    ],
)
def test_reasoning_in_tags_is_no_text(pieces: tuple[str, ...], text: str) -> None:
    reply = ReasonlessDecoder()
    read = "".join(reply.read(event(content=each)) for each in pieces)
    assert read + reply.last().text == text


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
