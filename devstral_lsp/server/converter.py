"""JSON to lsprotocol's types and back, including what clients send against the specification.

Diagnostics return to the client exactly as it sent them: it compares them to find which diagnostic
an action fixes, so unknown fields must not be lost.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from lsprotocol.converters import get_converter

if TYPE_CHECKING:
    from cattrs import Converter


class RawDiagnostic(types.Diagnostic):
    """What we look at of a diagnostic, and as `raw` the JSON that it was read from."""

    raw: Any = None


@cache
def lenient_converter() -> Converter:
    """lsprotocol's converter, which also reads what real clients send against the specification.

    One for all clients: to make it takes 40 ms.
    """
    made: Converter = get_converter()
    _read_null_as_ability(made)
    _read_folders_without_a_name(made)
    _keep_raw_diagnostics(made)
    return made


def _read_null_as_ability(converter: Converter) -> None:
    """`inlineCompletion: null` is read as `{}`.

    lsp-mode 10 writes null for the capability, which it has; lsp-mode 9, which does not have it,
    leaves the key out. Once structured, the two cannot be told apart.
    """
    plain = converter.get_structure_hook(types.TextDocumentClientCapabilities)

    def structured(raw: Any, kind: Any) -> Any:
        named = isinstance(raw, dict) and raw.get("inlineCompletion", raw) is None
        return plain({**raw, "inlineCompletion": {}} if named else raw, kind)

    converter.register_structure_hook(types.TextDocumentClientCapabilities, structured)


def _read_folders_without_a_name(converter: Converter) -> None:
    """The handshake that Copilot's README prints names its folder by the URI alone."""
    plain = converter.get_structure_hook(types.WorkspaceFolder)

    def structured(raw: Any, kind: Any) -> Any:
        return plain({"name": "", **raw} if isinstance(raw, dict) else raw, kind)

    converter.register_structure_hook(types.WorkspaceFolder, structured)


def _keep_raw_diagnostics(converter: Converter) -> None:
    """Make `converter` read diagnostics this way, and write them as they came.

    Only the range and the message must be right: what else some other server has put there wrongly
    is not worth the user's code actions.
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
