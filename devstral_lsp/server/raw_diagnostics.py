"""Diagnostics that go back to the client exactly as it sent them.

A client finds the diagnostic that an action fixes by comparing: what LSP has no field for, or what
reads differently once it has been read and written again, must not be lost on the way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types

if TYPE_CHECKING:
    from cattrs import Converter


class RawDiagnostic(types.Diagnostic):
    """What we look at of a diagnostic, and as `raw` the JSON that it was read from."""

    raw: Any = None


def register_raw_diagnostics(converter: Converter) -> None:
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
        )
        sent.raw = raw
        return sent

    def unstructured(diagnostic: types.Diagnostic) -> Any:
        return diagnostic.raw if isinstance(diagnostic, RawDiagnostic) else write(diagnostic)

    converter.register_structure_hook(types.Diagnostic, structured)
    converter.register_unstructure_hook(types.Diagnostic, unstructured)
    converter.register_unstructure_hook(RawDiagnostic, unstructured)
