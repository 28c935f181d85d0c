"""Parse one import statement into the names that it binds: `import a.b as c` binds `c`.

Takes the statement's source text from the syntax tree; returns modules as written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from devstral_lsp.context.members.facts import Imported
from devstral_lsp.languages.rust import rust_paths

_COMMENT = re.compile(r"#[^\n]*|//[^\n]*")
_QUOTED = re.compile(r"""["'<]([^"'<>\n]+)["'>]""")
_NAMES = re.compile(r"[\w$]+")


def parse_import(text: str, grammar: str) -> tuple[Imported, ...]:
    """The names that the statement binds; () for unsupported languages."""
    reader = _READERS.get(grammar)
    return tuple(reader(text)) if reader is not None else ()


def _python(text: str) -> Iterator[Imported]:
    text = " ".join(_COMMENT.sub("", text).replace("\\", " ").split())
    if text.startswith("import "):
        for part in text.removeprefix("import ").split(","):
            words = part.split()
            if len(words) == 3:
                yield Imported(words[2], words[0])
            elif words:  # `import a.b` binds `a`
                yield Imported(words[0].partition(".")[0], words[0].partition(".")[0])
        return
    module, _, listed = text.removeprefix("from ").partition(" import ")
    for part in listed.strip("() ").split(","):
        words = part.split()
        if words:
            yield Imported(words[-1], module.strip(), "" if words[0] == "*" else words[0], True)


def _javascript(text: str) -> Iterator[Imported]:
    text = " ".join(_COMMENT.sub("", text).split()) if "//" in text else " ".join(text.split())
    found = _QUOTED.findall(text)
    if not found:
        return
    module, is_export = found[-1], text.startswith("export")
    clause = text.partition(" from ")[0]
    clause = re.sub(r"^(?:import|export)\b(?: type\b)?", "", clause).strip()
    outside, _, inside = clause.partition("{")
    for part in inside.rstrip("} ").split(","):
        words = part.removeprefix(" ").removeprefix("type ").split()
        if words:
            yield Imported(words[-1], module, words[0], is_export)
    star = re.search(r"\*(?: as ([\w$]+))?", outside)
    if star is not None:
        yield Imported(star[1] or "*", module, "", is_export)
    default = outside.partition(",")[0].strip()
    if default and "*" not in default and _NAMES.fullmatch(default):
        yield Imported(default, module, "default")


def _go(text: str) -> Iterator[Imported]:
    found = _QUOTED.search(text)
    if found is None:
        return
    alias = text[: found.start()].strip()
    parts = found[1].split("/")
    last = parts[-2] if re.fullmatch(r"v\d+", parts[-1]) and len(parts) > 1 else parts[-1]
    local = "*" if alias == "." else alias or re.sub(r"^go-|-go$|\.v\d+$", "", last)
    yield Imported(local, found[1])


def _java(text: str) -> Iterator[Imported]:
    path = re.sub(r"^import\s+(?:static\s+)?|[;\s]", "", text)
    module, _, name = path.rpartition(".")
    yield Imported(name, module, "" if name == "*" else name)


def _rust(text: str) -> Iterator[Imported]:
    is_passed_on = text.startswith("pub")
    text = re.sub(r"^pub(?:\([^)]*\))?\s*", "", _COMMENT.sub("", text)).strip(" \n;")
    if text.startswith("mod "):
        name = text.removeprefix("mod ").strip()
        yield Imported(name, f"self::{name}", "", True)
        return
    for path in rust_paths(" ".join(text.removeprefix("use").split())):
        plain, _, alias = path.partition(" as ")
        module, _, name = plain.strip().rpartition("::")
        if name == "self":
            module, _, name = module.rpartition("::")
        local = alias.strip() or name
        yield Imported(
            local, module or name, "" if name == "*" or not module else name, is_passed_on
        )


def _csharp(text: str) -> Iterator[Imported]:
    text = re.sub(r"^(?:global\s+)?using\s+(?:static\s+)?|[;\s]", "", text)
    alias, _, path = text.rpartition("=")
    yield Imported(alias or "*", path, "")


def _php(text: str) -> Iterator[Imported]:
    text = " ".join(text.removeprefix("use").strip(" ;\n").split())
    text = re.sub(r"^(?:function|const) ", "", text)
    lead, brace, inside = text.partition("{")
    for part in (inside.rstrip("} ") if brace else text).split(","):
        path, _, alias = (lead * bool(brace) + part.strip()).partition(" as ")
        module, _, name = path.strip().strip("\\").rpartition("\\")
        if name:
            yield Imported(alias.strip() or name, f"{module}\\{name}".strip("\\"), name)


def _included(text: str) -> Iterator[Imported]:
    found = _QUOTED.search(text)
    if found is not None:
        yield Imported("*", found[1], "", True)


def _ruby(text: str) -> Iterator[Imported]:
    if text.startswith("require"):
        yield from _included(text)


_READERS: dict[str, Callable[[str], Iterator[Imported]]] = {
    "python": _python,
    "javascript": _javascript,
    "typescript": _javascript,
    "tsx": _javascript,
    "go": _go,
    "java": _java,
    "rust": _rust,
    "csharp": _csharp,
    "cpp": _included,
    "php": _php,
    "ruby": _ruby,
}
