"""What could be read last stays in force while it cannot be read anew."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from devstral_lsp.config.last_good import LastGood
from devstral_lsp.config.merge import ResolvedSettings
from devstral_lsp.config.problem import Effect
from devstral_lsp.config.readers import (
    PROJECT_FILE,
    read_editor_settings,
    read_project_file,
    read_user_file,
)

GOOD = '[fim]\nprovider = "ollama"\nmodel = "m"\n'
BROKEN: list[str | bytes] = [
    '[fim]\nprovider = "ollama\n',
    '[fim]\nprovider = "olama"\n',
    "[fim]\nmodel = 3\n",
    '[fmi]\nprovider = "ollama"\n',
    'provider = "ollama"',
    b"\xff",
    "[context]\nenabled = 'no'\n",
    "\x00",
]


class Session:
    """The files and the editor of one session."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "home" / "config.toml"
        self.file.parent.mkdir()
        self.project = folder / PROJECT_FILE
        self.folders = [folder]
        self.said: Mapping[str, object] = {}
        self._last_good = LastGood()

    def user(self, content: str | bytes) -> ResolvedSettings:
        self.file.write_bytes(content.encode() if isinstance(content, str) else content)
        return self.read()

    def read(self) -> ResolvedSettings:
        environ = {"DEVSTRAL_CONFIG": str(self.file)} if self.file.exists() else self._nowhere()
        read = {
            "user": read_user_file(environ),
            **{way: read_editor_settings(said, way) for way, said in self.said.items()},
            "project": read_project_file(self.folders),
        }
        return self._last_good.resolve(read, self.folders)

    def _nowhere(self) -> dict[str, str]:
        return {"DEVSTRAL_CONFIG": ""}


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "nowhere"))
    monkeypatch.setenv("HOME", str(tmp_path / "nowhere"))
    return Session(tmp_path)


def effects(resolved: ResolvedSettings) -> set[Effect]:
    return {each.effect for each in resolved.problems}


@pytest.mark.parametrize("broken", BROKEN, ids=range(len(BROKEN)))
def test_a_file_that_breaks_keeps_what_it_said(session: Session, broken: str | bytes) -> None:
    good = session.user(GOOD)
    for _ in range(3):
        kept = session.user(broken)
        assert (kept.settings, kept.origins, kept.narrowed) == (good.settings, good.origins, "")
        assert effects(kept) == {Effect.KEEPS}
    mended = session.user(GOOD.replace("ollama", "vllm"))
    assert (mended.settings.fim.provider, mended.problems) == ("vllm", ())


@pytest.mark.parametrize("broken", BROKEN, ids=range(len(BROKEN)))
def test_a_file_that_was_never_read_well_narrows(session: Session, broken: str | bytes) -> None:
    for _ in range(2):
        assert session.user(broken).narrowed
    assert session.user(GOOD).problems == ()


def test_a_slip_that_restricts_nothing_takes_effect_at_once(session: Session) -> None:
    session.user(GOOD)
    changed = session.user('[fim]\nprovider = "vllm"\nmax_tokens = "many"\n')
    assert changed.settings.fim.provider == "vllm"
    assert effects(changed) == {Effect.LEFT_OUT}


def test_what_another_place_says_still_applies(session: Session) -> None:
    session.user(GOOD)
    session.user(BROKEN[0])
    session.said = {"pushed": {"fim": {"provider": "local"}}}
    assert session.read().settings.fim.provider == "local"


@pytest.mark.parametrize("content", [None, "", " \n\n"])
def test_a_file_that_is_gone_or_empty_keeps_what_it_said(
    session: Session, content: str | None
) -> None:
    """As while an editor replaces it."""
    good = session.user(GOOD)
    session.project.write_text("")
    if content is None:
        session.file.unlink()
        gone = session.read()
    else:
        gone = session.user(content)
    assert (gone.settings, effects(gone)) == (good.settings, {Effect.KEEPS})
    assert session.user("# all out\n").settings.fim.provider == "auto"
    assert session.user("# all out\n").problems == ()


def test_a_project_file_that_is_gone_keeps_what_it_said(session: Session) -> None:
    session.project.write_text('fim.provider = "local"')
    session.read()
    session.project.unlink()
    gone = session.read()
    assert (gone.settings.fim.provider, effects(gone)) == ("local", {Effect.KEEPS})
    session.folders = []
    assert session.read().settings.fim.provider == "auto"


def test_a_project_file_of_another_folder_has_a_say_of_its_own(
    session: Session, tmp_path: Path
) -> None:
    session.project.write_text('fim.provider = "local"')
    session.read()
    other = tmp_path / "other"
    other.mkdir()
    (other / PROJECT_FILE).write_text("= broken")
    session.folders = [other]
    assert session.read().narrowed


def test_each_way_of_an_editor_falls_back_on_itself(session: Session) -> None:
    session.said = {"options": {"fim": {"provider": "ollama"}}}
    assert session.read().settings.fim.provider == "ollama"
    session.said = {**session.said, "pushed": {"fim": {"provider": "vlm"}}}
    assert session.read().narrowed
    session.said = {**session.said, "pushed": {"fim": {"provider": "vllm"}}}
    assert session.read().settings.fim.provider == "vllm"
    session.said = {**session.said, "pushed": "off"}
    kept = session.read()
    assert (kept.settings.fim.provider, effects(kept)) == ("vllm", {Effect.KEEPS})


@pytest.mark.parametrize("before", ["", "# none yet\n", None])
def test_who_had_no_settings_has_none_to_go_by(session: Session, before: str | None) -> None:
    if before is None:
        session.read()
    else:
        session.user(before)
    assert session.user(BROKEN[1]).narrowed


@pytest.mark.parametrize("before", [None, {}])
def test_an_editor_that_had_no_settings_has_none_to_go_by(session: Session, before: object) -> None:
    session.said = {"pulled": before}
    assert not session.read().narrowed
    session.said = {"pulled": {"fim": {"provider": "olama"}}}
    assert session.read().narrowed


def test_settings_that_were_taken_back_are_none_to_go_by(session: Session) -> None:
    session.user(GOOD)
    session.user("# all out\n")
    assert session.user(BROKEN[0]).narrowed
