from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devstral_lsp.refactor.parse_reply import (
    ParsedReply,
    ReplyFormat,
    UnusableReply,
    format_instructions,
    parse,
    response_format,
)
from devstral_lsp.refactor.types import DiagnosticSeverity, RefactorRefused, ReplyKind

BEFORE = """\
import os

LIMIT = 3


class Shop:
    \"\"\"Sells things.\"\"\"

    name = "corner"

"""
ORIGINAL = """\
    def total(self, items):
        price = 0
        for item in items:
            price += item.cost

        return price
"""
AFTER = """\

    def close(self):
        self.open = False
"""
WANTED = """\
    def total(self, items):
        total_price = 0
        for item in items:
            total_price += item.cost

        return total_price
"""
MARGIN = "\n".join(line[4:] for line in WANTED.split("\n"))


def read(
    raw: str, form: ReplyFormat = ReplyFormat.TAGGED, answer: ReplyKind = ReplyKind.CODE
) -> ParsedReply:
    return parse(raw, form, answer, ORIGINAL, "python", around=(BEFORE, AFTER))


def refusal(
    raw: str, form: ReplyFormat = ReplyFormat.TAGGED, answer: ReplyKind = ReplyKind.CODE
) -> str:
    with pytest.raises(UnusableReply) as caught:
        read(raw, form, answer)
    assert isinstance(caught.value, RefactorRefused)
    for line in (ORIGINAL + raw).split("\n"):
        assert len(line) < 20 or line.strip() not in str(caught.value)
    return str(caught.value)


def numbered(code: str, mark: str) -> str:
    lines = code.removesuffix("\n").split("\n")
    return "".join(f"{at:4}{mark}{line}\n" for at, line in enumerate(lines, 11))


