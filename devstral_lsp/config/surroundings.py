"""The settings of what is read beside the document, for the model and for `local`.

Part of `schema.py`. All of them narrow when they cannot be read: each says what of the user's code
is used, or sent.
"""

# `setting()` makes a dataclass field, as `field()` does: nothing mutable is shared by calling it.

from __future__ import annotations

from dataclasses import dataclass

from devstral_lsp.config.restriction import LOWER, OFF
from devstral_lsp.config.setting_spec import NARROWS, Range, setting_field


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextSettings:
    """What the model is told beside the text around the cursor. The sources have a switch each."""

    enabled: bool = setting_field(
        True,
        "Tell the model the name of the file and pieces of others. Off: the document alone.",
        slip=NARROWS,
        project=OFF,
    )
    imports: bool = setting_field(
        True,
        "Signatures of what the file imports and of what is named near the cursor, from the "
        "workspace and open documents. Off: where other files must not leave the machine.",
        slip=NARROWS,
        project=OFF,
    )
    similar_code: bool = setting_field(
        True,
        "Pieces of open documents that are like the place of the cursor. Off: where a model tends "
        "to repeat them.",
        slip=NARROWS,
        project=OFF,
    )
    recent_edits: bool = setting_field(
        True,
        "What you edited elsewhere a moment ago. Off: where your edits have little to do with "
        "each other.",
        slip=NARROWS,
        project=OFF,
    )
    git_message: bool = setting_field(
        True,
        "The staged diff, while you write a commit message. Off: where what is staged must not "
        "be sent.",
        slip=NARROWS,
        project=OFF,
    )
    notebook: bool = setting_field(
        True,
        "The other cells of a notebook. Off: where cells hold data that must not be sent.",
        slip=NARROWS,
        project=OFF,
    )
    budget_tokens: int = setting_field(
        1024,
        "How much of all this is sent. Less is cheaper and sooner answered.",
        slip=NARROWS,
        within=Range(0, 32_768, "tokens"),
        project=LOWER,
    )
    deadline_ms: int = setting_field(
        100,
        "How long a completion waits for it. What is late is used the next time.",
        slip=NARROWS,
        within=Range(0, 2000, "ms"),
        project=LOWER,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalSettings:
    """Completing from the user's own code."""

    enabled: bool = setting_field(
        True, "Answer from your own code when nothing else can.", slip=NARROWS, project=OFF
    )
    workspace: bool = setting_field(
        True,
        "Read the files of the workspace folders for that.",
        slip=NARROWS,
        project=OFF,
    )
    max_files: int = setting_field(
        600,
        "How many files are read.",
        slip=NARROWS,
        within=Range(0, 100_000, "files"),
        project=LOWER,
    )
    max_bytes: int = setting_field(
        4_000_000,
        "How much of them is read in all.",
        slip=NARROWS,
        within=Range(0, 200_000_000, "bytes"),
        project=LOWER,
    )
