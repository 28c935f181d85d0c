"""Data types of the refactoring pipeline: selection → offer → model task → reply → result.

An `Action` makes `ActionOffer`s for a `RefactorSelection`, without a network. When the user takes
one, the action returns a `ModelTask`, and the engine a `RefactorResult`. Offsets are code points.
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
    """The severity of a diagnostic, with LSP's numbers."""

    ERROR = 1
    WARNING = 2
    INFORMATION = 3
    HINT = 4


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A diagnostic of any language server, including this one."""

    span: Span
    message: str
    severity: DiagnosticSeverity = DiagnosticSeverity.ERROR
    source: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class RefactorSelection:
    """The user's selection; `span` is empty for a cursor.

    `diagnostics` are those at the span, `other_diagnostics` the others of the document.
    `automatic`: the editor requests actions as the cursor moves, and not the user.
    """

    snapshot: Snapshot
    span: Span
    diagnostics: tuple[Diagnostic, ...] = ()
    other_diagnostics: tuple[Diagnostic, ...] = ()
    automatic: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionOffer:
    """An offer of an action, with all the data needed to perform it later.

    The edit may touch `span`, always whole lines: from the start of a line to the end of a line,
    before its line end. `action` is the action's name and `kind` its code action kind
    ("refactor.rewrite"); `argument` is specific to the action (an instruction, a name). `disabled`
    is why the action is not possible here, "" if it is: editors show the entry greyed out.
    `selected` are the lines that the user selected, if `span` exceeds them: the user must confirm
    other edits.
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
    """What the model's answer contains."""

    CODE = "code"
    """The code to replace the offer's span."""
    FILES = "files"
    """Edits of the span, and further files, new or existing."""
    MARKDOWN = "markdown"
    """Text to read."""
    FINDINGS = "findings"
    """Review comments on lines of the span."""


class NamePolicy(Enum):
    """How an edit may change the names that its span defines at its outermost level."""

    KEPT = "kept"
    ADDED = "added"
    """All are kept, and new ones may be added: extract a function, generate a helper."""
    CHANGED = "changed"
    """Names may change: the action renames, or the user's own instruction decides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelTask:
    """The task for the model, for one offer.

    `instruction` is in the imperative. With `adds_imports`, the edit may also touch the document's
    import lines. `may_remove`: the instruction asks to remove some code, and not only to change it.
    `target_file` is the path (in the workspace folder, with "/") of a further file that the answer
    changes, "" if none. `words` are the user's own instruction: a file that they name counts as
    asked for.
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
    model_task: ModelTask

    @property
    def code(self) -> str:
        """The text of the offer's span, with the document's own line ends."""
        return self.snapshot.text.slice(self.offer.span.start, self.offer.span.end)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChange:
    """Edits of one file. `version` is that of the edited snapshot, None if the file is not open.

    `edits` do not overlap and are in ascending order, with offsets in `before`, the text before all
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
    """Why the change needs confirmation, as a clause: the file runs or is obeyed automatically, or
    was not asked for. "" if it needs none."""
    is_asked_for: bool = False
    """The user named this file: the caution is shown, and needs no confirmation."""
    needs_confirmation: bool = False
    introduced_name: str = ""
    """The only name that the edits newly define; "" for none or several."""

    @property
    def needs_own_yes(self) -> bool:
        """Whether the user must confirm this change separately."""
        return bool(self.caution) and not self.is_asked_for


@dataclass(frozen=True, slots=True)
class ReviewComment:
    """A finding of a review; becomes a diagnostic."""

    span: Span
    message: str
    severity: DiagnosticSeverity = DiagnosticSeverity.WARNING


@dataclass(frozen=True, slots=True, kw_only=True)
class RefactorResult:
    """The result of a refactor: changes, text to read, or findings. All may be empty.

    `findings` is None if nothing was reviewed.
    """

    changes: tuple[FileChange, ...] = ()
    markdown: str = ""
    findings: tuple[ReviewComment, ...] | None = None
    title: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of a refactor or a task: a message, and the estimated tokens received so far."""

    message: str
    tokens: int = 0


class RefactorRefused(DevstralError):
    """Nothing is changed, since there is no reliable edit. The message says why."""


@dataclass(frozen=True, slots=True)
class LanguageVersion:
    """A version that a project states: "Python", ">=3.11", and the name of the file."""

    language: str
    version: str
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptContext:
    """The context in addition to the code in the span.

    `scope` is the part of the document that is sent. `snippets` come from other files, by path;
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