GOOD = {
    "tags": f"<new_code>\n{WANTED}</new_code>",
    "tags, prose on both sides": f"Sure.\n<new_code>\n{WANTED}</new_code>\nI renamed it.",
    "tags, no final newline": f"<new_code>\n{WANTED.rstrip()}</new_code>",
    "tags, code on the tag's line": f"<new_code>{WANTED}</new_code>",
    "tags around a fence": f"<new_code>\n```python\n{WANTED}```\n</new_code>",
    "the same twice": f"<new_code>\n{WANTED}</new_code>\n<new_code>\n{WANTED}</new_code>",
    "after thoughts": f"<think>\nWhat of <new_code>?\n</think>\n<new_code>\n{WANTED}</new_code>",
    "after Mistral's thoughts": f"[THINK]```x```[/THINK]<new_code>\n{WANTED}</new_code>",
    "control token after the tags": f"<new_code>\n{WANTED}</new_code></s>",
    "plain": WANTED,
    "plain, at the margin": MARGIN,
    "CRLF": f"<new_code>\n{WANTED}</new_code>".replace("\n", "\r\n"),
    "fence": f"```python\n{WANTED}```",
    "fence without a language": f"```\n{WANTED}```\n",
    "tildes": f"~~~python\n{WANTED}~~~\n",
    "long fence": f"`````python\n{WANTED}`````\n",
    "fence and prose": f"Here:\n\n```py\n{WANTED}```\n\nDone.",
    "fence and a command": f"```python\n{WANTED}```\nThen:\n```bash\nmake test\n```",
    "before and after": f"Old:\n```python\n{ORIGINAL}```\nNew:\n```python\n{WANTED}```",
    "fence and a use of it": f"```python\n{WANTED}```\n```python\nShop().total([])\n```",
    "fences nested": f"```markdown\n```python\n{WANTED}```\n```",
    "at the margin": f"<new_code>\n{MARGIN}</new_code>",
    "further in": "<new_code>\n"
    + WANTED.replace("    def", "      def").replace("\n  ", "\n    ")
    + "</new_code>",
    "only the first line at the margin": f"<new_code>\n{WANTED.lstrip()}</new_code>",
    "tabs": "<new_code>\n" + WANTED.replace("    ", "\t") + "</new_code>",
    "blank lines around": f"<new_code>\n\n\n{WANTED}\n\n</new_code>",
    "numbered with bars": f"<new_code>\n{numbered(WANTED, ' | ')}</new_code>",
    "numbered with colons": f"<new_code>\n{numbered(WANTED, ': ')}</new_code>",
    "numbered with tabs": f"<new_code>\n{numbered(WANTED, chr(9))}</new_code>",
    "the whole file": f"```python\n{BEFORE}{WANTED}{AFTER}```",
    "the whole file, plain": BEFORE + WANTED + AFTER,
    "with the lines around": f'<new_code>\n    name = "corner"\n\n{WANTED}{AFTER}</new_code>',
    "with the class around": f"<new_code>\nclass Shop:\n{WANTED}</new_code>",
    "JSON": json.dumps({"code": WANTED, "imports": []}),
    "JSON, code alone": json.dumps({"code": WANTED}),
    "JSON, imports null": json.dumps({"code": WANTED, "imports": None}),
    "JSON in a fence": f"```json\n{json.dumps({'code': WANTED}, indent=1)}\n```",
    "JSON and prose": f"Here {{it}} is: {json.dumps({'code': WANTED})} Done.",
    "JSON with line ends as they are": '{"code": "' + WANTED.replace('"', '\\"') + '"}',
    "JSON with a fence inside": json.dumps({"code": f"```python\n{WANTED}```"}),
    "JSON, escaped twice": json.dumps({"code": json.dumps(WANTED)[1:-1]}),
    "a diff": """\
```diff
--- a/shop.py
+++ b/shop.py
@@ -11,6 +11,6 @@ class Shop:
     def total(self, items):
-        price = 0
+        total_price = 0
         for item in items:
-            price += item.cost
+            total_price += item.cost

-        return price
+        return total_price
```""",
    "a diff without numbers, at the margin": """\
@@ @@
-    price = 0
+    total_price = 0
     for item in items:
-        price += item.cost
+        total_price += item.cost
@@ @@
-    return price
+    return total_price
""",
    "search and replace": """\
<<<<<<< SEARCH
        price = 0
        for item in items:
            price += item.cost
=======
        total_price = 0
        for item in items:
            total_price += item.cost
>>>>>>> REPLACE

<<<<<<< SEARCH
        return price
=======
        return total_price
>>>>>>> REPLACE
""",
}


@pytest.mark.parametrize("raw", GOOD.values(), ids=GOOD)
def test_the_code_is_found_in_any_form(raw: str) -> None:
    form = ReplyFormat.SCHEMA if "{" in raw else ReplyFormat.TAGGED
    assert read(raw, form) == ParsedReply(code=WANTED)


@pytest.mark.parametrize("raw", GOOD.values(), ids=GOOD)
def test_it_does_not_matter_which_form_was_asked_for(raw: str) -> None:
    assert read(raw, ReplyFormat.SCHEMA) == read(raw, ReplyFormat.TAGGED)


