"""`devstral-lsp refactor`: runs an action or an instruction in one file or many.

With the same settings and checks as in an editor; the result is a diff, or is written back.
"""

from __future__ import annotations

import argparse
import os
import shlex
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath

from devstral_lsp.app import App
from devstral_lsp.cli.arguments import RANGE_FORM, RangeArgument, project_root
from devstral_lsp.cli.changed_files import ChangedFiles, display_path
from devstral_lsp.cli.report import PlaceResult, PlacesProgress, Report, list_offers
from devstral_lsp.cli.settings import load_settings, problems_of
from devstral_lsp.cli.source_file import InvalidInput
from devstral_lsp.cli.terminal import print_error
from devstral_lsp.config.merge import ResolvedSettings
from devstral_lsp.daemon_thread import run_loop
from devstral_lsp.errors import (
    DevstralError,
    EndpointUnreachable,
    ModelNotFound,
    QuotaExhausted,
    Unauthorized,
)
from devstral_lsp.observability import log
from devstral_lsp.refactor.types import (
    ActionOffer,
    FileChange,
    Progress,
    RefactorRefused,
    RefactorSelection,
)

OK, WOULD_CHANGE, FAILED = 0, 1, 2
"""Exit codes."""
_PERMANENT = (Unauthorized, QuotaExhausted, ModelNotFound, EndpointUnreachable)
"""Errors that would occur at every other place, too."""

