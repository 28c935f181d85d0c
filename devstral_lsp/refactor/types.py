"""Data types of the refactoring pipeline: selection → offer → model task → reply → result.

An `Action` makes `ActionOffer`s for a `RefactorSelection`, at once and without a network. When the
user takes one, the action says what to ask of the model, as a `ModelTask`, and the engine returns a
`RefactorResult`. Offsets are code points.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, IntEnum

from devstral_lsp.errors import DevstralError
from devstral_lsp.text import Edit, Snapshot, Span, Text

EMPTY_TEXT = Text.of("")
"""The text of a file that does not exist yet."""


class DiagnosticSeverity(IntEnum):
    """How bad a diagnostic is; the numbers are LSP's."""

    ERROR = 1
    WARNING = 2
    INFORMATION = 3
    HINT = 4


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """What a language server, this one included, reports about a span of the document."""

    span: Span
    message: str
    severity: DiagnosticSeverity = DiagnosticSeverity.ERROR
    source: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class RefactorSelection:
    """What the user selected; `span` is empty for a cursor.

    `diagnostics` are those at the span, `other_diagnostics` the document's others. `automatic` says
    that the editor asks by itself, as the cursor moves, and not the user.
    """

    snapshot: Snapshot
    span: Span
    diagnostics: tuple[Diagnostic, ...] = ()
    other_diagnostics: tuple[Diagnostic, ...] = ()
    automatic: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionOffer:
    """Something that an action can do here, with all the data needed to do it later.

    `span` is what the edit may touch, always whole lines: from the start of a line to the end of a
    line, before its line end. `action` is the action's name and `kind` its code action kind
    ("refactor.rewrite"); `argument` is the action's own (an instruction, a name). `disabled` is the
    reason why it cannot be done here, "" if it can: editors show the entry greyed out. `selected`
    are the lines that the user selected if `span` goes beyond them: they confirm any further edit.
    """

    title: str
    span: Span
    action: str = ""
    kind: str = ""
    argument: str = ""
    diagnostics: tuple[Diagnostic, ...] = ()
    is_preferred: bool = False
    disabled: str = ""
    selected: Span | None = None


class ReplyKind(Enum):
    """What the model is to answer with."""

    CODE = "code"
    """The code to replace the offer's span."""
    FILES = "files"
    """Edits of the span, and further files, new or existing."""
    MARKDOWN = "markdown"
    """Text to read."""
    FINDINGS = "findings"
    """Review comments on lines of the span."""


class NamePolicy(Enum):
    """What an edit may do to the names that its span defines at its outermost level."""

    KEPT = "kept"
    ADDED = "added"
    """All stay, new ones may come: extract a function, generate a helper."""
    CHANGED = "changed"
    """Renaming is the point, or the user's own words decide."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelTask:
    """What to ask of the model for an offer.

    `instruction` is for the model, in the imperative. `adds_imports` lets the edit touch the
    document's import lines as well as its span; `may_remove` says that the instruction asks for
    some code to go, and not only to become other code. `target_file` is the path (from the
    workspace folder, with "/") of the further file that the answer belongs into, "" if it belongs
    into none. `words` are the user's own instruction: a file that they name counts as asked for.
    """

    instruction: str
    answer: ReplyKind = ReplyKind.CODE
    names: NamePolicy = NamePolicy.KEPT
    adds_imports: bool = False
    may_remove: bool = False
    target_file: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class RefactorTask:
    """The model's task for one offer, and the document that it is about."""

    offer: ActionOffer
    snapshot: Snapshot
    errand: ModelTask

    @property
    def code(self) -> str:
        """The text of the offer's span, with the document's own line ends."""
        return self.snapshot.text.slice(self.offer.span.start, self.offer.span.end)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChange:
    """Edits to one file. `version` is that of the snapshot they are made for, None if not open.

    `edits` do not overlap and are in ascending order, all offsets in `before`, the text before any
    of them. A file that is renamed is renamed first: `uri` is its new name.
    """

    uri: str
    edits: tuple[Edit, ...] = ()
    before: Text = EMPTY_TEXT
    version: int | None = None
    is_new: bool = False
    is_deleted: bool = False
    renamed_from: str = ""
    label: str = ""
    """What the change does, for the editor's preview."""
    path: str = ""
    """From the workspace folder, with "/"."""
    caution: str = ""
    """Why this is more than a change of text, as a clause: what runs or obeys the file by itself,
    or that it was not asked for. "" where there is no such reason."""
    is_asked_for: bool = False
    """The user pointed at this file: a caution is shown, and needs no confirmation."""
    needs_confirmation: bool = False
    introduced_name: str = ""
    """The one name that the edits define and that was not defined before; "" if there is none."""

    @property
    def needs_own_yes(self) -> bool:
        """Whether the user has to confirm this change in particular."""
        return bool(self.caution) and not self.is_asked_for


@dataclass(frozen=True, slots=True)
class ReviewComment:
    """A finding of a review; becomes a diagnostic."""

    span: Span
    message: str
    severity: DiagnosticSeverity = DiagnosticSeverity.WARNING


@dataclass(frozen=True, slots=True, kw_only=True)
class RefactorResult:
    """What a refactor comes to: changes, text to read, or findings. All may be empty.

    `findings` is None where nothing was reviewed.
    """

    changes: tuple[FileChange, ...] = ()
    markdown: str = ""
    findings: tuple[ReviewComment, ...] | None = None
    title: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a refactor or a task is: a few words, and the (estimated) tokens received so far."""

    message: str
    tokens: int = 0


class RefactorRefused(DevstralError):
    """Nothing is changed, since there is no edit to be trusted. The sentence says why."""


@dataclass(frozen=True, slots=True)
class LanguageVersion:
    """A version that a project states: "Python", ">=3.11", and the name of the file that does."""

    language: str
    version: str
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptContext:
    """What the model is told beside the code in the span.

    `scope` is what is shown of the document. `snippets` come from other files, by path;
    `conventions` are the project's rules; `images` are data URIs, in the order in which the text
    refers to them.
    """

    path: str
    language: str
    scope: Span | None = None
    imports: str = ""
    snippets: Mapping[str, str] = field(default_factory=dict)
    versions: tuple[LanguageVersion, ...] = ()
    conventions: str = ""
    images: tuple[str, ...] = ()
