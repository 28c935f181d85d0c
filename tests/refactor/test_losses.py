"""What a reply leaves out, whatever the comment in its place says."""

from __future__ import annotations

import pytest

from devstral_lsp.refactor.losses import Comparison

LOAD = """\
def load(path):
    # read it
    text = path.read_text()
    lines = text.split()

    for line in lines:
        check(line)
    return lines
"""
HEAD = "def load(path):\n    text = path.read_text()\n"


@pytest.mark.parametrize(
    "words",
    [
        "... rest unchanged",
        "etc.",
        "snip",
        "as above",
        "implementation details",
        "Rest der Schleife wie gehabt",
        "le reste ne change pas",
        "остальное без изменений",
        "其余代码不变",
        "残りは同じ",
        "igual que antes",
        "you know the drill",
    ],
)
@pytest.mark.parametrize("form", ["    # {}\n", "    pass  # {}\n", '    """{}"""\n'])
def test_any_words_in_the_place_of_code_stand_for_it(words: str, form: str) -> None:
    for end in ("", "    return lines\n"):
        reply = HEAD + form.format(words) + end
        assert Comparison(LOAD, reply, "python").stand_ins == {2}
        assert Comparison(LOAD, reply, "python").loss(is_asked=True) is not None
        assert Comparison(reply, reply, "python").loss() is None, "the original has it, too"


OTHERS = {
    "sql": ("SELECT a\nFROM t\nWHERE b = 1\nORDER BY a;\n", "SELECT a\nFROM t\n-- {}\n"),
    "yaml": ("on: push\njobs:\n  a:\n    steps: []\n", "on: pull_request\n# {}\n"),
    "html": ("<ul>\n<li>one</li>\n<li>two</li>\n</ul>\n", "<ul>\n<!-- {} -->\n</ul>\n"),
    "javascript": (
        "function f(a) {\n  const b = g(a);\n  h(b);\n  return b;\n}\n",
        "function f(a, c) {{\n  /* {} */\n}}\n",
    ),
    "rust": (
        "fn f(a: u8) -> u8 {\n    let b = g(a);\n    h(b);\n    b\n}\n",
        "fn f(a: u16) -> u8 {{\n    let b = g(a);\n    // {}\n}}\n",
    ),
    "haskell": ("f a = do\n  b <- g a\n  h b\n  i b\n", "f c = do\n  {{- {} -}}\n"),
    "unheard-of": ("one two\nthree four\nfive six\n", "one two\n-- {}\n"),
}


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("words", ["rest as before", "und so weiter", "以下同じ"])
def test_in_other_languages(language: str, words: str) -> None:
    old, reply = OTHERS[language]
    assert Comparison(old, reply.format(words), language).loss(is_asked=True) is not None


@pytest.mark.parametrize(
    "reply",
    [
        HEAD,
        HEAD + "    return lines\n",
        "def load(path):\n    raise NotImplementedError\n",
        "def load(path):\n    pass\n",
        "def load(path): ...\n",
        "def load(path):\n    return None\n",
        "def load(path, strict):\n    text = path.read_text(strict)\n",
        LOAD.replace("        check(line)\n", "        pass\n"),
    ],
)
def test_code_that_nothing_replaces_is_lost(reply: str) -> None:
    assert Comparison(LOAD, reply, "python").loss() is not None


def test_a_value_that_is_still_used_is_lost_even_where_removing_is_asked_for() -> None:
    reply = LOAD.replace("    lines = text.split()\n", "")
    assert Comparison(LOAD, reply, "python").loss(is_asked=True) is not None


CHAIN = (
    "func n(_ c: C) -> Int {\n    if c == .a {\n        return 1\n    } else if c == .b {\n"
    "        return 2\n    } else {\n        return 3\n    }\n}\n"
)
SWITCH = (
    "func n(_ c: C) -> Int {\n    switch c {\n    case .a: return 1\n    case .b: return 2\n"
    "    default: return 3\n    }\n}\n"
)


