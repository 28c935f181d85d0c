"""Which edits of a refactor are refused, and why."""

from __future__ import annotations

import pytest

from devstral_lsp.edits.line_edits import minimal_line_edits
from devstral_lsp.edits.parsed_document import ParsedDocument
from devstral_lsp.refactor.types import NamePolicy
from devstral_lsp.refactor.validate import find_loss, find_violation, introduced_name
from devstral_lsp.text import Edit, Snapshot, Span, Text

BEFORE = "import os\n\nLIMIT = 3\n\n\n"
ORIGINAL = """\
def total(items, limit=LIMIT):
    price = 0
    for item in items:
        if item.is_free:
            continue
        price += item.cost
        print(item.name)
    price = round(price, 2)
    print(price)
    return price
"""
AFTER = """


def close(shop):
    shop.open = False
    shop.sign.turn("closed")
    shop.lamp.dim(shop.night)
    shop.door.lock(shop.key)
"""
KEPT, ADDED, CHANGED = NamePolicy.KEPT, NamePolicy.ADDED, NamePolicy.CHANGED


def said(
    new: str,
    names: NamePolicy = KEPT,
    *,
    original: str = ORIGINAL,
    around: tuple[str, str] = (BEFORE, AFTER),
    language: str = "python",
    may_remove: bool = False,
) -> str | None:
    """What is said of the edits that make `new` of `original`."""
    before, after = around
    snapshot = Snapshot("file:///a", 1, language, Text.of(before + original + after))
    span = Span(len(before), len(before + original))
    document, edits = ParsedDocument(snapshot), minimal_line_edits(snapshot.text, span, new)
    return find_violation(document, span, edits, names=names) or find_loss(
        document, span, edits, names=names, may_remove=may_remove
    )


@pytest.mark.parametrize(
    "new",
    [
        pytest.param(ORIGINAL, id="unchanged"),
        pytest.param(ORIGINAL.replace("price", "sum_"), id="a local renamed"),
        pytest.param(
            "def total(items, limit=LIMIT):\n"
            "    costs = [item.cost for item in items if not item.is_free]\n"
            "    return round(sum(costs), 2)\n",
            id="much shorter",
        ),
        pytest.param(
            ORIGINAL.replace("    price = 0\n", '    """Add up."""\n    price = 0\n'),
            id="documented",
        ),
        pytest.param(
            ORIGINAL.replace(
                "    price = 0\n", "    def inner():\n        return 0\n\n    price = inner()\n"
            ),
            id="a function inside",
        ),
    ],
)
def test_what_may_be_offered(new: str) -> None:
    assert said(new) is None