BAD = {
    "empty": ("", "empty"),
    "blank": (" \n\n", "empty"),
    "prose": ("I would not change that code at all, it is fine.", "no code"),
    "an apology in Markdown": ("# Sorry\n\n- I *cannot* do that.", "no code"),
    "an unclosed tag": (f"<new_code>\n{WANTED}", "before its end"),
    "half a closing tag": (f"<new_code>\n{WANTED}</new_co", "before its end"),
    "an unclosed fence": (f"```python\n{WANTED}", "before the end"),
    "an unclosed fence in tags": (f"<new_code>\n```python\n{WANTED}</new_code>", "before the end"),
    "cut JSON": (json.dumps({"code": WANTED})[:-20], "before its end"),
    "JSON without code": (json.dumps({"imports": ["import re"]}), "no code"),
    "JSON of other types": (json.dumps({"code": ["a", "b"]}), "form that was asked for"),
    "two answers": (
        f"<new_code>\n{WANTED}</new_code>\n<new_code>\nx\n</new_code>",
        "more than once",
    ),
    "two blocks": ("```python\na = 1\n```\nor\n```python\nb = 2\n```", "several blocks"),
    "a block of another language": ("```ruby\ndef total(items)\n  1\nend\n```", "another prog"),
    "control token": (f"<new_code>\n{WANTED}[SUFFIX]\n</new_code>", "control tokens"),
    "end of text": (f"<new_code>\n{WANTED.rstrip()}</s>\n</new_code>", "control tokens"),
    "another family's token": (f"<new_code>\n{WANTED}<|fim_middle|></new_code>", "control tokens"),
    "a whole file that is changed elsewhere": (
        f"```python\n{BEFORE.replace('LIMIT = 3', 'LIMIT = 4')}{WANTED}{AFTER}```",
        "outside the selection",
    ),
    "a whole file that ends early": (f"```python\n{BEFORE}{WANTED}```", "outside the selection"),
    "a diff of other lines": ("@@ -1,2 +1,2 @@\n one\n-two\n+three\n", "does not have"),
    "a diff outside": ("@@ -1 +1 @@\n-LIMIT = 3\n+LIMIT = 4\n", "outside the selection"),
    "a diff that fits twice": ("@@ @@\n-\n+x\n", "where it belongs"),
    "search without replace": ("<<<<<<< SEARCH\n        price = 0\n=======\n", "before the end"),
    "search that is not there": (
        "<<<<<<< SEARCH\n    nothing\n=======\n    x\n>>>>>>> REPLACE",
        "does not have",
    ),
}


@pytest.mark.parametrize(("raw", "words"), BAD.values(), ids=BAD)
def test_a_reply_that_cannot_be_trusted_is_refused_with_the_reason(raw: str, words: str) -> None:
    assert words in refusal(raw)
    assert words in refusal(raw, ReplyFormat.SCHEMA)


