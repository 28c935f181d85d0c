"""Diagnostics of other servers, as the model is told of them."""

from __future__ import annotations

from lsprotocol import types

from devstral_lsp.server.convert_edit import from_lsp_diagnostic
from devstral_lsp.text import Text


def test_other_places_of_a_diagnostic_are_named_with_their_file() -> None:
    there = types.Range(types.Position(41, 0), types.Position(41, 3))
    told = types.Diagnostic(
        range=types.Range(types.Position(0, 0), types.Position(0, 1)),
        message="moved",
        related_information=[
            types.DiagnosticRelatedInformation(
                types.Location("file:///work/other.rs", there), "defined here"
            )
        ],
    )
    found = from_lsp_diagnostic(Text.of("x = 1\n"), told, types.PositionEncodingKind.Utf16)
    assert found.message == "moved; line 42 of other.rs: defined here"