def test_a_chain_of_conditions_becomes_cases() -> None:
    assert Comparison(CHAIN, SWITCH, "swift").loss() is None
    without = SWITCH.replace("    case .b: return 2\n", "")
    assert Comparison(CHAIN, without, "swift").loss() is not None


@pytest.mark.parametrize(
    ("language", "old", "reply"),
    [
        ("python", LOAD, LOAD.replace("text", "content")),
        ("python", LOAD, LOAD.replace("    # read it\n", "")),
        (
            "python",
            LOAD,
            "def load(path):\n    lines = path.read_text().split()\n"
            "    for line in lines:\n        check(line)\n    return lines\n",
        ),
        (
            "python",
            "def has(xs, y):\n    for x in xs:\n        if x.name == y:\n            return True\n"
            "    return False\n",
            "def has(xs, y):\n    return any(\n        x.name == y\n        for x in xs\n    )\n",
        ),
        (
            "python",
            "def sort(values):\n    n = len(values)\n    for i in range(n):\n"
            "        for j in range(0, n - i - 1):\n            if values[j] > values[j + 1]:\n"
            "                swap(values, j)\n    return values\n",
            "def sort(values):\n    return sorted(values)\n",
        ),
        (
            "rust",
            "fn add(m: &mut Map, k: &str) {\n    if m.contains_key(k) {\n        let n = m[k];\n"
            "        m.insert(k.to_string(), n + 1);\n    } else {\n"
            "        m.insert(k.to_string(), 1);\n    }\n}\n",
            "fn add(m: &mut Map, k: &str) {\n    *m.entry(k.to_string()).or_insert(0) += 1;\n}\n",
        ),
        (
            "java",
            'switch (d) {\n    case 1:\n        return "Mon";\n    default:\n'
            '        return "?";\n}\n',
            'return switch (d) {\n    case 1 -> "Mon";\n    default -> "?";\n};\n',
        ),
        ("markdown", "# A\n\nSome words here.\n", "# A\n\nEin paar Worte.\n"),
        (
            "kotlin",
            "fun total(items: List<Item>): Int {\n    var sum = 0\n    for (i in items) {\n"
            "        sum += i.price * i.count\n    }\n    log(sum)\n    return sum\n}\n",
            "fun total(items: List<Item>): Int {\n"
            "    val sum = items.sumOf { it.price * it.count }\n    log(sum)\n"
            "    return sum\n}\n",
        ),
        (
            "ruby",
            "def total(items)\n  sum = 0\n  items.each do |i|\n    sum += i.price * i.n\n  end\n"
            "  log(sum)\n  sum\nend\n",
            "def total(items)\n  sum = items.sum { _1.price * _1.n }\n  log(sum)\n  sum\nend\n",
        ),
    ],
)
def test_code_that_becomes_other_code_is_not_lost(language: str, old: str, reply: str) -> None:
    assert Comparison(old, reply, language).loss() is None


def test_what_is_asked_to_go_may_go() -> None:
    old = "def f(a):\n    print(a)\n    b = g(a)\n    print(b)\n    return b\n"
    reply = "def f(a):\n    b = g(a)\n    return b\n"
    assert Comparison(old, reply, "python").loss() is not None
    assert Comparison(old, reply, "python").loss(is_asked=True) is None


def test_a_comment_about_the_code_below_it_stands_for_nothing() -> None:
    old = "def f(a):\n    for b in a:\n        g(b)\n        h(b)\n    return a\n"
    reply = (
        "def f(a):\n    # one call is enough for all of them\n    g_and_h_all(a, b)\n    return a\n"
    )
    assert Comparison(old, reply, "python").stand_ins == frozenset()


def test_lines_that_share_nothing_but_keywords_replace_nothing() -> None:
    old = (
        "void f() {\n  for (a = p; a;) {\n    b = a;\n    a = a->next;\n    if (b->one && g(b))\n"
        "      h(b);\n  }\n  end();\n}\n"
    )
    reply = "void f() {\n  if (enabled) {\n  }\n  end();\n}\n"
    assert Comparison(old, reply, "c").loss() is not None


