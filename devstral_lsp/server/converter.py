"""Converts JSON to lsprotocol's types and back, and accepts some violations of the specification.

Diagnostics are returned to the client exactly as it sent them: it compares them to find which
diagnostic an action fixes, so unknown fields must not be lost.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from lsprotocol.converters import get_converter

if TYPE_CHECKING:
    from cattrs import Converter


class RawDiagnostic(types.Diagnostic):
    """A diagnostic with `raw`, the JSON that it was read from."""

    raw: Any = None


@cache
def lenient_converter() -> Converter:
    """lsprotocol's converter, extended by known deviations of real clients.

    Shared by all clients, since building it takes 40 ms.
    """
    converter: Converter = get_converter()
    _accept_null_capability(converter)
    _accept_unnamed_folders(converter)
    _keep_raw_diagnostics(converter)
    return converter


def _accept_null_capability(converter: Converter) -> None:
    """`inlineCompletion: null` is read as `{}`.

    lsp-mode 10 writes null for the capability, which it has; lsp-mode 9, which does not have it,
    leaves the key out. Once structured, the two cannot be told apart.
    """
    plain = converter.get_structure_hook(types.TextDocumentClientCapabilities)

    def structured(raw: Any, kind: Any) -> Any:
        is_null = isinstance(raw, dict) and raw.get("inlineCompletion", raw) is None
        return plain({**raw, "inlineCompletion": {}} if is_null else raw, kind)

    converter.register_structure_hook(types.TextDocumentClientCapabilities, structured)


def _accept_unnamed_folders(converter: Converter) -> None:
    """The example handshake in Copilot's README has a workspace folder without a name."""
    plain = converter.get_structure_hook(types.WorkspaceFolder)

    def structured(raw: Any, kind: Any) -> Any:
        return plain({"name": "", **raw} if isinstance(raw, dict) else raw, kind)

    converter.register_structure_hook(types.WorkspaceFolder, structured)


def _keep_raw_diagnostics(converter: Converter) -> None:
    """Read diagnostics as `RawDiagnostic`, and write them unchanged.

    Only the range and the message must be valid: code actions must not fail because another server
    sent other members that are invalid.
    """
    read = converter.get_structure_hook(types.Diagnostic)
    write = converter.get_unstructure_hook(types.Diagnostic)

    def structured(raw: Any, _: Any) -> RawDiagnostic:
        try:
            known = read(raw, types.Diagnostic)
        except Exception:  # noqa: BLE001
            bare = {"range": raw["range"], "message": raw["message"]}
            known = read(bare, types.Diagnostic)
        sent = RawDiagnostic(
            range=known.range,
            message=known.message,
            severity=known.severity,
            code=known.code,
            source=known.source,
            related_information=known.related_information,
        )
        sent.raw = raw
        return sent

    def unstructured(diagnostic: types.Diagnostic) -> Any:
        return diagnostic.raw if isinstance(diagnostic, RawDiagnostic) else write(diagnostic)

    converter.register_structure_hook(types.Diagnostic, structured)
    converter.register_unstructure_hook(types.Diagnostic, unstructured)
    converter.register_unstructure_hook(RawDiagnostic, unstructured)
