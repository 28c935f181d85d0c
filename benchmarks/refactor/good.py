"""Forms in which a good answer comes, by script. All say the same code; none is left out of it."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from difflib import unified_diff
from textwrap import dedent

from benchmarks.refactor.corpus import Snippet
from devstral_lsp.languages import get_language
from devstral_lsp.refactor.parse_reply import ReplyFormat


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model says, and what it means the span to read."""

    kind: str
    raw: str
    wanted: str
    form: ReplyFormat = ReplyFormat.TAGGED


Shape = Callable[[str, Snippet], str | None]


def good_replies(snippet: Snippet, changes: list[tuple[str, str]], seed: int) -> list[Reply]:
    """One reply of each form, each with a change of its own."""
    chance = random.Random(f"{seed} {snippet.index} good")
    replies = []
    for shape in SHAPES:
        _, code = chance.choice(changes)
        raw = shape(code, snippet)
        if raw is not None:
            form = ReplyFormat.SCHEMA if "json" in shape.__name__ else ReplyFormat.TAGGED
            replies.append(Reply(shape.__name__, raw, code, form))
    return replies


def tags(code: str, snippet: Snippet) -> str:
    return f"<new_code>\n{code}</new_code>\n"


def tags_without_last_newline(code: str, snippet: Snippet) -> str:
    return f"<new_code>\n{code.rstrip()}</new_code>"


def tags_and_prose(code: str, snippet: Snippet) -> str:
    return f"I will do that now:\n\n{tags(code, snippet)}\nThis keeps what the code does."


def tags_around_a_fence(code: str, snippet: Snippet) -> str:
    return f"<new_code>\n```{snippet.language}\n{code}```\n</new_code>"


def tags_after_thoughts(code: str, snippet: Snippet) -> str:
    return f"<think>Shall I write <new_code>? Yes.</think>\n{tags(code, snippet)}"


def plain(code: str, snippet: Snippet) -> str:
    return code


def fenced(code: str, snippet: Snippet) -> str:
    return f"```{snippet.language}\n{code}```\n"


def fence_and_prose(code: str, snippet: Snippet) -> str:
    return f"Sure! Here is the improved code:\n\n```\n{code}```\n\nI renamed what was unclear."


def fence_with_a_command(code: str, snippet: Snippet) -> str:
    return f"{fence_and_prose(code, snippet)}\nRun the tests:\n\n```bash\nmake test\n```\n"


def fence_before_and_after(code: str, snippet: Snippet) -> str:
    lang = snippet.language
    return f"Before:\n```{lang}\n{snippet.code}```\nAfter:\n```{lang}\n{code}```\n"


def at_the_margin(code: str, snippet: Snippet) -> str:
    return tags(dedent(code), snippet)


def further_in(code: str, snippet: Snippet) -> str:
    lines = [f"        {line}" if line.strip() else line for line in dedent(code).split("\n")]
    return f"<new_code>\n{chr(10).join(lines)}</new_code>"


def first_line_at_the_margin(code: str, snippet: Snippet) -> str:
    return f"<new_code>\n{code.lstrip()}</new_code>"


def json_object(code: str, snippet: Snippet) -> str:
    return json.dumps({"code": code, "imports": []})


def json_in_a_fence(code: str, snippet: Snippet) -> str:
    return f"```json\n{json.dumps({'imports': [], 'code': code.rstrip()}, indent=2)}\n```"


def json_with_raw_newlines(code: str, snippet: Snippet) -> str:
    escaped = json.dumps(code).replace("\\n", "\n") if "\\\\n" not in json.dumps(code) else None
    return f'Here: {{"code": {escaped or json.dumps(code)}, "imports": []}}'


def json_with_a_fence_inside(code: str, snippet: Snippet) -> str:
    return json.dumps({"code": f"```{snippet.language}\n{code}```", "imports": []})


def crlf(code: str, snippet: Snippet) -> str:
    return tags(code, snippet).replace("\n", "\r\n")


def whole_file(code: str, snippet: Snippet) -> str:
    before, after = snippet.around
    return f"```{snippet.language}\n{before}{code}{after}```\n"


def whole_file_in_tags(code: str, snippet: Snippet) -> str:
    before, after = snippet.around
    return f"<new_code>\n{before}{code}{after}</new_code>\n"


def lines_around(code: str, snippet: Snippet) -> str:
    before, after = snippet.around
    above = "".join(before.splitlines(keepends=True)[-3:])
    below = "".join(after.splitlines(keepends=True)[:3])
    return f"<new_code>\n{above}{code}{below}</new_code>\n"


def line_numbers(code: str, snippet: Snippet) -> str:
    first = snippet.around[0].count("\n") + 1
    lines = code.removesuffix("\n").split("\n")
    return tags("".join(f"{first + at:5} | {line}\n" for at, line in enumerate(lines)), snippet)


def trimmed_lines(code: str, snippet: Snippet) -> str:
    return tags("".join(f"{line.rstrip()}\n" for line in code.strip("\n").split("\n")), snippet)


def diff(code: str, snippet: Snippet) -> str:
    lines = unified_diff(snippet.code.splitlines(), code.splitlines(), "a/x", "b/x", lineterm="")
    return "```diff\n" + "\n".join(lines) + "\n```\n"


def diff_of_the_file(code: str, snippet: Snippet) -> str:
    before, after = snippet.around
    old, new = before + snippet.code + after, before + code + after
    lines = unified_diff(old.splitlines(), new.splitlines(), "a/x", "b/x", lineterm="", n=8)
    return "\n".join(lines)


def search_and_replace(code: str, snippet: Snippet) -> str:
    return f"<<<<<<< SEARCH\n{snippet.code}=======\n{code}>>>>>>> REPLACE\n"


def elided_where_clear(code: str, snippet: Snippet) -> str | None:
    """The last lines, which did not change and follow a line that stands once, left out."""
    lines, old = code.removesuffix("\n").split("\n"), snippet.code.removesuffix("\n").split("\n")
    marker = get_language(snippet.language).line_comment
    for keep in range(len(lines) - 3, 2, -1):
        rest = lines[keep:]
        last = lines[keep - 1]
        told = [line.strip() for line in old]
        clear = told.count(last.strip()) == 1 and len(last.split()) > 1
        if clear and old[-len(rest) - 1 :] == [last, *rest]:
            return tags("\n".join([*lines[:keep], f"{marker} ... rest unchanged", ""]), snippet)
    return None


SHAPES: tuple[Shape, ...] = (
    *(tags, tags_without_last_newline, tags_and_prose, tags_around_a_fence, tags_after_thoughts),
    *(plain, fenced, fence_and_prose, fence_with_a_command, fence_before_and_after),
    *(at_the_margin, further_in, first_line_at_the_margin, trimmed_lines, line_numbers, crlf),
    *(json_object, json_in_a_fence, json_with_raw_newlines, json_with_a_fence_inside),
    *(whole_file, whole_file_in_tags, lines_around),
    *(diff, diff_of_the_file, search_and_replace, elided_where_clear),
)