def test_an_argument_of_a_call_gives_no_value_to_a_name() -> None:
    old = (
        "def f(names):\n    g(\n        names=[\n            1,\n        ],\n    )\n    h(names)\n"
    )
    assert Comparison(old, old.replace("names=[", "titles=["), "python").loss() is None


CARD = ".a {\n  color: #333;\n}\n.b:hover {\n  color: red;\n}\n"


@pytest.mark.parametrize(
    ("language", "old", "reply"),
    [
        (
            "go",
            "func f(n string) error {\n\tfile, err := open(n)\n\tif err != nil {\n\t\treturn err\n"
            "\t}\n\tsave(file)\n\treturn nil\n}\n",
            'func f(n string) error {\n\tif err != nil {\n\t\treturn wrap("f", err)\n\t}\n'
            "\tsave(file)\n\treturn nil\n}\n",
        ),
        (
            "java",
            "void f() {\n  try {\n    g();\n  } finally {\n    dirty = true;\n    h();\n  }\n}\n",
            "void f() {\n  int a = 1;\n  try {\n    g(a);\n  } finally {\n    h();\n  }\n}\n",
        ),
        (
            "javascript",
            "function f(a) {\n  let b = 0;\n  for (const c of a) {\n    b += c;\n  }\n"
            "  return b;\n}\n",
            "function f(a) {\n  let b = a.reduce((x, y) => x + y, 0);\n  g(b);\n}\n",
        ),
        (
            "rust",
            "fn f(a: &[u8]) {\n    for b in a {\n        if b.is_empty() {\n            g(b);\n"
            "        }\n        h(b);\n    }\n}\n",
            "fn f(a: &[u8]) {\n    for b in a.iter() {\n        if b.is_empty() {\n        }\n"
            "        h(b);\n    }\n}\n",
        ),
        (
            "css",
            CARD,
            CARD.replace("#333", "var(--a)").replace(
                "}\n.b:hover {\n  color: red", "  color: blue"
            ),
        ),
        ("yaml", "on:\n  push:\n    branches: [main]\n", "on:\n  push:\n  pull_request:\n"),
        (
            "go",
            "func f(a A) {\n\tlock(mutex)\n\tif a.count == 0 {\n\t\tsave(a)\n\t}\n}\n",
            "func f(a A) {\n\tif a.count.isZero {\n\t\tsave(a)\n\t}\n}\n",
        ),
    ],
    ids=[
        "two names",
        "a field",
        "the last return",
        "an emptied block",
        "a selector",
        "a key",
        "a lock",
    ],
)
def test_what_goes_missing_in_a_rewritten_place_is_lost(
    language: str, old: str, reply: str
) -> None:
    assert Comparison(old, reply, language).loss() is not None