@pytest.mark.parametrize("end", range(1, 12))
def test_a_reply_that_was_cut_off_anywhere_gives_no_part_of_the_code(end: int) -> None:
    for raw in (GOOD["tags"], GOOD["JSON"], GOOD["fence"]):
        cut = raw[: len(raw) * end // 12]
        refusal(cut)


def test_a_token_that_the_document_speaks_of_is_code() -> None:
    original = 'STOP = "[SUFFIX]"\n'
    raw = '<new_code>\nSTOPS = ["[SUFFIX]"]\n</new_code>'
    assert (
        parse(raw, ReplyFormat.TAGGED, ReplyKind.CODE, original, "python").code
        == 'STOPS = ["[SUFFIX]"]\n'
    )


def test_a_list_of_one_name_is_no_token() -> None:
    raw = "<new_code>\nSUFFIX = 1\nends = [SUFFIX]\n</new_code>"
    assert parse(raw, ReplyFormat.TAGGED, ReplyKind.CODE, "ends = []\n", "python").code is not None


def test_imports_of_a_whole_file_are_set_apart() -> None:
    raw = "import os\nimport re\n" + BEFORE.removeprefix("import os\n") + WANTED + AFTER
    assert read(f"```\n{raw}```") == ParsedReply(code=WANTED, imports=("import re",))


def test_imports_before_the_code_are_set_apart() -> None:
    original = "def f():\n    pass\n"
    raw = "<new_code>\nimport re\n\ndef f():\n    return re\n</new_code>"
    parsed = parse(raw, ReplyFormat.TAGGED, ReplyKind.CODE, original, "python")
    assert parsed == ParsedReply(code="def f():\n    return re\n", imports=("import re",))


def test_imports_in_their_own_place() -> None:
    tagged = f"<new_code>\n{WANTED}</new_code>\n<imports>\nimport re\nfrom a import b\n</imports>"
    held = json.dumps({"code": WANTED, "imports": ["import re", "from a import b"]})
    expected = ParsedReply(code=WANTED, imports=("import re", "from a import b"))
    assert read(tagged) == read(held) == expected


def test_an_empty_answer_is_an_answer() -> None:
    assert read('{"code": "", "imports": []}') == ParsedReply(code="")


def test_strings_keep_their_lines_when_code_is_moved() -> None:
    original = '    def f(self):\n        x = """\nat the margin\n"""\n        return x\n'
    raw = 'def f(self):\n    y = """\nat the margin\n"""\n    return y\n'
    expected = '    def f(self):\n        y = """\nat the margin\n"""\n        return y\n'
    read_ = parse(
        f"<new_code>\n{raw}</new_code>", ReplyFormat.TAGGED, ReplyKind.CODE, original, "python"
    )
    assert read_.code == expected


def test_preprocessor_lines_stay_at_the_margin() -> None:
    original = "  {\n#pragma once\n    a();\n  }\n"
    raw = "<new_code>\n{\n#pragma once\n  b();\n}\n</new_code>"
    read_ = parse(raw, ReplyFormat.TAGGED, ReplyKind.CODE, original, "c")
    assert read_.code == "  {\n#pragma once\n    b();\n  }\n"


def test_markdown_documents_hold_fences_of_their_own() -> None:
    original = "# A\n\n```sh\nmake\n```\n\nText.\n"
    wanted = "# B\n\n```sh\nmake all\n```\n\nText.\n"
    for raw in (wanted, f"````markdown\n{wanted}````", f"<new_code>\n{wanted}</new_code>"):
        assert parse(raw, ReplyFormat.TAGGED, ReplyKind.CODE, original, "markdown").code == wanted


def test_a_document_of_json_may_have_our_members() -> None:
    original = '{"code": "a", "files": []}\n'
    held = json.dumps({"code": '{"code": "b", "files": []}\n', "imports": []})
    assert parse(held, ReplyFormat.SCHEMA, ReplyKind.CODE, original, "json").code == (
        '{"code": "b", "files": []}\n'
    )


class TestFiles:
    def test_files_come_beside_the_code_or_alone(self) -> None:
        held = {"code": None, "imports": [], "files": [{"path": "tests/test_a.py", "code": "a\n"}]}
        tagged = '<file path="tests/test_a.py">\na\n</file>'
        for raw in (json.dumps(held), tagged):
            parsed = read(raw, answer=ReplyKind.FILES)
            assert parsed.code is None
            assert [(path, code.strip()) for path, code in parsed.files] == [
                ("tests/test_a.py", "a")
            ]

    def test_with_code(self) -> None:
        raw = f'<new_code>\n{WANTED}</new_code>\n<file path="./a.py">\n```python\nb\n```\n</file>'
        parsed = read(raw, answer=ReplyKind.FILES)
        assert (parsed.code, parsed.files) == (WANTED, (("a.py", "b"),))

    @pytest.mark.parametrize(
        "raw",
        [
            '<file path="/etc/passwd">\na\n</file>',
            '<file path="../a.py">\na\n</file>',
            '<file path="C:/a.py">\na\n</file>',
            '<file path="a.py">\na\n',
            '<file path="a.py">\na\n# ... rest unchanged\n</file>',
            '<file path="a.py">\na[/INST]\n</file>',
            '{"files": [{"path": "a.py"}]}',
            "Nothing to do.",
        ],
    )
    def test_what_is_refused(self, raw: str) -> None:
        refusal(raw, answer=ReplyKind.FILES)


class TestMarkdown:
    @pytest.mark.parametrize(
        "raw",
        [
            "It **adds**.",
            '{"markdown": "It **adds**."}',
            "```markdown\nIt **adds**.\n```",
            "It **adds**.</s>",
        ],
    )
    def test_prose_in_any_form(self, raw: str) -> None:
        assert read(raw, answer=ReplyKind.MARKDOWN).markdown == "It **adds**."

    def test_fences_in_it_stay(self) -> None:
        raw = "See:\n```python\na\n```\nand\n```python\nb\n```"
        assert read(raw, answer=ReplyKind.MARKDOWN).markdown == raw

    def test_nothing(self) -> None:
        refusal('{"markdown": ""}', answer=ReplyKind.MARKDOWN)


class TestFindings:
    HELD = (
        {"first_line": 2, "last_line": 3, "severity": "error", "message": "Wrong."},
        {"first_line": "4", "severity": "odd", "message": "Slow."},
        {"first_line": 5, "last_line": 99, "severity": "hint", "message": "Long."},
        {"first_line": 99, "severity": "hint", "message": "Out of reach."},
        {"first_line": None, "message": "Nowhere."},
        {"first_line": 1, "message": ""},
    )

    def test_those_about_lines_that_were_shown(self) -> None:
        parsed = read(json.dumps({"findings": self.HELD}), ReplyFormat.SCHEMA, ReplyKind.FINDINGS)
        found = [(x.first_line, x.last_line, x.severity, x.message) for x in parsed.findings]
        assert found == [
            (2, 3, DiagnosticSeverity.ERROR, "Wrong."),
            (4, 4, DiagnosticSeverity.WARNING, "Slow."),
            (5, 6, DiagnosticSeverity.HINT, "Long."),
        ]

    def test_tagged(self) -> None:
        raw = '<finding first_line="2" last_line="3" severity="error">Wrong.</finding>'
        (found,) = read(raw, answer=ReplyKind.FINDINGS).findings
        assert (found.first_line, found.last_line, found.message) == (2, 3, "Wrong.")

    def test_none(self) -> None:
        assert read('{"findings": []}', answer=ReplyKind.FINDINGS).findings == ()

    def test_prose_is_no_finding(self) -> None:
        refusal("All good!", answer=ReplyKind.FINDINGS)


@pytest.mark.parametrize("answer", ReplyKind)
def test_the_schema_names_what_is_read(answer: ReplyKind) -> None:
    held = response_format(answer)
    schema = held["json_schema"]["schema"]
    assert held["type"] == "json_schema"
    assert schema["required"] == list(schema["properties"])
    for member in schema["properties"]:
        assert member in format_instructions(ReplyFormat.SCHEMA, answer)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            (
                *("<new_code>", "</new_code>", "```", "```python", "\n", "{", '"code":', '"', "}"),
                *("<<<<<<< SEARCH", "=======", ">>>>>>> REPLACE", "# ...", "\r\n", "\ud83d"),
                *("    def total(self, items):", "        price = 0", "<file path='a'>", "12: "),
                *("@@", "+", "-", "x"),
            )
        ),
        max_size=14,
    ).map("".join),
    st.sampled_from(ReplyFormat),
    st.sampled_from(ReplyKind),
)
def test_any_reply_is_read_or_refused(raw: str, form: ReplyFormat, answer: ReplyKind) -> None:
    try:
        parsed = read(raw, form, answer)
    except UnusableReply:
        return
    assert "\r" not in (parsed.code or "")


@pytest.mark.parametrize(
    "raw",
    [
        "<new_code>\n```sh\nmake\n```\n\nText.\n</new_code>",
        "```sh\nmake\n```\n\nText.\n",
        "```markdown\n```sh\nmake\n```\n\nText.\n```",
        "Here:\n\n```md\n```sh\nmake\n```\n\nText.\n```\n",
    ],
)
def test_a_fence_that_is_new_in_markdown_is_not_the_replys(raw: str) -> None:
    parsed = parse(raw, ReplyFormat.TAGGED, ReplyKind.CODE, "Text.\n", "markdown")
    assert parsed.code == "```sh\nmake\n```\n\nText.\n"


def test_a_reply_that_is_all_around_the_selection() -> None:
    assert "nothing but" in refusal('<new_code>\n    name = "corner"\n</new_code>')


@pytest.mark.parametrize("original", ["", "\n", "    \n"])
def test_code_where_there_was_none(original: str) -> None:
    raw = "<new_code>\n    x = 1\n    y = 2\n</new_code>"
    parsed = parse(raw, ReplyFormat.TAGGED, ReplyKind.CODE, original, "python")
    assert parsed.code is not None
    assert parsed.code.rstrip() == "    x = 1\n    y = 2"