BODY = ORIGINAL.split("\n", 1)[1]
BAD = {
    "an open bracket": (ORIGINAL.replace("round(price, 2)", "round(price, 2"), "syntax errors"),
    "a lost colon": (ORIGINAL.replace("in items:", "in items"), "syntax errors"),
    "a block without a body": (ORIGINAL + "    if price:\n", "indentation"),
    "a body at the margin": (ORIGINAL.replace("\n    price = 0", "\nprice = 0"), "indentation"),
    "Python 2": (ORIGINAL.replace("print(price)", "print price"), "indentation"),
    "another language": ("function total(items) {\n  return 0;\n}\n", "syntax errors"),
    "prose": ("The function total is fine as it is.\n", "syntax errors"),
    "renamed": (ORIGINAL.replace("def total", "def whole"), "names"),
    "a new function": (ORIGINAL + "\n\ndef more():\n    pass\n", "new names"),
    "given twice": (ORIGINAL + "\n\n" + ORIGINAL, "twice"),
    "the next one, too": (ORIGINAL + AFTER, "new names"),
    "some lines of the next one": (
        ORIGINAL + "    " + AFTER.strip("\n").split("\n", 1)[1].lstrip(),
        "repeats lines",
    ),
    "emptied": ("", "takes away"),
    "only blank lines": ("\n\n", "takes away"),
    "only a comment": ("# gone\n", "names"),
    "cut short": ("".join(ORIGINAL.splitlines(keepends=True)[:6]), "drops"),
    "cut short after a change": (
        "".join(ORIGINAL.replace("price", "sum_").splitlines(keepends=True)[:6]),
        "drops",
    ),
    "a stub": ("def total(items, limit=LIMIT):\n    raise NotImplementedError\n", "a stub"),
    "the result lost": (ORIGINAL.replace("    return price\n", ""), "drops"),
    "dots": ("def total(items, limit=LIMIT):\n    ...\n", "leaves code out"),
    "an elision": (
        ORIGINAL.replace("    print(price)", "    # ... rest unchanged"),
        "leaves code out",
    ),
    "a control token": (ORIGINAL.replace("price, 2)", "price, 2)  # <|im_end|>"), "control tokens"),
    "a token like an index": (ORIGINAL.replace("return price", "return price[SUFFIX]"), "control"),
    "an override": (ORIGINAL.replace("(price)", '("\u202e")'), "U+202E RIGHT-TO-LEFT OVERRIDE"),
    "tag letters": (ORIGINAL.replace(", 2)", ", 2)  # \U000e0041"), "U+E0041 TAG LATIN CAPITAL"),
    "an escape sequence": (ORIGINAL.replace("(price)", '("\x1b[2J")'), "U+001B ESCAPE"),
    "conflict markers": (
        f"<<<<<<< HEAD\n{ORIGINAL}=======\n{ORIGINAL}>>>>>>> topic\n",
        "merge conflict",
    ),
    "a key": (ORIGINAL.replace("0\n", '"sk-a1b2c3d4e5f6g7h8i9j0k1"\n', 1), "key or a password"),
    "a password": (
        ORIGINAL.replace("price = 0", 'price = 0\n    password = "hX7$k2Lm9Qp4Zr8Tn1"'),
        "key or a password",
    ),
    "a private key": (
        ORIGINAL.replace("price = 0", "price = 0  # -----BEGIN EC PRIVATE KEY-----"),
        "key or a password",
    ),
}


@pytest.mark.parametrize(("new", "words"), BAD.values(), ids=BAD)
def test_what_must_not_be_offered(new: str, words: str) -> None:
    sentence = said(new)
    assert sentence is not None
    assert words in sentence
    assert sentence.endswith(".")
    assert "total" not in sentence