@pytest.mark.parametrize(
    ("language", "old", "reply"),
    [
        (
            "javascript",
            "function f(a) {\n  for (let i = 0; i < a.length; i++) {\n    const b = a[i];\n"
            "    g(b);\n  }\n}\n",
            "function f(a) {\n  for (const b of a) {\n    g(b);\n  }\n}\n",
        ),
        (
            "csharp",
            "void F() {\n  if (a.C != null)\n    b.D = a.C.Get(b);\n  else\n    b.D = 0;\n}\n",
            "void F() {\n  b.D = a.C?.Get(b) ?? 0;\n}\n",
        ),
        (
            "ruby",
            "rows.each do |row|\n  next if row.empty?\n  save(row)\nend\n",
            "rows.reject(&:empty?).each do |row|\n  save(row)\nend\n",
        ),
        (
            "cpp",
            "void f() {\n  for (int i = 0; i < v.size(); ++i) {\n    bool found = false;\n"
            "    for (int j = 0; j < r.size(); ++j)\n      if (r[j] == v[i]) found = true;\n"
            "    if (!found) r.push_back(v[i]);\n  }\n}\n",
            "void f() {\n  std::set<int> seen;\n  for (int x : v) {\n"
            "    if (seen.insert(x).second) r.push_back(x);\n  }\n}\n",
        ),
        (
            "python",
            "def f(a):\n    if a.b == 'c':\n        return g(a)\n    elif a.b == 's':\n"
            "        return h(a)\n    else:\n        raise E(a.b)\n",
            "def f(a):\n    match a.b:\n        case 'c':\n            return g(a)\n"
            "        case 's':\n            return h(a)\n        case _:\n"
            "            raise E(a.b)\n",
        ),
        (
            "python",
            "def f(d):\n    if d == 1:\n        return 'a'\n    if d == 2:\n        return 'b'\n"
            "    return '?'\n",
            "def f(d):\n    return {\n        1: 'a',\n        2: 'b',\n    }.get(d, '?')\n",
        ),
        (
            "python",
            "def f(a):\n    out = {}\n    for b in a:\n        if b.c not in out:\n"
            "            out[b.c] = []\n        out[b.c].append(b)\n    return out\n",
            "def f(a):\n    out = defaultdict(list)\n    for b in a:\n        out[b.c].append(b)\n"
            "    return out\n",
        ),
        (
            "go",
            "func f(p string) ([]byte, error) {\n\tb, err := read(p)\n\tif err != nil {\n"
            "\t\treturn nil, err\n\t}\n\treturn b, nil\n}\n",
            "func f(p string) ([]byte, error) {\n\treturn read(p)\n}\n",
        ),
        (
            "kotlin",
            "fun f(xs: List<Int>): Int {\n    var s = 0\n    for (x in xs) {\n"
            "        s += x\n    }\n    return s\n}\n",
            "fun f(xs: List<Int>) = xs.sum()\n",
        ),
        (
            "dart",
            "int f(List<int> xs) {\n  var s = 0;\n  for (final x in xs) {\n    s += x;\n  }\n"
            "  return s;\n}\n",
            "int f(List<int> xs) => xs.fold(0, (a, b) => a + b);\n",
        ),
        (
            "css",
            ".a {\n  margin-top: 1px;\n  margin-right: 2px;\n  margin-bottom: 1px;\n"
            "  margin-left: 2px;\n}\n",
            ".a {\n  margin: 1px 2px;\n}\n",
        ),
    ],
    ids=[
        *("a loop over members", "a condition within", "a filter", "a flag", "cases", "a table"),
        *("a default", "an error passed on", "a body in one line", "a fold", "properties"),
    ],
)
def test_what_another_line_took_up_is_not_lost(language: str, old: str, reply: str) -> None:
    assert Comparison(old, reply, language).loss() is None


FRAMED = {
    "dockerfile": ("FROM a:1\nWORKDIR /b\nRUN c\nUSER d\n", "FROM a:2\n{}\n"),
    "sql": ("SELECT a,\n  b,\n  c\nFROM d;\n", "SELECT a,\n  {}\n  c\nFROM d;\n"),
    "kotlin": (
        "fun f(a: A) {\n    require(a.b)\n    g(a)\n}\n",
        "fun f(a: A) {{\n    {}\n    g(a)\n}}\n",
    ),
    "elixir": ("def f(a) do\n  b()\n  {{:ok, a}}\nend\n", "def f(c) do\n  {}\nend\n"),
    "proto": (
        "service U {\n  rpc Get(A) returns (B);\n  rpc List(A) returns (B);\n}\n",
        "service U {{\n  rpc Get(A) returns (B);\n  {}\n}}\n",
    ),
    "restructuredtext": ("Tool\n====\n\nOne thing.\n\nTwo words.\n", "Tool\n====\n\n{}\n"),
}