_EPILOG = f"""\
PLACE is {RANGE_FORM}; lines count from 1.
A file alone means the whole file, a line the code around it.

examples:
  devstral-lsp refactor app.py:12-40 --action simplify
  devstral-lsp refactor app.py:12-40 --instruction "use pathlib" --write
  devstral-lsp refactor app.py:12 --list
  devstral-lsp refactor src/*.py --action add_type_annotations --check

exit code: 0 done, 1 with --check if anything would change or was found, 2 if something failed
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = _EPILOG
    parser.add_argument("places", metavar="PLACE", nargs="+", help=f"where: {RANGE_FORM}")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--action", metavar="NAME", help="what to do; --list shows the names")
    what.add_argument("--instruction", metavar="TEXT", help="what to do, in your own words")
    what.add_argument("--list", action="store_true", help="list the actions that apply there")
    parser.add_argument("--write", action="store_true", help="change the files")
    parser.add_argument(
        "--allow",
        metavar="PATH",
        action="append",
        default=[],
        help="with --write: a file, relative to the project's folder, that may be changed although "
        "it runs automatically or you did not select it; may be repeated",
    )
    parser.add_argument(
        "--check", action="store_true", help="exit with 1 if anything would change; for CI"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")
    parser.add_argument("--model", metavar="ID", help="the model to use")


def run(arguments: argparse.Namespace) -> int:
    if arguments.write and arguments.check:
        raise InvalidInput("--check changes nothing and --write does: give one of them.")
    regions = [RangeArgument.of(written) for written in arguments.places]
    folders = list(dict.fromkeys(project_root(region.path) for region in regions))
    resolved = load_settings(folders[0], os.environ, _options(arguments))
    log.configure(resolved.settings.log, log.Redactor())
    for sentence in () if resolved.narrowed and not arguments.list else problems_of(resolved):
        print_error(sentence)
    return run_loop(_in_app(arguments, regions, folders, resolved))


def _options(arguments: argparse.Namespace) -> dict[str, object]:
    """The settings that the options override; completion is switched off."""
    quiet: dict[str, object] = {
        "refactor.enabled": True,  # The user's setting is for the menu of editors.
        "fim.provider": "local",
        "fim.fallbacks": [],
        "local.enabled": False,
    }
    return {**quiet, **({"chat.model": arguments.model} if arguments.model else {})}


async def _in_app(
    arguments: argparse.Namespace,
    regions: list[RangeArgument],
    folders: list[Path],
    resolved: ResolvedSettings,
) -> int:
    report = Report(as_json=arguments.json, written=arguments.write)
    app = App(resolved, notify=lambda notice: report.notices.append(notice.message))
    try:
        app.set_workspace_folders(folders)
        work = _RefactorRun(app, arguments, report)
        if arguments.list:
            return work.list_offers(regions)
        work.check()
        await app.connect_chat()  # Fails early if no model is available.
        failed = await _run_and_show(work, regions, report)
    finally:
        await app.close()
    if failed:
        return FAILED
    return WOULD_CHANGE if arguments.check and report.found_anything(work.files) else OK


async def _run_and_show(work: _RefactorRun, regions: list[RangeArgument], report: Report) -> bool:
    """Whether anything failed. Shows the results so far even if the rest fails."""
    try:
        with PlacesProgress(len(regions)) as bar:
            failed = await work.do(regions, bar)
    except DevstralError:
        if report.done:
            report.show(work.files)
        raise
    report.show(work.files)
    return failed


class _DoesNotApply(InvalidInput):
    """The action does not apply at this place; it may at others."""


class _RefactorRun:
    """The places of one command, one after the other."""

    def __init__(self, app: App, arguments: argparse.Namespace, report: Report) -> None:
        self.files = ChangedFiles()
        self._app = app
        self._arguments = arguments
        self._report = report

    def list_offers(self, regions: list[RangeArgument]) -> int:
        """Print the actions that apply at each place."""
        for region in regions:
            offers = self._app.refactorer.offers(self._selection(region))
            list_offers(region.raw, offers, as_json=self._arguments.json)
        return OK

    def check(self) -> None:
        """Raises InvalidInput for an unknown action."""
        from devstral_lsp.refactor.registry import actions_for

        name, known = self._arguments.action, actions_for(self._app.settings.refactor)
        if name is None or name in known:
            return
        from difflib import get_close_matches

        near = get_close_matches(name, known, n=1)
        hint = f"did you mean `{near[0]}`?" if near else "--list shows what applies at a place."
        raise InvalidInput(f"there is no action `{name}`: {hint}")

    async def do(self, regions: list[RangeArgument], bar: PlacesProgress) -> bool:
        """Whether anything failed. Failures are reported, or raised for a single place."""
        failed = False
        for region in _from_below(regions):
            try:
                await self._do(region, bar.callback_for(region.raw))
            except DevstralError as error:
                if len(regions) == 1 or isinstance(error, _PERMANENT):
                    raise
                failed = failed or not isinstance(error, _DoesNotApply)
                self._report.done.append(PlaceResult(region.raw, reason=str(error)))
            bar.next()
        self._report.sort(self._arguments.places)
        return failed

    async def _do(self, region: RangeArgument, progress: Callable[[Progress], None]) -> None:
        selection = self._selection(region)
        offer = self._offer(selection, region)
        result = await self._app.refactorer.run(offer, selection.snapshot, report=progress)
        if self._arguments.write:
            _check_allowed(result.changes, self._arguments.allow)
        for snapshot in self.files.add(result.changes):
            self._app.changed(snapshot)
        if self._arguments.write:
            self.files.write()
        text = selection.snapshot.text
        self._report.done.append(
            PlaceResult(region.raw, offer, result, text, display_path(region.path))
        )

    def _selection(self, region: RangeArgument) -> RefactorSelection:
        snapshot = self.files.document(region.path)
        self._app.changed(snapshot)
        return RefactorSelection(snapshot, region.span(snapshot.text))

    def _offer(self, selection: RefactorSelection, region: RangeArgument) -> ActionOffer:
        """The offer for the command line. Raises RefactorRefused, or InvalidInput if none."""
        if self._arguments.instruction is not None:
            from devstral_lsp.refactor.actions import instruct

            return instruct.offer_of(selection, self._arguments.instruction)
        name = self._arguments.action
        offers = self._app.refactorer.offers(selection)
        found = [offer for offer in offers if offer.action == name]
        if not found:
            others = ", ".join(sorted({offer.action for offer in offers}))
            hint = f"; these do: {others}" if others else ""
            raise _DoesNotApply(f"`{name}` does not apply at {region.raw}{hint}.")
        if found[0].disabled:
            raise _DoesNotApply(f"`{name}` is disabled at {region.raw}: {found[0].disabled}")
        return found[0]


def _check_allowed(changes: Sequence[FileChange], allowed: Sequence[str]) -> None:
    """Raises RefactorRefused for a file that needs `--allow`, which is not given."""
    may = {PurePosixPath(each.replace("\\", "/")).as_posix() for each in allowed}
    refused = [each for each in changes if each.needs_own_yes and each.path not in may]
    if not refused:
        return
    reasons = "; ".join(f"{each.path}: {each.caution}" for each in refused)
    flags = " ".join(f"--allow {shlex.quote(each.path)}" for each in refused)
    raise RefactorRefused(
        f"nothing was written, because this would change more than you asked for ({reasons}). "
        f"Look at it without --write; to write it, add {flags}."
    )


def _from_below(regions: list[RangeArgument]) -> list[RangeArgument]:
    """Sorted by file in the given order, and within each from below, to keep line numbers valid."""
    order = {path: at for at, path in enumerate(dict.fromkeys(each.path for each in regions))}
    return sorted(regions, key=lambda each: (order[each.path], -each.first))