class TestNames:
    more = ORIGINAL + "\n\ndef more():\n    pass\n"
    renamed = ORIGINAL.replace("def total", "def whole")

    @pytest.mark.parametrize(
        ("new", "allowed"),
        [
            (more, {ADDED, CHANGED}),
            (renamed, {CHANGED}),
            ("# inlined\n", set()),
            ("", set()),
            (ORIGINAL.replace("price", "sum_"), {KEPT, ADDED, CHANGED}),
        ],
        ids=["added", "renamed", "a comment in its place", "emptied", "kept"],
    )
    def test_each_rule_allows_what_it_says(self, new: str, allowed: set[NamePolicy]) -> None:
        assert {names for names in NamePolicy if said(new, names) is None} == allowed

    def test_a_name_that_is_defined_elsewhere_is_not_defined_again(self) -> None:
        again = ORIGINAL + "\n\ndef close(shop):\n    pass\n"
        assert said(again, ADDED) == "The edit defines something twice."

    def test_the_same_where_something_is_put_between(self) -> None:
        again = "def close(shop):\n    pass\n\n\n"
        assert said(again, ADDED, original="") == "The edit defines something twice."
        assert said(again.replace("close", "shut"), ADDED, original="") is None
        assert said(again.replace("close", "shut"), KEPT, original="") is not None

    def test_functions_in_a_call_are_names_too(self) -> None:
        around = ("describe(() => {\n", "});\n")
        original = "  function run(a) {\n    go(a);\n  }\n"
        for new in ("  go(1);\n", original.replace("run", "walk")):
            assert said(new, original=original, around=around, language="javascript") is not None

    def test_methods_are_the_names_of_a_span_in_a_class(self) -> None:
        around = ("class A:\n    x = 1\n\n", "\n    def last(self):\n        return 2\n")
        original = "    def first(self):\n        return 1\n"
        other = original.replace("first", "other")
        assert said(other, original=original, around=around) is not None
        assert said(original.replace("1", "3"), original=original, around=around) is None
        assert said(original + "\n" + other, original=original, around=around) is not None
        assert said(original + "\n" + other, ADDED, original=original, around=around) is None

    def test_the_last_method_of_a_class(self) -> None:
        around = ("class A:\n    x = 1\n\n", "")
        original = "    def last(self):\n        return 1\n"
        more = original + "\n    def further(self):\n        return 2\n"
        assert said(more, original=original, around=around) is not None
        assert said(original + "    y = 2\n", original=original, around=around) is None

    def test_local_variables_are_nobodys_business_and_local_functions_are(self) -> None:
        around = ("def f():\n    a = 1\n", "    return a\n")
        original = "    b = a\n    def g():\n        return b\n"
        assert said(original.replace("b", "c"), original=original, around=around) is None
        assert said(original.replace("g()", "h()"), original=original, around=around) is not None

    @pytest.mark.parametrize(
        ("language", "original", "name"),
        [
            ("javascript", "export const run = (a) => {\n  go(a);\n};\n", "run"),
            ("typescript", "export interface Box {\n  a: number;\n}\n", "Box"),
            ("go", "func (b *Box) Run(a int) {\n\tgo1(a)\n}\n", "Run"),
            ("rust", "pub fn run(a: u8) {\n    go(a);\n}\n", "run"),
            ("java", "class Box {\n  void run() {\n    go();\n  }\n}\n", "run"),
            ("c", "static int run(int a)\n{\n\treturn a;\n}\n", "run"),
            ("cpp", "namespace n {\nint run(int a) { return a; }\n}\n", "run"),
            ("ruby", "def run(a)\n  go(a)\nend\n", "run"),
            ("php", "<?php\nfunction run($a) {\n  go($a);\n}\n", "run"),
        ],
    )
    def test_in_other_languages(self, language: str, original: str, name: str) -> None:
        around = ("", "")
        if language == "java":
            head, tail = "class Box {\n", "}\n"
            original, around = original.removeprefix(head).removesuffix(tail), (head, tail)
        renamed = original.replace(name, name + "2")
        assert said(renamed, original=original, around=around, language=language) is not None
        same = original.replace("go", "went").replace("return a", "return a + 1")
        assert said(same, original=original, around=around, language=language) is None


class TestPlace:
    text = Text.of(BEFORE + ORIGINAL + AFTER)
    snapshot = Snapshot("file:///a", 1, "python", text)
    span = Span(len(BEFORE), len(BEFORE + ORIGINAL))

    def ask(self, *found: Edit, extra: tuple[Span, ...] = ()) -> str | None:
        return find_violation(
            ParsedDocument(self.snapshot), self.span, found, names=KEPT, extra_spans=extra
        )

    @pytest.mark.parametrize(
        "span", [Span(0, 0), Span(3, 9), Span(len(BEFORE) - 1, len(BEFORE)), Span(0, len(text))]
    )
    def test_outside_the_span_nothing_is_touched(self, span: Span) -> None:
        assert self.ask(Edit(span, "x = 1\n")) == "The edit changes lines outside the selection."

    def test_but_where_that_is_allowed(self) -> None:
        added = Edit(Span(10, 10), "import re\n")
        inside = Edit(Span(self.span.start, self.span.start), "# more\n")
        assert self.ask(added, inside, extra=(Span(10, 10),)) is None
        broken = Edit(Span(10, 10), "import (\n")
        assert self.ask(broken, extra=(Span(10, 10),)) is not None

    def test_edits_that_overlap(self) -> None:
        start = self.span.start
        found = (Edit(Span(start, start + 5), "def "), Edit(Span(start + 2, start + 7), "x"))
        assert self.ask(*found) == "The edit changes the same lines twice."

    def test_no_edit_no_objection(self) -> None:
        assert self.ask() is None