@pytest.mark.parametrize("language", FRAMED)
@pytest.mark.parametrize(
    "words",
    [
        "[rest wie bisher]",
        "<loput ennallaan>",
        "... le reste ne change pas ...",
        "(same)",
        "[{{existing_code}}]",
        "<बाकी वही>",
    ],
)
def test_a_phrase_stands_for_code_where_no_grammar_rejects_it(language: str, words: str) -> None:
    old, reply = FRAMED[language]
    assert Comparison(old, reply.format(words), language).loss(is_asked=True) is not None


@pytest.mark.parametrize("words", ["// same as before", "-- zbytek beze změny", "<!-- idem -->"])
def test_a_phrase_in_comments_of_another_language_stands_for_code(words: str) -> None:
    old, reply = FRAMED["dockerfile"]
    assert Comparison(old, reply.format(words), "dockerfile").loss(is_asked=True) is not None


@pytest.mark.parametrize(
    ("language", "old", "reply"),
    [
        ("clojure", "(defn f\n  [a]\n  (g a))\n", "(defn f\n  [a b]\n  (g a b))\n"),
        ("ini", "[client]\na = 1\n", "[server]\na = 1\n"),
        ("markdown", "# A tool\n\nWords here.\n", "# Things of use\n\nWords here.\n"),
        ("yaml", "a:\n  - b c\n  - d e\n", "a:\n  - f g\n  - h i\n"),
    ],
)
def test_words_in_brackets_that_are_code_stand_for_nothing(
    language: str, old: str, reply: str
) -> None:
    assert Comparison(old, reply, language).stand_ins == frozenset()


def test_a_return_on_a_condition_leaves_nothing_unreachable() -> None:
    old = "def f(a)\n  return b unless a\n  g(a)\n  h(a)\nend\n"
    reply = "def f(a)\n  return b unless a\n  h(a)\nend\n"
    assert Comparison(old, reply, "ruby").loss(may_tidy=True) is not None


@pytest.mark.parametrize(
    ("language", "old", "reply"),
    [
        ("kotlin", "fun f(a: A): B {\n    g(a)\n    return h(a)\n}\n", "fun f(a: A): B = TODO()\n"),
        (
            "python",
            "def f(a):\n    out = []\n    for b in a:\n        g(b)\n        h(b)\n"
            "    return out\n",
            "def f(a):\n    out = list(a)\n    return out\n",
        ),
        (
            "css",
            ".a {\n  margin-top: 1px;\n  padding: 2px;\n  color: red;\n  float: left;\n}\n",
            ".a {\n  margin-top: 2px;\n}\n",
        ),
        (
            "python",
            "def f(a):\n    if a == 1:\n        b = g(a)\n    elif a == 2:\n        b = h(a)\n"
            "    return b\n",
            "def f(a):\n    match a:\n        case 1:\n            b = g(a)\n            b = h(a)\n"
            "    return b\n",
        ),
    ],
    ids=["a stub in one line", "a loop", "other properties", "a case"],
)
def test_what_no_line_took_up_is_lost(language: str, old: str, reply: str) -> None:
    assert Comparison(old, reply, language).loss() is not None


def test_a_comment_alone_in_a_block_may_go() -> None:
    old = "func f(a A) {\n\tif a.b {\n\t\t// nothing\n\t} else {\n\t\tg(a)\n\t}\n}\n"
    assert Comparison(old, old.replace("\t\t// nothing\n", ""), "go").loss() is None
    assert Comparison(old, old.replace("\t\tg(a)\n", ""), "go").loss() is not None


@pytest.mark.parametrize(
    ("language", "last", "is_lost"),
    [("go", "return nil", True), ("java", "return null;", True), ("python", "return None", False)],
)
def test_a_return_after_a_condition(language: str, last: str, is_lost: bool) -> None:
    head, opener, closer = ("def f(a):", ":", "") if language == "python" else ("f(a) {", " {", "}")
    body = f"    if a.b(){opener}\n        return a.c\n" + f"    {closer}\n" * bool(closer)
    old, reply = (f"{head}\n{body}{each}{closer}\n" for each in (f"    {last}\n", ""))
    assert (Comparison(old, reply, language).loss() is not None) is is_lost
