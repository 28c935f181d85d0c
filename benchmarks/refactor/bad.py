"""Ways in which answers go wrong, by script. None of them may change the document.

An elision may be filled in, which `judge` follows up by a way of its own. A reply counts as one
that reached the document if what comes of it is none of these: the old code, the whole new one,
the reply with just those lines of the old code that its elision stands for.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from textwrap import dedent

from benchmarks.refactor.corpus import Snippet
from benchmarks.refactor.good import Reply, diff_of_the_file, tags
from benchmarks.refactor.wordings import WORDINGS
from devstral_lsp.languages import get_language
from devstral_lsp.languages.indentation import indent_of
from devstral_lsp.refactor.parse_reply import ReplyFormat
from devstral_lsp.syntax.tree import LexicalContext, Syntax

Spoil = Callable[[str, Snippet, random.Random], str | None]

TOKENS = ("[SUFFIX]", "<|fim_middle|>", "</s>", "[/INST]", "<|im_end|>", "<｜fim▁end｜>", "<EOT>")
SECRETS = (
    'api_key = "sk-proj-9aBcD3fGh1JkLmN0pQrStUvWxYz4567"',
    'password = "hX7$k2Lm9Qp4Zr8Tn1"',
    'const token = "ghp_16C7e42F292c6912E7710c838347Ae178B4a";',
    "# -----BEGIN RSA PRIVATE KEY-----",
    'aws = "AKIAIOSFODNN7EXAMPLE"',
)


def bad_replies(snippet: Snippet, changes: list[tuple[str, str]], seed: int) -> list[Reply]:
    """One reply of each kind of mistake that this snippet has room for."""
    chance = random.Random(f"{seed} {snippet.index} bad")
    replies = []
    for spoil in SPOILS:
        _, code = chance.choice(changes)
        raw = spoil(code, snippet, chance)
        if raw is not None:
            form = ReplyFormat.SCHEMA if raw.startswith("{") else ReplyFormat.TAGGED
            replies.append(Reply(spoil.__name__, raw, code, form))
    return replies


def _lines(code: str) -> list[str]:
    return code.removesuffix("\n").split("\n")


def _joined(lines: list[str]) -> str:
    return "\n".join(lines) + "\n"


def _comment(snippet: Snippet, words: str) -> str:
    return f"{get_language(snippet.language).line_comment} {words}"


def elided_at_the_end(code: str, snippet: Snippet, chance: random.Random) -> str:
    lines = _lines(code)
    keep = max(2, len(lines) // 3)
    dots = indent_of(lines[keep]) + _comment(snippet, chance.choice(WORDINGS))
    closer = lines[-1:] if lines[-1].strip() == "}" else []
    return tags(_joined([*lines[:keep], dots, *closer]), snippet)


def elided_after_a_new_line(code: str, snippet: Snippet, chance: random.Random) -> str:
    lines = _lines(code)
    indent = indent_of(lines[1]) or "    "
    dots = indent + _comment(snippet, chance.choice(WORDINGS))
    new = indent + ("prepare()" if snippet.language in ("python", "go") else "prepare();")
    return f"```\n{_joined([lines[0], new, dots, lines[-1]])}```"


def elided_by_a_block_comment(code: str, snippet: Snippet, chance: random.Random) -> str | None:
    if snippet.language == "python":
        return None
    lines = _lines(code)
    words = chance.choice(WORDINGS)
    middle = indent_of(lines[1]) + f"/* {words} */"
    return tags(_joined([lines[0], middle, *lines[-1:]]), snippet)


def elided_by_dots(code: str, snippet: Snippet, chance: random.Random) -> str:
    lines = _lines(code)
    at = chance.randrange(1, len(lines) - 1)
    new = lines[at] + ("  # moved" if snippet.language == "python" else " // moved")
    return tags(_joined([*lines[:at], new, indent_of(lines[at]) + "..."]), snippet)


def body_by_pass(code: str, snippet: Snippet, chance: random.Random) -> str | None:
    if snippet.language != "python":
        return None
    head = _head(code)
    indent = indent_of(head[0]) + "    "
    return tags(_joined([*head, f"{indent}pass  # same as before"]), snippet)


def body_by_stub(code: str, snippet: Snippet, chance: random.Random) -> str:
    head = _head(code)
    indent = indent_of(head[0])
    if snippet.language == "python":
        return tags(_joined([*head, f"{indent}    ..."]), snippet)
    return tags(_joined([*head, f"{indent}    {_comment(snippet, '...')}", f"{indent}}}"]), snippet)


def _head(code: str) -> list[str]:
    """The lines up to the one that opens the body."""
    lines = _lines(code)
    end = next((at for at, line in enumerate(lines) if line.rstrip().endswith((":", "{"))), 0)
    return lines[: end + 1]


def cut_in_tags(code: str, snippet: Snippet, chance: random.Random) -> str:
    return tags(code, snippet)[: -chance.randrange(12, len(code))]


def cut_in_a_fence(code: str, snippet: Snippet, chance: random.Random) -> str:
    return f"```{snippet.language}\n{code}"[: -chance.randrange(2, len(code) // 2)]


def cut_in_json(code: str, snippet: Snippet, chance: random.Random) -> str:
    raw = json.dumps({"code": code, "imports": []})
    return raw[: chance.randrange(len(raw) // 4, len(raw) - 18)]


def cut_within_whole_tags(code: str, snippet: Snippet, chance: random.Random) -> str:
    lines = _lines(code)
    return tags(_joined(lines[: max(2, len(lines) // 2)]), snippet)


def cut_and_closed(code: str, snippet: Snippet, chance: random.Random) -> str | None:
    """Cut, and the brackets closed: it parses."""
    lines, head = _lines(code), _head(code)
    if snippet.language == "python":
        return tags(_joined(lines[: len(head) + (len(lines) - len(head)) // 3]), snippet)
    depth, kept = 0, []
    for line in lines[: len(lines) // 2]:
        depth += line.count("{") - line.count("}")
        kept.append(line)
    return tags(_joined([*kept, indent_of(lines[0]) + "}" * depth]), snippet) if depth else None


def plain_and_cut(code: str, snippet: Snippet, chance: random.Random) -> str:
    return code[: len(code) // 2]


def control_token(code: str, snippet: Snippet, chance: random.Random) -> str:
    lines = _lines(code)
    at = chance.randrange(1, len(lines))
    token = chance.choice(TOKENS)
    comment = _comment(snippet, f"done {token}")
    return tags(_joined([*lines[:at], indent_of(lines[at]) + comment, *lines[at:]]), snippet)


def control_token_at_the_end(code: str, snippet: Snippet, chance: random.Random) -> str:
    return tags(code.rstrip() + chance.choice(TOKENS) + "\n", snippet)


def bracket_lost(code: str, snippet: Snippet, chance: random.Random) -> str | None:
    syntax = Syntax.of(code, snippet.language)
    places = [at for at, letter in enumerate(code) if letter in "()[]{}" and _is_bare(code, at)]
    places = [at for at in places if syntax and syntax.inside(at) is LexicalContext.CODE]
    if not places:
        return None
    at = chance.choice(places)
    return tags(code[:at] + code[at + 1 :], snippet)


def _is_bare(code: str, at: int) -> bool:
    """Whether a bracket stands in no string or comment, as far as its line tells."""
    line = code[code.rfind("\n", 0, at) + 1 : code.find("\n", at)]
    return not any(each in line for each in ('"', "'", "`", "$", "//", "#", "*", "\\"))


def block_without_body(code: str, snippet: Snippet, chance: random.Random) -> str | None:
    lines = _lines(code)
    if snippet.language != "python":
        return tags(_joined([*lines, indent_of(lines[0]) + "}"]), snippet)
    last = indent_of(lines[-1]) or "    "
    return tags(_joined([*lines, f"{last}if enabled:"]), snippet)


def indentation_mixed_up(code: str, snippet: Snippet, chance: random.Random) -> str | None:
    if snippet.language != "python":
        return None
    lines = _lines(code)
    before, after = snippet.around
    for at in range(len(_head(code)), len(lines)):
        mixed = _joined([*lines[:at], "  " + lines[at], *lines[at + 1 :]])
        try:
            compile(before + mixed + after, "snippet", "exec", dont_inherit=True)
        except IndentationError:
            return tags(mixed, snippet)
        except SyntaxError:
            continue
    return None


def function_removed(code: str, snippet: Snippet, chance: random.Random) -> str:
    marker = _comment(snippet, "The function is not needed any more.")
    return tags(indent_of(code) + marker + "\n", snippet)


def function_renamed(code: str, snippet: Snippet, chance: random.Random) -> str:
    return tags(code.replace(snippet.name, f"{snippet.name}_renamed"), snippet)


def function_added(code: str, snippet: Snippet, chance: random.Random) -> str:
    return tags(code + "\n" + code.replace(snippet.name, f"{snippet.name}_again"), snippet)


def change_outside(code: str, snippet: Snippet, chance: random.Random) -> str | None:
    before, after = snippet.around
    lines = before.split("\n")
    told = [at for at, line in enumerate(lines) if len(line.split()) > 1]
    if len(told) < 8:
        return None
    lines[told[-3]] += " changed"
    return f"```{snippet.language}\n{chr(10).join(lines)}{code}{after}```\n"


def diff_outside(code: str, snippet: Snippet, chance: random.Random) -> str | None:
    _, after = snippet.around
    told = [line for line in after.split("\n") if len(line.split()) > 1]
    unique = [line for line in told if str(snippet.snapshot.text).count(line) == 1]
    if not unique:
        return None
    hunk = f"@@ -1,1 +1,1 @@\n-{unique[0]}\n+{unique[0]} changed\n"
    return diff_of_the_file(code, snippet) + "\n" + hunk


def diff_of_other_code(code: str, snippet: Snippet, chance: random.Random) -> str:
    return "```diff\n@@ -1,3 +1,3 @@\n one\n-two\n+three\n four\n```"


def secret(code: str, snippet: Snippet, chance: random.Random) -> str:
    lines = _lines(code)
    at = chance.randrange(1, len(lines))
    line = indent_of(lines[at]) + _comment(snippet, chance.choice(SECRETS))
    return tags(_joined([*lines[:at], line, *lines[at:]]), snippet)


def prose(code: str, snippet: Snippet, chance: random.Random) -> str:
    return (
        f"The function {snippet.name} looks fine to me. You could rename some of its variables, "
        "and handle errors earlier.\n\nLet me know if I should do that for you!\n"
    )


def prose_in_tags(code: str, snippet: Snippet, chance: random.Random) -> str:
    return f"<new_code>\n{prose(code, snippet, chance)}</new_code>"


def apology(code: str, snippet: Snippet, chance: random.Random) -> str:
    return "I'm sorry, but I can't help with that."


def nothing(code: str, snippet: Snippet, chance: random.Random) -> str:
    return chance.choice(("", "\n\n", "<new_code>\n</new_code>", "```\n```", "</s>"))


def nothing_in_json(code: str, snippet: Snippet, chance: random.Random) -> str:
    return json.dumps({"code": "", "imports": []})


def conflict_markers(code: str, snippet: Snippet, chance: random.Random) -> str:
    return tags(f"<<<<<<< HEAD\n{snippet.code}=======\n{code}>>>>>>> feature\n", snippet)


def search_without_replace(code: str, snippet: Snippet, chance: random.Random) -> str:
    return f"<<<<<<< SEARCH\n{snippet.code}=======\n{code[: len(code) // 2]}"


def other_language(code: str, snippet: Snippet, chance: random.Random) -> str:
    written = {
        "python": f"function {snippet.name}(items) {{\n  return items.map((x) => x + 1);\n}}\n",
        "rust": f"def {snippet.name}(items):\n    return [item + 1 for item in items]\n",
    }
    return tags(written.get(snippet.language, written["rust"]), snippet)


def other_language_in_a_fence(code: str, snippet: Snippet, chance: random.Random) -> str:
    other = "ruby" if snippet.language == "python" else "python"
    return f"```{other}\ndef {snippet.name}(items)\n  items.map {{ |x| x + 1 }}\nend\n```"


def half_of_the_file(code: str, snippet: Snippet, chance: random.Random) -> str:
    before, _ = snippet.around
    text = before + code
    return f"```{snippet.language}\n{text[: len(before) + len(code) // 2]}\n```"


def code_twice(code: str, snippet: Snippet, chance: random.Random) -> str:
    return tags(code + "\n" + code, snippet)


def with_the_next_function(code: str, snippet: Snippet, chance: random.Random) -> str | None:
    """The lines after the span, repeated from the middle on."""
    lines = [line for line in snippet.around[1].split("\n") if len(line.split()) > 2]
    return tags(code + _joined(lines[1:6]), snippet) if len(lines) > 6 else None


def two_answers(code: str, snippet: Snippet, chance: random.Random) -> str:
    other = code.replace(snippet.code.split("\n")[1], "")
    return tags(code, snippet) + "Or:\n" + tags(other + "\n", snippet)


def only_a_part(code: str, snippet: Snippet, chance: random.Random) -> str:
    """The changed lines alone, as if the rest were understood."""
    lines = _lines(code)
    at = len(lines) // 2
    return f"Change this:\n```{snippet.language}\n{dedent(_joined(lines[at : at + 3]))}```"


def tail_lost(code: str, snippet: Snippet, chance: random.Random) -> str:
    """The last statements gone, and all brackets closed."""
    lines, head = _lines(code), _head(code)
    closer = lines[-1:] if lines[-1].strip()[:1] == "}" else []
    keep = len(head) + max(1, (len(lines) - len(head)) // 3)
    return tags(_joined([*lines[:keep], *closer]), snippet)


def middle_lost(code: str, snippet: Snippet, chance: random.Random) -> str | None:
    lines, head = _lines(code), _head(code)
    third = (len(lines) - len(head)) // 3
    if third < 2:
        return None
    return tags(_joined([*lines[: len(head) + third], *lines[-third:]]), snippet)


def _with_body(code: str, body: str) -> str:
    head = _head(code)
    indent = indent_of(head[0])
    closer = [f"{indent}}}"] if head[-1].rstrip().endswith("{") else []
    return _joined([*head, f"{indent}    {body}", *closer])


def body_that_raises(code: str, snippet: Snippet, chance: random.Random) -> str:
    raises = {
        "python": "raise NotImplementedError",
        "go": 'panic("not implemented")',
        "c": "abort();",
        "javascript": 'throw new Error("not implemented");',
    }
    other = 'throw std::logic_error("todo");'
    if snippet.language == "java":
        other = "throw new UnsupportedOperationException();"
    return tags(_with_body(code, raises.get(snippet.language, other)), snippet)


def body_of_nothing(code: str, snippet: Snippet, chance: random.Random) -> str | None:
    """An empty result in place of all; the original may not be that itself."""
    value = {"python": "return None", "go": "return nil", "java": "return null;"}
    made = _with_body(code, value.get(snippet.language, "return 0;"))
    return tags(made, snippet) if len(_lines(code)) > len(_lines(made)) + 2 else None


def body_by_wording(code: str, snippet: Snippet, chance: random.Random) -> str:
    return tags(_with_body(code, _comment(snippet, chance.choice(WORDINGS))), snippet)


def elided_between(code: str, snippet: Snippet, chance: random.Random) -> str | None:
    """A wording in place of a third of the body."""
    lines, head = _lines(code), _head(code)
    third = (len(lines) - len(head)) // 3
    if third < 2:
        return None
    at = len(head) + third
    words = indent_of(lines[at]) + _comment(snippet, chance.choice(WORDINGS))
    return tags(_joined([*lines[:at], words, *lines[-third:]]), snippet)


def prose_among_the_code(code: str, snippet: Snippet, chance: random.Random) -> str:
    lines = _lines(code)
    return tags(_joined([*lines, "I have also renamed some of the variables for you."]), snippet)


def the_next_function_alone(code: str, snippet: Snippet, chance: random.Random) -> str | None:
    """Code that stands elsewhere in the file."""
    syntax = Syntax.of(snippet.around[1], snippet.language)
    lines = snippet.around[1].split("\n")
    first = next((at for at, line in enumerate(lines) if line.strip()), None)
    if first is None or syntax is None:
        return None
    other = _lines(_joined(lines[first : first + 12]))
    return tags(_joined(other), snippet) if len(" ".join(other).split()) > 12 else None


def comments_alone(code: str, snippet: Snippet, chance: random.Random) -> str:
    return tags("".join(f"{_comment(snippet, line.strip())}\n" for line in _lines(code)), snippet)


def imports_that_are_prose(code: str, snippet: Snippet, chance: random.Random) -> str:
    return json.dumps({"code": code, "imports": ["You need to import the usual modules."]})


def indentation_lost(code: str, snippet: Snippet, chance: random.Random) -> str | None:
    if snippet.language != "python":
        return None
    return tags("".join(f"{line.strip()}\n" for line in _lines(code)), snippet)


SPOILS: tuple[Spoil, ...] = (
    *(elided_at_the_end, elided_after_a_new_line, elided_by_a_block_comment, elided_by_dots),
    *(body_by_pass, body_by_stub),
    *(cut_in_tags, cut_in_a_fence, cut_in_json, cut_within_whole_tags, cut_and_closed),
    *(plain_and_cut, half_of_the_file, only_a_part, search_without_replace),
    *(control_token, control_token_at_the_end, secret, conflict_markers),
    *(bracket_lost, block_without_body, indentation_mixed_up),
    *(function_removed, function_renamed, function_added, code_twice, with_the_next_function),
    *(change_outside, diff_outside, diff_of_other_code, two_answers),
    *(prose, prose_in_tags, apology, nothing, nothing_in_json),
    *(other_language, other_language_in_a_fence),
    *(tail_lost, middle_lost, body_that_raises, body_of_nothing, body_by_wording, elided_between),
    *(prose_among_the_code, the_next_function_alone, comments_alone, imports_that_are_prose),
    *(indentation_lost,),
)
RENAMES = frozenset({"function_renamed", "function_added", "code_twice"})
"""Kinds that are no mistake where an instruction may rename and add definitions."""