def test_what_is_left_open_takes_in_the_code_after_it() -> None:
    text = Text.of("f();\n\ng();\n\n/* about h */\nh();\n")
    document = ParsedDocument(Snapshot("file:///a", 1, "javascript", text))
    edits = minimal_line_edits(text, Span(0, 5), "f();\n/*\n * Tells\n")
    reason = find_violation(document, Span(0, 5), edits, names=NamePolicy.CHANGED)
    assert reason is not None
    assert "takes in" in reason


def test_an_echo_begins_right_after_the_span_and_may_go_on_further_down() -> None:
    lines = [f"value_{number} = call({number})\n" for number in range(60)]
    text = Text.of("a = b\n" + "".join(lines))
    document = ParsedDocument(Snapshot("file:///a", 1, "python", text))
    for numbers, is_echo in (((1, 2, 3, 50), True), ((40, 41, 42, 43), False)):
        echo = "".join(lines[number] for number in numbers)
        edits = minimal_line_edits(text, Span(0, 6), f"a = c\n{echo}")
        reason = find_violation(document, Span(0, 6), edits, names=NamePolicy.CHANGED)
        assert (reason is not None and "repeats" in reason) is is_echo


def test_a_reply_cut_short_in_a_language_without_line_comments() -> None:
    rules = [f".row_{number} {{ color: red_{number}; }}\n" for number in range(12)]
    cut = said("".join(rules[:6]), original="".join(rules), around=("", "\n"), language="css")
    assert cut is not None
    assert "drops" in cut


def test_two_lines_given_twice() -> None:
    original = "open(shop)\nlight(shop)\n"
    assert said(original * 2, original=original) == "The edit holds the code twice."


def test_blocks_within_a_class_as_long_as_a_file() -> None:
    many = "".join(f"    def f_{n}(self):\n        return {n}\n\n" for n in range(1_300))
    around = (f"class A:\n{many}", "\n")
    original = "    def last(self):\n        if self:\n            return 1\n"
    assert len(many) > 50_000
    assert said(original.replace("1", "2"), original=original, around=around) is None
    broken = said(original.replace(" " * 12, " " * 8), original=original, around=around)
    assert broken == "With the edit, the indentation of the file would not be valid."


@pytest.mark.parametrize(
    "around",
    [
        ("class A:\n", '\n    def code(self):\n        return """\\\nint main() {\n"""\n'),
        ('class A:\n    CODE = """\\\nint main() {\n"""\n\n', "\n    WIDTH = 1\n"),
    ],
    ids=["behind", "in front"],
)
def test_blocks_in_a_class_whose_strings_reach_the_margin(around: tuple[str, str]) -> None:
    original = "    def run(self):\n        return 1\n"
    assert said(original.replace("1", "2"), original=original, around=around) is None
    broken = said(original + "        if self:\n", original=original, around=around)
    assert broken == "With the edit, the indentation of the file would not be valid."


class TestWhatWasThereAlready:
    def test_a_broken_document_may_be_edited(self) -> None:
        around = ("def broken(:\n\n", "\n")
        original = "def fine():\n    return 1\n"
        assert said(original.replace("1", "2"), original=original, around=around) is None
        assert said(original.replace("1", "(2"), original=original, around=around) is not None

    def test_a_repair_is_welcome(self) -> None:
        assert (
            said("def fine():\n    return (1)\n", original="def fine():\n    return (1\n") is None
        )

    @pytest.mark.parametrize(
        "line",
        [
            'TOKEN = "ghp_16C7e42F292c6912E7710c838347Ae178B4a"\n',
            'STOP = "<|im_end|>"\n',
            "# ... rest unchanged\n",
        ],
    )
    def test_secrets_tokens_and_dots_of_the_author_stay(self, line: str) -> None:
        assert said(line + "x = 2\n", original=line + "x = 1\n") is None

    def test_markers_of_a_conflict_may_go(self) -> None:
        original = "<<<<<<< HEAD\nx = 1\n=======\nx = 2\n>>>>>>> topic\n"
        assert said("x = 2\n", CHANGED, original=original) is None


