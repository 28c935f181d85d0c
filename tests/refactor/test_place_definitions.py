from __future__ import annotations

import pytest

from devstral_lsp.refactor.place_definitions import place_definitions

BOX = """\
class Box:
    width = 1

    # how much fits
    def size(self):
        return 1

    def weight(self):
        return 2
"""
TWO = "def f():\n    return 1\n\n\ndef g():\n    return 2\n"
JAVA = "class A {\n  int f() {\n    return 1;\n  }\n\n  int g() {\n    return 2;\n  }\n}\n"


@pytest.mark.parametrize(
    ("language", "original", "reply", "changed"),
    [
        ("python", BOX, "def weight(self):\n    return 3\n", ("return 2", "return 3")),
        ("python", BOX, "    def weight(self):\n        return 3\n", ("return 2", "return 3")),
        ("python", BOX, "class Box:\n    def size(self):\n        return 4\n", ("n 1", "n 4")),
        ("python", TWO, "def g(a):\n    return 2\n", ("g()", "g(a)")),
        ("java", JAVA, "int g() {\n  return 3;\n}\n", ("return 2", "return 3")),
        ("java", JAVA, "class A {\n  int g() {\n    return 3;\n  }\n}\n", ("n 2", "n 3")),
    ],
)
def test_a_changed_definition_goes_to_its_place(
    language: str, original: str, reply: str, changed: tuple[str, str]
) -> None:
    assert place_definitions(reply, original, language) == original.replace(*changed)


MEMBERS = {
    "javascript": (
        "class A {\n  f() {\n    return 1;\n  }\n",
        "  g() {\n    return 2;\n  }\n",
        "}\n",
    ),
    "typescript": (
        "class A {\n  f(): B {\n    return 1;\n  }\n",
        "  g(): B {\n    return 2;\n  }\n",
        "}\n",
    ),
    "csharp": ("class A\n{\n  int F() => 1;\n", "  public int G() {\n    return 2;\n  }\n", "}\n"),
    "php": (
        "<?php\nclass A {\n  function f() {}\n",
        "  public function g() {\n    return 2;\n  }\n",
        "}\n",
    ),
    "ruby": ("class A\n  def f\n    1\n  end\n", "  def g\n    2\n  end\n", "end\n"),
}


@pytest.mark.parametrize("language", MEMBERS)
def test_a_member_that_parses_only_in_its_class(language: str) -> None:
    above, member, below = MEMBERS[language]
    reply = f"{member.replace('2', '3')}"
    assert place_definitions(reply, above + member + below, language) == above + reply + below


def test_a_reply_that_does_not_parse_is_not_placed() -> None:
    reply = JAVA.replace("    return 1;\n  }\n", "[...]\n")
    assert place_definitions(reply, JAVA, "java") == reply


def test_its_comment_takes_the_place_of_the_comment() -> None:
    reply = "# what fits\ndef size(self):\n    return 1\n"
    assert place_definitions(reply, BOX, "python") == BOX.replace("how much", "what")


@pytest.mark.parametrize(
    "reply",
    [
        TWO.replace("1", "3"),
        "def f():\n    return 3\nprint(f())\n",
        "def other():\n    return 3\n",
        "def f():\n    return 3\n\n\ndef h():\n    return 2\n",
        "return 3\n",
    ],
    ids=["all of it", "and a statement", "another name", "one renamed", "no definition"],
)
def test_any_other_reply_stays_as_it_is(reply: str) -> None:
    assert place_definitions(reply, TWO, "python") == reply


def test_a_name_that_stands_twice_has_no_certain_place() -> None:
    twice = "class A:\n    def f(self):\n        return 1\n\n\n" + TWO
    assert place_definitions("def f(self):\n    return 3\n", twice, "python").count("return") == 1


@pytest.mark.parametrize("words", ["... other methods", "other methods as they were"])
def test_a_comment_for_members_that_are_left_out_is_not_placed(words: str) -> None:
    reply = f"class Box:\n    # {words}\n    def weight(self):\n        return 3\n"
    assert place_definitions(reply, BOX, "python") == BOX.replace("n 2", "n 3")


def test_nor_is_one_of_two_definitions_in_one() -> None:
    original = "interface A {\n  a: B;\n}\n\nconst c: A = {\n  a: 1,\n};\n\nenum D {\n  E = 1,\n}\n"
    reply = "interface A {\n  a: F;\n}\n\nconst c: A = {\n  a: 2,\n... same ...\n  E = 1,\n}\n"
    assert place_definitions(reply, original, "typescript") == reply
