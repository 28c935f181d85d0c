"""Places at which a name is needed that stands nowhere else in its file.

Found by queries on the syntax tree, which are independent of how the product reads code: a name is
used once in its file, and one or two other files of the package define it. Names that the standard
library's common types have too are left out: with them nobody could tell which one is meant.
"""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from tree_sitter import Language, Node, Parser, Query, QueryCursor

from benchmarks.members.corpus import SourceFile
from benchmarks.members.queries import DEFINITIONS, IMPORTED, USES, foreign_names, is_common
from devstral_lsp.syntax.grammars import grammar_name, grammars_by_name

MAX_DEFINING_FILES = 2
MAX_IMPLEMENTING_FILES = 12
MAX_OF_A_FILE = 4
MIN_LENGTH = 3
"""Code points of a name; shorter ones stand in any prompt by chance."""

KINDS = ("member", "module function", "constructor", "field name", "override", "constant")


@dataclass(frozen=True, slots=True)
class Place:
    """The cursor stands at `offset` (code points) of the file, and `name` is to be written there.

    What follows it in its line has not been written yet.
    """

    file: SourceFile
    kind: str
    offset: int
    name: str
    defined_in: tuple[str, ...]

    @property
    def before(self) -> str:
        return self.file.text[: self.offset]

    @property
    def after(self) -> str:
        _, end, rest = self.file.text[self.offset :].partition("\n")
        return end + rest

    @property
    def rest_of_line(self) -> str:
        return self.file.text[self.offset :].partition("\n")[0]

    @property
    def line(self) -> int:
        """Counted from 1."""
        return self.before.count("\n") + 1


def pick(files: Sequence[SourceFile], of_each_kind: int, seed: int) -> list[Place]:
    """Up to so many places of each kind in a package, the same for the same seed."""
    rng = random.Random(f"{seed} {files[0].package.name}" if files else str(seed))
    by_kind: dict[str, list[Place]] = defaultdict(list)
    for place in _places(files):
        by_kind[place.kind].append(place)
    chosen: list[Place] = []
    for kind in KINDS:
        found = by_kind[kind]
        rng.shuffle(found)
        taken: Counter[str] = Counter()
        names: Counter[str] = Counter()
        kept = []
        for place in found:
            path = str(place.file.path)
            if taken[path] < MAX_OF_A_FILE and names[place.name] < 2:
                taken[path] += 1
                names[place.name] += 1
                kept.append(place)
        chosen += kept[:of_each_kind]
    return chosen


def _places(files: Sequence[SourceFile]) -> Iterator[Place]:
    definitions: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    parsed = []
    for file in files:
        source = file.text.encode()
        grammar = grammar_name(file.language) or ""
        tree = Parser(_language(grammar)).parse(source)
        parsed.append((file, source, tree.root_node))
        for kind, nodes in _captures(grammar, DEFINITIONS, tree.root_node).items():
            for node in nodes:
                definitions[kind][_text(node, source)].add(str(file.path))
    for file, source, root in parsed:
        yield from _in_file(file, source, root, definitions)


def _in_file(
    file: SourceFile, source: bytes, root: Node, definitions: dict[str, dict[str, set[str]]]
) -> Iterator[Place]:
    grammar = grammar_name(file.language) or ""
    words = Counter(re.findall(r"[^\W\d]\w*", file.text))
    imported = {
        _text(node, source).rpartition("/")[2].strip("\"'")
        for nodes in _captures(grammar, IMPORTED, root).values()
        for node in nodes
    }
    seen: set[int] = set()
    foreign = foreign_names(file.text, grammar, file.package.own_modules)
    for _, found in QueryCursor(_query(grammar, USES[grammar])).matches(root):
        use = next(name for name in found if not name.startswith("_"))
        node = found[use][0]
        name = _text(node, source)
        if words[name] != 1 or len(name) < MIN_LENGTH or is_common(name, grammar):
            continue
        if node.start_byte in seen or _root(found, source) in foreign:
            continue
        seen.add(node.start_byte)
        receiver = _text(found["_of"][0], source) if "_of" in found else ""
        kind = _kind(use, name, receiver, imported)
        where = _defining(use, name, receiver, definitions) - {str(file.path)}
        most = MAX_IMPLEMENTING_FILES if use == "override" else MAX_DEFINING_FILES
        if not 1 <= len(where) <= most:
            continue
        if use != "override" and str(file.path) in definitions["def"].get(name, ()):
            continue
        offset = len(source[: node.start_byte].decode())
        root_folder = file.package.folder
        names = tuple(sorted(each.removeprefix(f"{root_folder}/") for each in where))
        yield Place(file, kind, offset, name, names)


def _defining(
    use: str, name: str, receiver: str, definitions: dict[str, dict[str, set[str]]]
) -> set[str]:
    """The files that may define what is meant; of a method that overrides another, none unless
    one of the classes that `receiver` lists stands in one of them."""
    kinds = ("def", "param") if use in ("keyword", "construct") else ("def",)
    where = set[str]().union(*(definitions[each].get(name, set()) for each in kinds))
    if use != "override":
        return where
    bases = re.findall(
        r"[^\W\d]\w*", re.sub(r"<[^<>]*>|\[[^\[\]]*\]", "", re.sub(r"<[^<>]*>", "", receiver))
    )
    of_bases = set[str]().union(*(definitions["def"].get(base, set()) for base in bases))
    return where if where & of_bases else set()


def _root(found: dict[str, list[Node]], source: bytes) -> str:
    """The first name of what stands before the name that is needed."""
    match = re.match(r"\W*(\w+)", _text(found["_of"][0], source)) if "_of" in found else None
    return match[1] if match else ""


def _kind(use: str, name: str, receiver: str, imported: set[str]) -> str:
    if use == "override":
        return "override"
    if use == "construct":
        return "constructor"
    if use == "keyword":
        return "constructor" if receiver.rpartition(".")[2][:1].isupper() else "field name"
    if use == "field":
        return "field name"
    if use == "constant" or re.fullmatch(r"[A-Z][A-Z0-9_]+", name):
        return "constant"
    if receiver in imported or use == "scoped":
        return "constant" if use == "scoped" and name[:1].isupper() else "module function"
    return "member"


def _captures(grammar: str, queries: dict[str, str], root: Node) -> dict[str, list[Node]]:
    return QueryCursor(_query(grammar, queries[grammar])).captures(root)


@cache
def _query(grammar: str, text: str) -> Query:
    return Query(_language(grammar), text)


@cache
def _language(grammar: str) -> Language:
    from importlib import import_module

    package, function = grammars_by_name()[grammar]
    return Language(getattr(import_module(package), function)())


def _text(node: Node, source: bytes) -> str:
    return source[node.start_byte : node.end_byte].decode("utf-8", "replace")