@pytest.mark.parametrize(
    "value",
    [
        "api_key = os.environ['SHOP_API_KEY_2024']",
        'token = "<your-token-goes-here-2024>"',
        'password = "correct horse battery staple 1"',
        'secret_name = f"{prefix}-secret-{suffix}-1"',
        'token_url = "https"',
        'API_KEY = "xxxxxxxxxxxxxxxxxxxx"',
    ],
)
def test_what_only_speaks_of_secrets(value: str) -> None:
    assert said(ORIGINAL.replace("price = 0", f"price = 0\n    {value}")) is None


def test_unreachable_code_may_go() -> None:
    original = "def f(x):\n    return x\n    print(x)\n    print(x, x)\n    x.close()\n"
    assert said("def f(x):\n    return x\n", original=original, may_remove=True) is None


def test_what_a_diagnostic_reports_may_go_and_nothing_else() -> None:
    original = "def f(x):\n    unused = g(\n        x,\n    )\n    save(x)\n    return x\n"
    fixed, lossy = "def f(x):\n    save(x)\n    return x\n", "def f(x):\n    return x\n"
    at = original.index("unused")
    document = ParsedDocument(Snapshot("file:///a", 1, "python", Text.of(original)))
    span = Span(0, len(original))
    for new, reported in [(fixed, True), (lossy, True), (fixed, False)]:
        loss = find_loss(
            document,
            span,
            minimal_line_edits(document.text, span, new),
            names=ADDED,
            may_remove=True,
            reported=[Span(at, at + len("unused"))] * reported,
        )
        assert (loss is None) is (reported and new == fixed)


UNGRAMMATICAL = {
    "kotlin": "fun total(items: List<Item>): Int {\n    return items.sumOf { it.price }\n}\n",
    "swift": "func total(_ all: [Item]) -> Int {\n    return all.reduce(0) { $0 + $1.price }\n}\n",
    "scala": "def total(items: List[Item]): Int = {\n  items.map(_.price).sum\n}\n",
    "dart": "int total(List<Item> items) {\n  return items.fold(0, (a, b) => a + b.price);\n}\n",
    "sql": "SELECT a, (SELECT max(b) FROM u)\nFROM t\nWHERE c IN (1, 2);\n",
    "terraform": 'variable "total" {\n  type = list(string)\n}\n',
    "proto": "message total {\n  // what it costs\n  repeated Item items = 1;\n}\n",
}


@pytest.mark.parametrize("language", UNGRAMMATICAL)
def test_brackets_must_fit_where_there_is_no_grammar(language: str) -> None:
    original = UNGRAMMATICAL[language]
    around = (original.replace("total", "before"), original.replace("total", "after"))

    def refusal(new: str) -> str | None:
        return said(new, CHANGED, original=original, around=around, language=language)

    places = [at for at, each in enumerate(original) if each in "()[]{}"]
    for at in places:
        assert "brackets" in str(refusal(original[:at] + original[at + 1 :])), original[at:]
    last = original.rindex("\n", 0, -1) + 1
    quote, comment = '"' if language != "sql" else "'", "--" if language == "sql" else "//"
    comments = [f"{comment} a (half of it\n"] * (language not in ("terraform", "proto"))
    for line in (*comments, f"f({quote}a ( b [{quote})\n"):
        assert refusal(original[:last] + line + original[last:]) is None


