"""The type of tools: schema, arguments and context."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from devstral_lsp.refactor.task.overlay import ToolError, WorkspaceOverlay
from devstral_lsp.refactor.types import Diagnostic

MAX_RESULT = 16_000
"""Code points of one result for the model, some 5,000 tokens."""
PATH: Mapping[str, Any] = {"type": "string", "description": "The file, as list_files names it."}
"""The schema of a parameter that names a file."""


MAX_UNPLANNED_FILES = 3
"""Files that a task may change before the user has agreed to a plan."""


@dataclass(frozen=True, slots=True)
class TaskPlan:
    """What a task will change: a few sentences, and the names of the files."""

    summary: str
    files: tuple[str, ...]


@dataclass(slots=True)
class ToolContext:
    """The context of the tools. `diagnostics` are those that the editor has sent, by file name.

    `plan` is the model's last proposal, if there is one.
    """

    overlay: WorkspaceOverlay
    diagnostics: Mapping[str, tuple[Diagnostic, ...]]
    max_files: int
    """How many files a task may change."""
    plan: TaskPlan | None = None

    def check_may_change(self, name: str) -> None:
        """Raise ToolError if the file exceeds the number that the task or the plan allows."""
        changed = self.overlay.changed
        if name in changed:
            return
        is_planned = self.plan is not None and name in self.plan.files
        if len(changed) >= MAX_UNPLANNED_FILES and not is_planned:
            raise ToolError(
                f"More than {MAX_UNPLANNED_FILES} files would change. Call propose_plan first, "
                "with every file that you are going to change, this one among them."
            )
        if len(changed) >= self.max_files:
            raise ToolError(
                f"{self.max_files} files are changed, which is the limit of one task: finish, "
                "and say in your summary what is left to do."
            )


Arguments = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A function that the model may call. `parameters` are the properties of a JSON schema.

    `run` returns the result for the model, or raises ToolError with the reason; it may block.
    `progress_label` describes a call to the user in a few words.
    """

    name: str
    description: str
    parameters: Mapping[str, Mapping[str, Any]]
    required: tuple[str, ...]
    run: Callable[[ToolContext, Arguments], str]
    progress_label: str

    def schema(self) -> dict[str, Any]:
        """The tool in the shape of the chat endpoint's `tools`."""
        schema = {
            "type": "object",
            "properties": {name: dict(each) for name, each in self.parameters.items()},
            "required": list(self.required),
            "additionalProperties": False,
        }
        function = {"name": self.name, "description": self.description, "parameters": schema}
        return {"type": "function", "function": function}


def str_argument(arguments: Arguments, name: str, default: str | None = None) -> str:
    """A string among the arguments. Raises ToolError if it is missing or something else."""
    value = arguments.get(name, default)
    if not isinstance(value, str):
        raise ToolError(f"The argument {name} must be a string.")
    return value


def int_argument(arguments: Arguments, name: str, default: int) -> int:
    """A whole number among the arguments. Raises ToolError if it is something else."""
    value = arguments.get(name, default)
    if isinstance(value, str) and value.strip().isdecimal():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ToolError(f"The argument {name} must be a whole number.")
    return value


def truncate_result(result: str, hint: str) -> str:
    """`result`; if it is too long, cut at a line end, with `hint` instead of the rest."""
    if len(result) <= MAX_RESULT:
        return result
    cut = result.rfind("\n", 0, MAX_RESULT)
    return f"{result[: cut if cut > 0 else MAX_RESULT]}\n… ({hint})"
