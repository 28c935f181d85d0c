"""What is sent back to the model keeps to the wire's rules and to a budget."""

from __future__ import annotations

import re

import pytest

from devstral_lsp.refactor.task.conversation import LEFT_OUT, Conversation


def _call(name: str, arguments: object, identity: str = "call_abc") -> dict[str, object]:
    return {"id": identity, "type": "function", "function": {"name": name, "arguments": arguments}}


def test_ids_are_nine_letters_and_all_different() -> None:
    talk = Conversation("s", "u", 1000)
    calls = talk.add_assistant("", [_call("a", "{}"), _call("b", "{}")])
    for call in calls:
        talk.add_tool_result(call, "done")
    assistant, first, second = talk.messages[2:]
    sent = [call["id"] for call in assistant["tool_calls"]]
    assert all(re.fullmatch(r"[a-zA-Z0-9]{9}", identity) for identity in sent)
    assert [first["tool_call_id"], second["tool_call_id"]] == sent
    assert len(set(sent)) == 2


@pytest.mark.parametrize("function", [None, "list_files", {}, {"name": None}])
def test_a_call_without_a_name_calls_nothing(function: object) -> None:
    (call,) = Conversation("s", "u", 1000).add_assistant("", [{"id": "1", "function": function}])
    assert (call.name, call.arguments) == ("", None)


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ('{"path": "a"}', {"path": "a"}),
        ({"path": "a"}, {"path": "a"}),
        ("[1]", None),
        ("{", None),
        ("", None),
        (None, None),
        ("[" * 100_000, None),
    ],
)
def test_arguments_come_as_text_or_object(given: object, read: object) -> None:
    (call,) = Conversation("s", "u", 1000).add_assistant("", [_call("a", given)])
    assert call.arguments == read


def test_the_oldest_answers_make_room_and_the_newest_stay() -> None:
    talk = Conversation("s", "u", 1000)
    for number in range(20):
        (call,) = talk.add_assistant("", [_call("read_file", "{}")])
        talk.add_tool_result(call, f"{number:02}" * 500)
    contents = [each["content"] for each in talk.messages if each["role"] == "tool"]
    assert contents[0] == LEFT_OUT
    assert all(content != LEFT_OUT for content in contents[-4:])
    assert len(contents) == 20


def test_nothing_is_left_out_while_there_is_room() -> None:
    talk = Conversation("s", "u", 1000)
    for _ in range(6):
        (call,) = talk.add_assistant("", [_call("read_file", "{}")])
        talk.add_tool_result(call, "short")
    assert LEFT_OUT not in [each["content"] for each in talk.messages]
