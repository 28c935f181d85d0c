"""`devstral-lsp init`: adds our lines to an editor's files, and imports settings of other tools.

Shows the change as a diff first, and writes it only if the user agrees. `--undo` restores the
backup. `setup/editors.py` reads the lines for each editor.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from devstral_lsp.cli.settings import load_settings
from devstral_lsp.cli.setup import config_merge, editors, file_transaction, import_settings
from devstral_lsp.cli.setup.config_merge import CannotMerge
from devstral_lsp.cli.setup.editors import SetupStep, path_hint
from devstral_lsp.cli.setup.file_transaction import FileEdit
from devstral_lsp.cli.setup.import_settings import ImportedSettings
from devstral_lsp.cli.terminal import ask, print_error, print_result, write_diff
from devstral_lsp.config.readers import user_file_path
from devstral_lsp.daemon_thread import run_loop
from devstral_lsp.doctor.local_servers import find_local_servers
from devstral_lsp.edits.unified_diff import unified
from devstral_lsp.providers import PROVIDERS

OK, NOT_WRITTEN = 0, 1
"""Exit codes."""

_EPILOG = f"""\
editors: {", ".join(editors.editors())}

examples:
  devstral-lsp init neovim            show what would be written, and ask
  devstral-lsp init neovim --write    write it
  devstral-lsp init neovim --undo     undo the last write

exit code: 0 done or nothing to do, 1 if anything is left for you to do, 2 if something failed
"""
_MERGE: dict[str, Callable[[str, SetupStep], str]] = {
    "copy": lambda _, step: step.content.decode(),
    "block": lambda text, step: config_merge.merge_marked_block(
        text, step.content.decode(), step.comment, step.syntax
    ),
    "json": lambda text, step: config_merge.merge_json_members(text, step.content.decode()),
}


@dataclass(slots=True)
class _Plan:
    """The files to write, those of them that are entirely ours, and what is left to the user."""

    edits: list[FileEdit] = field(default_factory=list)
    ours: set[Path] = field(default_factory=set)
    left: list[str] = field(default_factory=list)
    hints: list[str] = field(default_factory=list)
    """Information that needs no action."""

    def add(self, step: SetupStep) -> None:
        before = file_transaction.read(step.target)
        try:
            after = _MERGE[step.kind](_text(before), step).encode()
        except CannotMerge as error:
            lines = step.content.decode().rstrip()
            self.left.append(f"{step.target} is not changed: {error}. Add this to it:\n\n{lines}\n")
            return
        if step.kind == "copy":
            self.ours.add(step.target)
        if after != before:
            self.edits.append(FileEdit(step.target, before, after))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The editor, and whether to show, to write or to undo."""
    parser.epilog = _EPILOG
    parser.add_argument("editor", metavar="EDITOR", help="the editor to set up")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--write", action="store_true", help="write without asking")
    what.add_argument("--undo", action="store_true", help="undo the last write")
    parser.add_argument(
        "--no-import",
        action="store_true",
        help="import no settings from Continue, Tabby, OpenCode and Aider",
    )


def run(arguments: argparse.Namespace) -> int:
    """Set the editor up; returns the exit code."""
    setup = editors.setup_of(arguments.editor, os.environ)
    backups = user_file_path(os.environ).parent / "backups" / arguments.editor
    for path in file_transaction.recover(backups):
        print_error(f"An earlier run was interrupted: {path} is restored.")
    if arguments.undo:
        for path in file_transaction.undo(backups):
            print_error(f"{path} is restored.")
        return OK
    plan = _Plan()
    for step in setup.steps:
        plan.add(step)
    if not arguments.no_import:
        _import(plan)
    for each in plan.edits:
        _show(each, is_ours=each.path in plan.ours)
    done = _carry_out(plan, backups, at_once=arguments.write)
    hint = path_hint() if setup.steps else ""
    for sentence in filter(None, (*plan.left, *plan.hints, hint, *setup.then, *_local_servers())):
        print_error(f"\n{sentence}")
    return OK if done and not plan.left else NOT_WRITTEN


def _local_servers() -> Iterator[str]:
    """The model servers on this machine, for a user who has set neither a key nor an endpoint."""
    fim = load_settings(Path.cwd(), os.environ).settings.fim
    has_key = any(
        os.environ.get(name) for spec in PROVIDERS.values() for name in spec.key_variables
    )
    if has_key or fim.base_url or fim.provider != "auto" or fim.api_key_command:
        return
    for server in run_loop(find_local_servers()):
        yield f"{server.description}. {server.hint}".rstrip()


def _carry_out(plan: _Plan, backups: Path, *, at_once: bool) -> bool:
    """Write the files; returns whether the user agreed."""
    if not plan.edits:
        if not plan.left:
            print_error("There is nothing to write.")
        return True
    if not at_once and ask("Write this? [y/N] ").lower() not in ("y", "yes"):
        print_error("Nothing was written. Use --write to write it.")
        return False
    backup = file_transaction.write(plan.edits, backups)
    print_error(f"Written. The backup is in {backup}; --undo restores it.")
    return True


def _show(edit: FileEdit, *, is_ours: bool) -> None:
    """Print a diff; of a new file that is entirely ours only the name, as it may be long."""
    is_new = edit.before is None
    name = str(edit.path).lstrip("/")
    if is_new and is_ours:
        print_result(f"new file: {edit.path} ({len(edit.after)} bytes of ours)")
        return
    diff = unified(_text(edit.before), edit.after.decode(), name, is_new=is_new)
    write_diff(diff)


def _text(content: bytes | None) -> str:
    """The decoded content, "" for a missing file. Raises CannotMerge."""
    try:
        return (content or b"").decode()
    except UnicodeDecodeError:
        raise CannotMerge("it is not UTF-8") from None


def _import(plan: _Plan) -> None:
    """Plan to import the settings of other tools; say where their keys are."""
    home = Path(os.environ.get("HOME") or Path.home())
    config = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config")
    chosen: dict[str, ImportedSettings] = {}
    unread: list[Path] = []
    for each in import_settings.find_other_tools(home, config, Path.cwd(), unread.append):
        chosen.setdefault(each.section, each)
    if address := import_settings.tabby_server(home):
        plan.left.append(
            f"Tabby's plugins use {address}, which has its own protocol. devstral-lsp can use the "
            "model behind it, if that has an address."
        )
    if chosen:
        lines = "\n".join(_lines(chosen.values())).encode()
        plan.add(SetupStep("block", lines, user_file_path(os.environ), syntax="toml"))
    plan.left += [_about_key(each) for each in chosen.values() if each.has_key]
    plan.hints += [
        f"{path} cannot be read, so nothing of it is imported: set `provider` and `model` in the "
        "user file yourself."
        for path in unread
    ]


def _lines(several: Iterable[ImportedSettings]) -> Iterator[str]:
    for each in several:
        yield f"[{each.section}]  # from {each.tool}: {each.path}"
        # A string of JSON is one of TOML.
        yield from (f"{key} = {json.dumps(value)}" for key, value in each.settings.items())


def _about_key(found: ImportedSettings) -> str:
    spec = PROVIDERS[found.provider]
    variable = spec.key_variables[0]
    if found.base_url and spec.own_hosts:  # another host, whose key is not the provider's
        advice = f"name a variable that holds it as `{found.section}.api_key_env` in the user file"
    else:
        advice = f"set {variable} to it where your editor starts"
    return (
        f"{found.path} contains a key. It was not copied: {advice}, or name a command that "
        f"prints the key as `{found.section}.api_key_command`."
    )
