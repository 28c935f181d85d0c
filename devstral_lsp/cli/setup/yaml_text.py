"""YAML as far as settings files go, by the grammar that we have for editing it.

Mappings, lists and scalars as text; anchors, tags and several documents are left out. A file that
is not understood holds nothing.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from devstral_lsp.context.grammars import parse

if TYPE_CHECKING:
    from tree_sitter import Node

Value = dict[str, "Value"] | list["Value"] | str

_TRANSPARENT = ("stream", "document", "block_node", "flow_node", "block_sequence_item")


def load(text: str) -> Value:
    """What the text says; an empty text where it says nothing."""
    tree = parse(text.encode(), "yaml")
    return "" if tree is None else _value(tree.root_node)


def _value(node: Node | None) -> Value:
    if node is None:
        return ""
    if node.type in ("block_mapping", "flow_mapping"):
        pairs = (each for each in node.named_children if each.type.endswith("_pair"))
        return {str(_value(_field(each, "key"))): _value(_field(each, "value")) for each in pairs}
    if node.type in ("block_sequence", "flow_sequence"):
        return [_value(each) for each in node.named_children if each.type != "comment"]
    if node.type in _TRANSPARENT:
        inner = [each for each in node.named_children if each.type not in ("comment", "anchor")]
        return _value(inner[0]) if inner else ""
    return _scalar(node.type, (node.text or b"").decode())


def _field(node: Node, name: str) -> Node | None:
    return node.child_by_field_name(name)


def _scalar(kind: str, text: str) -> str:
    if kind == "single_quote_scalar":
        return text[1:-1].replace("''", "'")
    if kind == "double_quote_scalar":
        try:
            return str(json.loads(text))
        except ValueError:
            return text[1:-1]
    return text.strip()
