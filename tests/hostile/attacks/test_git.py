"""A cloned folder, or an archive, that would have git run a program, leak another repository or
hang.

Attack 1 and 2 of the field report, exactly, and their brothers: other keys, other doors, other
files. What runs nothing cannot be made to; a real git proves that each trap is one.
"""

from __future__ import annotations

import json
import os
import shutil
import struct
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.git.newer import newer_git
from tests.git.repositories import Git
from tests.git.test_index import HOSTILE as HOSTILE_INDEXES
from tests.git.test_objects import BAD_PACKS, bomb, loose, pack
from tests.hostile.attacks import hostile_git
from tests.hostile.attacks.conftest import StartEditor
from tests.hostile.attacks.hostile_git import ARMS, STAGED, Trap, hide_as_files, repository
from tests.support.clients import NEOVIM
from tests.support.editor import Editor
from tests.support.fake_mistral import KEY, FakeMistral
from tests.support.installed import Unavailable

CODE = "def add(a, b):\n    │"
SECRET = "attack at dawn"


@pytest.fixture(params=["git of this machine", "newer git"])
def program(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A git: what stops it from running something differs by its version."""
    if request.param == "git of this machine":
        return "git"
    try:
        return newer_git(tmp_path)
    except Unavailable as error:
        pytest.skip(str(error))


@pytest.fixture
def trap(tmp_path: Path) -> Trap:
    return Trap(tmp_path)


class Victim:
    """A user who opens things in a clone."""

    def __init__(self, editor: Editor, mistral: FakeMistral, clone: Path) -> None:
        self._editor = editor
        self._mistral = mistral
        self._clone = clone

    async def writes_a_message(self, path: Path | None = None, wanted: str = "") -> str:
        """Ask for a completion in a commit message, and again, since context may be late.

        Gives the prompts that were sent for it, up to one that holds what is `wanted`. Without a
        path it is the box of VS Code.
        """
        asked = len(self._mistral.completions)
        uri = path.as_uri() if path is not None else "vscode-scm:git/scm0/input?rootUri"
        language = "git-commit" if path is not None else "scminput"
        place = self._editor.open("Add │", uri=uri, language=language)
        sent = ""
        for number in range(20 if wanted else 2):
            await self._editor.inline(place)
            sent = json.dumps([each.body for each in self._mistral.completions[asked:]])
            if wanted and wanted in sent:
                break
            place = self._editor.type(place, f"{number} ")
        return sent

    async def completes_code(self) -> None:
        """The promise: typing goes on."""
        asked = len(self._mistral.completions)
        place = self._editor.open(CODE, uri=(self._clone / "app.py").as_uri())
        assert await self._editor.inline(place)
        assert len(self._mistral.completions) > asked

    def said(self) -> str:
        """All that left the machine."""
        return json.dumps([each.body for each in self._mistral.received])


@pytest.fixture
async def victim(start: StartEditor, mistral: FakeMistral, tmp_path: Path) -> Victim:
    """With the folder `clone` open, which may be filled later."""
    clone = tmp_path / "clone"
    return Victim(await start(NEOVIM, root_uri=clone.as_uri()), mistral, clone)


def spring(git: Git, proof: tuple[str, ...], trap: Trap) -> None:
    """Hold that plain git runs the trap, where nobody guards it."""
    git(*proof, data=b"protocol=https\nhost=nowhere.invalid\n\n", check=False)
    assert trap.is_sprung()


async def test_what_is_staged_in_a_harmless_one_is_told(victim: Victim, tmp_path: Path) -> None:
    """Without that, silence in the others would say nothing."""
    git = repository(tmp_path / "clone")
    for path in (git.folder / ".git/COMMIT_EDITMSG", None):
        assert STAGED in await victim.writes_a_message(path, STAGED)


async def test_a_bare_repository_among_the_files_of_a_clone(
    victim: Victim, tmp_path: Path, trap: Trap, program: str
) -> None:
    """Attack 1: `docs/` holds a repository whose promisor's `core.sshCommand` is a program."""
    origin = repository(tmp_path / "origin", program)
    proof = ARMS["core.sshCommand of a promisor"](origin, trap)
    docs = hide_as_files(origin)
    shutil.move(docs, tmp_path / "docs")
    shutil.rmtree(origin.folder)
    origin = repository(tmp_path / "published", program)
    shutil.move(tmp_path / "docs", origin.folder / "docs")
    origin("add", "-f", "docs"), origin("commit", "-qm", "docs")
    Git(tmp_path, program)("clone", "-q", str(origin.folder), str(tmp_path / "clone"))
    clone = Git(tmp_path / "clone", program)
    (clone.folder / "docs/refs/heads").mkdir(parents=True, exist_ok=True)
    clone("status"), clone(*proof), clone("log")
    assert not trap.is_sprung()  # as the report has it
    bare = f"--git-dir={clone.folder / 'docs'}"
    clone(bare, "-c", "core.fsmonitor=false", *proof, "--no-ext-diff", "--no-textconv", check=False)
    assert trap.is_sprung()

    sent = await victim.writes_a_message(clone.folder / "docs/COMMIT_EDITMSG")
    assert STAGED not in sent
    await victim.completes_code()
    assert not trap.is_sprung()


@pytest.mark.parametrize("door", ["box", "tree", "git folder"])
async def test_a_submodule_that_names_a_program(
    victim: Victim, tmp_path: Path, trap: Trap, door: str, program: str
) -> None:
    """Attack 2: an archive's `diff.submodule=diff`, and `diff.external` of the submodule."""
    git = repository(tmp_path / "clone", program)
    spring(git, hostile_git.with_armed_submodule(git, trap), trap)
    path = {
        "box": None,
        "tree": git.folder / "COMMIT_EDITMSG",
        "git folder": git.folder / ".git/COMMIT_EDITMSG",
    }[door]
    assert STAGED in await victim.writes_a_message(path, STAGED)
    await victim.completes_code()
    assert not trap.is_sprung()


@pytest.mark.parametrize("arm", ARMS)
async def test_a_configuration_that_names_a_program(
    victim: Victim, tmp_path: Path, trap: Trap, arm: str
) -> None:
    """A key that has git run a program, in an archive, by all doors to it."""
    git = repository(tmp_path / "clone")
    proof = ARMS[arm](git, trap)
    docs = hide_as_files(git)
    spring(git, proof, trap)
    inside = git.folder / ".git"
    for path in (inside / "COMMIT_EDITMSG", git.folder / "COMMIT_EDITMSG", None):
        # A file of which a part would have to be fetched is left out.
        wanted = "" if "promisor" in arm else STAGED
        assert wanted in await victim.writes_a_message(path, wanted)
    assert STAGED not in await victim.writes_a_message(docs / "COMMIT_EDITMSG")
    await victim.completes_code()
    assert not trap.is_sprung()


@pytest.mark.parametrize("where", ["docs/modules/x", "docs/worktrees/x", "a/b/c/docs"])
async def test_a_bare_repository_deeper_among_the_files(
    victim: Victim, tmp_path: Path, trap: Trap, where: str
) -> None:
    """The same as attack 1, dressed as the git folder of a submodule or a working tree."""
    git = repository(tmp_path / "clone")
    ARMS["core.sshCommand of a promisor"](git, trap)
    hide_as_files(git, "elsewhere")
    hidden = git.folder / where
    shutil.copytree(git.folder / "elsewhere", hidden)
    shutil.rmtree(git.folder / "elsewhere")
    (hidden / "gitdir").write_text(f"{git.folder}/.git\n")
    (hidden / "commondir").write_text(".\n")
    assert STAGED not in await victim.writes_a_message(hidden / "COMMIT_EDITMSG")
    await victim.completes_code()
    assert not trap.is_sprung()


def secret_repository(folder: Path) -> Git:
    """Another one of the user's, with something staged that is nobody's business."""
    git = repository(folder)
    git.commit({"plans.txt": f"{SECRET}\n"})
    git.stage({"plans.txt": f"{SECRET}, {SECRET}\n"})
    return git


def _dot_git_file(clone: Path, secret: Git) -> Path | None:
    shutil.rmtree(clone / ".git")
    (clone / ".git").write_text(f"gitdir: {secret.folder}/.git\n")
    return None


def _linked_dot_git(clone: Path, secret: Git) -> Path | None:
    shutil.rmtree(clone / ".git")
    (clone / ".git").symlink_to(secret.folder / ".git")
    return clone / ".git/COMMIT_EDITMSG"


def _linked_folder(clone: Path, secret: Git) -> Path | None:
    (clone / "docs").symlink_to(secret.folder / ".git")
    return clone / "docs/COMMIT_EDITMSG"


def _linked_tree(clone: Path, secret: Git) -> Path | None:
    (clone / "docs").symlink_to(secret.folder)
    return clone / "docs/.git/COMMIT_EDITMSG"


def _common_folder(clone: Path, secret: Git) -> Path | None:
    (clone / ".git/commondir").write_text(f"{secret.folder}/.git\n")
    (clone / ".git/index").unlink()
    return None


def _dot_git_file_of_a_working_tree(clone: Path, secret: Git) -> Path | None:
    """Its git folder is the attacker's, which borrows all else."""
    inside = clone / "worktrees/x"
    shutil.move(clone / ".git", inside)
    (inside / "commondir").write_text(f"{secret.folder}/.git\n")
    (inside / "gitdir").write_text(f"{clone}/.git\n")
    (inside / "index").unlink()
    (clone / ".git").write_text("gitdir: worktrees/x\n")
    return inside / "COMMIT_EDITMSG"


def _submodule(clone: Path, secret: Git) -> Path | None:
    modules = clone / ".git/modules"
    modules.mkdir()
    (modules / "x").symlink_to(secret.folder / ".git")
    return modules / "x/COMMIT_EDITMSG"


def _alternates(clone: Path, secret: Git) -> Path | None:
    """With the name of a commit, which may have been seen in public."""
    (clone / ".git/objects/info").mkdir(exist_ok=True)
    (clone / ".git/objects/info/alternates").write_text(f"{secret.folder}/.git/objects\n")
    head = secret("rev-parse", "HEAD").strip()
    (clone / ".git/refs/heads/main").write_text(f"{head}\n")
    return None


def _linked_objects(clone: Path, secret: Git) -> Path | None:
    _alternates(clone, secret)
    shutil.rmtree(clone / ".git/objects")
    (clone / ".git/objects").symlink_to(secret.folder / ".git/objects")
    return None


def _linked_pack(clone: Path, secret: Git) -> Path | None:
    _alternates(clone, secret)
    secret("repack", "-adq")
    shutil.rmtree(clone / ".git/objects/pack")
    (clone / ".git/objects/pack").symlink_to(secret.folder / ".git/objects/pack")
    return None


def _linked_index(clone: Path, secret: Git) -> Path | None:
    _alternates(clone, secret)
    (clone / ".git/index").unlink()
    (clone / ".git/index").symlink_to(secret.folder / ".git/index")
    return None


def _reference_by_steps_up(clone: Path, secret: Git) -> Path | None:
    _alternates(clone, secret)
    (clone / ".git/HEAD").write_text(
        f"ref: refs/../../../{secret.folder.name}/.git/refs/heads/main"
    )
    return None


DETOURS: list[Callable[[Path, Git], Path | None]] = [
    _dot_git_file, _linked_dot_git, _linked_folder, _linked_tree, _common_folder,
    _dot_git_file_of_a_working_tree, _submodule, _alternates, _linked_objects, _linked_pack,
    _linked_index, _reference_by_steps_up,
]  # fmt: skip


@pytest.mark.parametrize("detour", DETOURS, ids=lambda detour: detour.__name__)
async def test_a_way_into_another_repository(
    victim: Victim, tmp_path: Path, detour: Callable[[Path, Git], Path | None]
) -> None:
    """An archive leads to another repository of the user's, whose text would be sent."""
    secret = secret_repository(tmp_path / "secret")
    clone = repository(tmp_path / "clone").folder
    path = detour(clone, secret)
    await victim.writes_a_message()
    await victim.writes_a_message(clone / "COMMIT_EDITMSG")
    if path is not None:
        await victim.writes_a_message(path)
    await victim.completes_code()
    assert SECRET not in victim.said()


FILES = [
    "HEAD",
    "config",
    "index",
    "refs/heads/main",
    "packed-refs",
    "commondir",
    "{blob}",
    "{pack}",
]


@pytest.mark.parametrize("kind", ["fifo", "device"])
@pytest.mark.parametrize("name", FILES)
async def test_a_file_of_a_repository_that_has_no_end(
    victim: Victim, tmp_path: Path, name: str, kind: str
) -> None:
    """A FIFO, or a link to a device, in the place of a file of git's."""
    git = repository(tmp_path / "clone")
    oid = git("rev-parse", ":lib.py").strip()
    inside = git.folder / ".git"
    path = inside / name.format(
        blob=f"objects/{oid[:2]}/{oid[2:]}", pack=f"objects/pack/pack-{'0' * 40}.idx"
    )
    path.unlink(missing_ok=True)
    os.mkfifo(path) if kind == "fifo" else path.symlink_to("/dev/zero")
    for message in (None, inside / "COMMIT_EDITMSG", git.folder / "COMMIT_EDITMSG"):
        await victim.writes_a_message(message)
    await victim.completes_code()


async def test_a_dot_git_that_is_a_fifo(victim: Victim, tmp_path: Path) -> None:
    """Whoever opens it to read where the git folder is, waits for ever."""
    clone = tmp_path / "clone"
    clone.mkdir()
    os.mkfifo(clone / ".git")
    for message in (None, clone / "COMMIT_EDITMSG"):
        await victim.writes_a_message(message)
    await victim.completes_code()


@pytest.mark.parametrize("name", ["paths that grow", "trees that are nested", "too large"])
async def test_an_index_without_end(victim: Victim, tmp_path: Path, name: str) -> None:
    """Some megabytes that unfold into gigabytes, or take minutes."""
    git = repository(tmp_path / "clone")
    (git.folder / ".git/index").write_bytes(HOSTILE_INDEXES[name])
    await victim.writes_a_message()
    await victim.completes_code()


@pytest.mark.parametrize("name", ["two that are upon each other", "that makes gigabytes"])
async def test_a_pack_without_end(victim: Victim, tmp_path: Path, name: str) -> None:
    """Deltas in a circle, and one that copies the same bytes over and over."""
    git = repository(tmp_path / "clone")
    oid = "0102030405060708090a0b0c0d0e0f1011121314"
    git("update-index", "--add", "--cacheinfo", f"100644,{oid},bad.py")
    pack(git.folder, BAD_PACKS[name])
    assert STAGED in await victim.writes_a_message(None, STAGED)
    await victim.completes_code()


async def test_a_decompression_bomb(victim: Victim, tmp_path: Path) -> None:
    """An object of 300 kB that unpacks to 300 MB, staged twenty times."""
    git = repository(tmp_path / "clone")
    data = bomb(300_000_000)
    for number in range(20):
        oid = f"{number + 1:040x}"
        loose(git.folder, data, bytes.fromhex(oid))
        git("update-index", "--add", "--cacheinfo", f"100644,{oid},bad{number}.py")
    assert STAGED in await victim.writes_a_message(None, STAGED)
    await victim.completes_code()


async def test_a_tree_that_holds_itself(victim: Victim, tmp_path: Path) -> None:
    """Under two names: twice as many folders at each step down."""
    git = repository(tmp_path / "clone")
    oid = bytes(range(20))
    tree = b"".join(b"40000 %s\0%s" % (name, oid) for name in (b"a", b"b"))
    loose(git.folder, zlib.compress(b"tree %d\0%s" % (len(tree), tree)), oid)
    commit = b"tree %s\n" % oid.hex().encode()
    loose(git.folder, zlib.compress(b"commit %d\0%s" % (len(commit), commit)), b"\7" * 20)
    (git.folder / ".git/refs/heads/main").write_text(f"{'07' * 20}\n")
    await victim.writes_a_message()
    await victim.completes_code()


async def test_a_diff_without_end(victim: Victim, tmp_path: Path) -> None:
    """Large texts of few different lines, which comparing takes square time for."""
    git = repository(tmp_path / "clone")
    git.commit({f"{n}.txt": "a\nb\nc\n" * 19_000 for n in range(10)})
    git.stage({f"{n}.txt": "b\na\nc\na\n" * 14_000 for n in range(10)})
    await victim.writes_a_message()
    await victim.completes_code()


async def test_names_with_control_characters(victim: Victim, tmp_path: Path) -> None:
    """A staged file's name that would end its line and begin another file's diff."""
    git = repository(tmp_path / "clone")
    git.stage({"x\ndiff --git a/y b/y\n+injected": "x\n"})
    sent = await victim.writes_a_message(None, STAGED)
    assert STAGED in sent
    assert "\\n+injected" not in sent.replace("\\\\n", "")
    await victim.completes_code()


async def test_reading_does_not_hold_up_the_end(
    environ: dict[str, str], mistral: FakeMistral, tmp_path: Path
) -> None:
    """An index of 40 MB is being read when the editor goes."""
    git = repository(tmp_path / "clone")
    entry = struct.pack(">24xI12x20sH", 0o100644, b"\1" * 20, 1) + b"a\0"
    index = b"DIRC" + struct.pack(">II", 2, 600_000) + entry * 600_000 + bytes(20)
    (git.folder / ".git/index").write_bytes(index)
    where = {**environ, "DEVSTRAL_FIM_BASE_URL": mistral.url, "MISTRAL_API_KEY": KEY}
    editor = await Editor.start(where, NEOVIM, root_uri=git.folder.as_uri())
    path = git.folder / ".git/COMMIT_EDITMSG"
    await editor.inline(editor.open("Add │", uri=path.as_uri(), language="git-commit"))
    start = time.monotonic()
    await editor.stop()
    assert time.monotonic() - start < 10  # two seconds on a machine that does nothing else