def test_the_end_of_a_block_must_fit_where_there_is_no_grammar() -> None:
    original = "def total(items) do\n  each(items, fn i ->\n    i.price\n  end)\nend\n"
    around = (original.replace("total", "before"), original.replace("total", "after"))
    for new in (original.replace("  end)\n", "  )\n"), original.removesuffix("end\n")):
        reason = said(new, CHANGED, original=original, around=around, language="elixir")
        assert "brackets" in str(reason)
    short = "def total(items), do: each(items, & &1.price)\n"
    assert said(short, CHANGED, original=original, around=around, language="elixir") is None


def test_a_bracket_in_prose_may_be_alone() -> None:
    new = "It is (fine :)\n1) go\n"
    assert said(new, CHANGED, original="It is\n", language="plaintext") is None


def test_a_missing_bracket_may_be_added() -> None:
    broken = "fun f() {\n    g(1\n}\n"
    assert said("fun f() {\n    g(1)\n}\n", CHANGED, original=broken, language="kotlin") is None


def test_a_language_without_a_grammar_is_checked_as_far_as_it_goes() -> None:
    original = "alpha beta\ngamma delta\n"
    new = "alpha beta\ngamma epsilon\n"
    assert said(new, original=original, language="cobol") is None
    assert said("<|im_end|>\n" + new, original=original, language="cobol") is not None


@pytest.mark.parametrize(
    ("language", "original", "new"),
    [
        ("javascript", "const f = (a) => {\n  return a + 1;\n};\n", "const f = (a) => a + 1;\n"),
        ("rust", "fn f(a: u8) -> u8 {\n    return a;\n}\n", "fn f(a: u8) -> u8 {\n    a\n}\n"),
        (
            "python",
            "def f(a):\n    b = []\n    for c in a:\n        b.append(c)\n    return b\n",
            "def f(a):\n    for c in a:\n        yield c\n",
        ),
        (
            "javascript",
            "function f(a) {\n  return g().then((b) => {\n    return b + a;\n  });\n}\n",
            "async function f(a) {\n  const b = await g();\n  return b + a;\n}\n",
        ),
        (
            "go",
            "func f(a bool) int {\n\tif a {\n\t\treturn 1\n\t} else {\n\t\treturn 2\n\t}\n}\n",
            "func f(a bool) int {\n\tif a {\n\t\treturn 1\n\t}\n\treturn 2\n}\n",
        ),
    ],
)
def test_a_value_may_be_given_back_in_another_way(language: str, original: str, new: str) -> None:
    assert said(new, original=original, around=("", ""), language=language) is None


CLASS_A = "class A:\n    def f(self):\n        return 30\n"


@pytest.mark.parametrize(
    ("after", "name"),
    [
        ("LIMIT = 30\n\n\nclass A:\n    def f(self):\n        return LIMIT\n", "LIMIT"),
        (CLASS_A.replace("30", "self._g()") + "\n    def _g(self):\n        return 30\n", "_g"),
        (CLASS_A.replace("30", "29"), ""),
        ("class B:\n    def f(self):\n        return 30\n", "B"),
        ("X = 1\nY = 2\n" + CLASS_A, ""),
        ("def f():\n    return 30\n\n\n" + CLASS_A, ""),
    ],
    ids=["constant", "method", "none", "another", "two", "known"],
)
def test_the_introduced_name_is_the_only_new_one(after: str, name: str) -> None:
    document = ParsedDocument(Snapshot("file:///a.py", 1, "python", Text.of(CLASS_A)))
    assert (
        introduced_name(document, minimal_line_edits(document.text, Span(0, len(CLASS_A)), after))
        == name
    )


def test_without_a_grammar_no_name_is_introduced() -> None:
    document = ParsedDocument(Snapshot("file:///a.txt", 1, "plaintext", Text.of(CLASS_A)))
    assert (
        introduced_name(document, minimal_line_edits(document.text, Span(0, 0), "LIMIT = 30\n"))
        == ""
    )
