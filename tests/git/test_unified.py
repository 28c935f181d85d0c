"""The staged diff is the one that git knows: applied to the last commit, it gives what is staged.

Each shape of repository is made by a real git and judged by it.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.git.newer import newer_git
from tests.git.repositories import Git, diffs
from tests.support.installed import Unavailable

pytestmark = pytest.mark.long

TEXT = "".join(f"line {number}\n" for number in range(60))
CHANGED = TEXT.replace("line 7\n", "").replace("line 20\n", "line twenty\nand more\n")


def judged(git: Git) -> str:
    """The diff, once git has found it to lead from the last commit to the index."""
    shown = diffs(git.folder)
    text = "".join(shown)
    other = Git(git.folder, git.program, {"GIT_INDEX_FILE": str(git.folder / ".git/judged")})
    head = git("rev-parse", "-q", "--verify", "HEAD", check=False).strip()
    other("read-tree", head) if head else other("read-tree", "--empty")
    if text:
        other("apply", "--cached", "--whitespace=nowarn", "-", data=text.encode())
    assert other("write-tree") == git("write-tree")
    (git.folder / ".git/judged").unlink()
    return text


def stage_changes(git: Git) -> None:
    """Each kind of change, from a commit with some history."""
    git.commit({"a.py": "one\n", "gone.py": TEXT, "deep/er/b.py": TEXT, "deep/same.py": TEXT})
    git.commit({"a.py": "two\n", "mode.sh": "#!/bin/sh\n", "moved.py": TEXT + "moved\n"})
    git.stage({"a.py": "three", "deep/er/b.py": CHANGED, "new.py": "new\n", "empty.py": ""})
    git("rm", "-q", "gone.py")
    git("mv", "moved.py", "deep/moved.py")
    git("update-index", "--chmod=+x", "mode.sh")


def plain(git: Git) -> None:
    stage_changes(git)


def packed(git: Git) -> None:
    git.commit({f"f{number}.py": TEXT * (number % 5) for number in range(40)})
    for turn in range(6):
        git.commit({"deep/er/b.py": TEXT.replace("line 3", f"turn {turn}")})
    git("gc", "-q", "--aggressive", "--prune=now")
    stage_changes(git)
    git("repack", "-adfq", "--depth=50", "--window=50")


def packed_by_reference(git: Git) -> None:
    git("config", "repack.useDeltaBaseOffset", "false")
    packed(git)


def many_packs(git: Git) -> None:
    stage_changes(git)
    for number in range(4):
        git.commit({"x.py": f"{number}\n"})
        git("repack", "-dq")
    git("multi-pack-index", "write")
    git.stage({"x.py": "staged\n"})


def packed_references(git: Git) -> None:
    stage_changes(git)
    git("branch", "x"), git("tag", "-am", "t", "v1")
    git("pack-refs", "--all", "--prune")


def detached(git: Git) -> None:
    stage_changes(git)
    git("update-ref", "--no-deref", "HEAD", git("rev-parse", "HEAD").strip())


def index_version_4(git: Git) -> None:
    stage_changes(git)
    git("update-index", "--index-version", "4")


def index_version_3(git: Git) -> None:
    stage_changes(git)
    git("update-index", "--skip-worktree", "deep/same.py")


def split_index(git: Git) -> None:
    git.commit({f"s/{number}.py": TEXT for number in range(100)})
    git("update-index", "--split-index")
    git("config", "splitIndex.maxPercentChange", "100")
    stage_changes(git)
    git.stage({"s/9.py": "nine\n", "s/95.py": CHANGED, "s/100.py": "new\n"})
    git("rm", "-q", "s/1.py", "s/64.py")
    assert list((git.folder / ".git").glob("sharedindex.*"))


def sparse_index(git: Git) -> None:
    git.commit({f"{top}/{number}/f.py": TEXT for top in "xyz" for number in range(3)})
    git.commit({"deep/er/x.py": "x\n"})
    git("sparse-checkout", "set", "--cone", "--sparse-index", "x", "deep/er")
    stage_changes(git)
    assert b"y/\0" in (git.folder / ".git/index").read_bytes()
    git.stage({"x/1/f.py": CHANGED})


def sparse_index_before_an_older_commit(git: Git) -> None:
    git.commit({f"{top}/{number}/f.py": TEXT for top in "xyz" for number in range(3)})
    git.commit({"z/0/f.py": CHANGED, "z/new/f.py": TEXT})
    git("sparse-checkout", "set", "--cone", "--sparse-index", "x")
    git("reset", "-q", "--soft", "HEAD~")


def assumed_and_intended(git: Git) -> None:
    stage_changes(git)
    git.write({"intended.py": "not yet\n"})
    git("add", "-N", "intended.py")
    git("update-index", "--assume-unchanged", "deep/same.py")


def no_commit_yet(git: Git) -> None:
    git.stage({"a.py": "one\n", "b/c.py": TEXT})


def nothing_staged(git: Git) -> None:
    git.commit({"a.py": "one\n"})
    git.write({"a.py": "two\n"})


def all_deleted(git: Git) -> None:
    git.commit({"a.py": "one\n", "b/c.py": TEXT})
    git("rm", "-rq", ".")


def file_for_folder(git: Git) -> None:
    git.commit({"a/b.py": TEXT, "c": "c\n", "a.py": "x\n", "a-b": "x\n"})
    git("rm", "-rq", "a", "c")
    git.stage({"a": "a file\n", "c/d.py": "in a folder\n"})


def odd_names(git: Git) -> None:
    git.commit({'q"uote.py': "1\n", "tab\there": "1\n", "bl ank": "1\n", "ü/é.py": "1\n"})
    git.stage({'q"uote.py': "2\n", "tab\there": "2\n", "bl ank": "2\n", "ü/é.py": "2\n"})
    git.stage({"back\\slash": "new\n", "\x7f": "new\n"})


def line_ends(git: Git) -> None:
    git.commit({"no_end": "a\nb", "end": "a\nb\n", "form": "a\x0cb\n\x0c\n", "crlf": "a\r\nb\n"})
    git.stage({"no_end": "a\nb\n", "end": "a\nb", "form": "a\x0cb\n\x0cc\n", "cr": "a\rb\rc\n"})


def links_and_submodules(git: Git) -> None:
    inner = Git(git.folder / "inner")
    inner.folder.mkdir()
    inner("init", "-q")
    inner.commit({"x": "1\n"})
    git.commit({"a": "1\n"})
    (git.folder / "link").symlink_to("a")
    git("add", "link", "inner")
    git("commit", "-qm", "both")
    inner.commit({"x": "2\n"})
    (git.folder / "link").unlink()
    (git.folder / "link").symlink_to("inner/x")
    git("add", "link", "inner")


def unchanged_folders(git: Git) -> None:
    git.commit({f"d{number}/e/f.py": TEXT for number in range(30)})
    git.stage({"d3/e/f.py": CHANGED, "d30": "file\n", "d4/e/g.py": "new\n"})


SHAPES: list[Callable[[Git], None]] = [
    plain, packed, packed_by_reference, many_packs, packed_references, detached, index_version_3,
    index_version_4, split_index, sparse_index, sparse_index_before_an_older_commit,
    assumed_and_intended, no_commit_yet, nothing_staged, all_deleted, file_for_folder, odd_names,
    line_ends, links_and_submodules, unchanged_folders,
]  # fmt: skip


@pytest.mark.parametrize("hashed", ["sha1", "sha256"])
@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_it_leads_from_the_last_commit_to_what_is_staged(
    tmp_path: Path, shape: Callable[[Git], None], hashed: str
) -> None:
    if hashed == "sha256" and shape is links_and_submodules:
        pytest.skip("submodules have the hash of what they are part of")
    git = Git(tmp_path)
    git("init", "-q", f"--object-format={hashed}")
    shape(git)
    text = judged(git)
    assert bool(text) == bool(git("diff", "--cached", "--stat"))


@pytest.mark.hostile  # it installs another git
@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_it_does_in_a_reftable_of_a_newer_git(tmp_path: Path, shape: Callable[[Git], None]) -> None:
    try:
        program = newer_git(tmp_path)
    except Unavailable as error:
        pytest.skip(str(error))
    git = Git(tmp_path / "tree", program)
    git.folder.mkdir()
    git("init", "-q", "--ref-format=reftable")
    if shape is not links_and_submodules:
        shape(git)
        judged(git)


@pytest.mark.parametrize("seed", range(12))
def test_it_does_for_any_edits(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    git = Git(tmp_path)
    git("init", "-q")
    words = [f"{'  ' * (number % 3)}word {number}\n" for number in range(3 + seed * 4)]

    def text() -> str:
        return "".join(chance.choice(words) for _ in range(chance.randrange(120)))

    before = {f"{chance.randrange(5)}/{number}.py": text() for number in range(15)}
    git.commit(before)
    after = {}
    for name, old in before.items():
        lines = old.splitlines(keepends=True)
        for _ in range(chance.randrange(6)):
            place = chance.randrange(len(lines) + 1)
            lines[place : place + chance.randrange(4)] = chance.choices(
                words, k=chance.randrange(4)
            )
        after[name] = "".join(lines)
    git.stage({**after, "more.py": text()})
    git("rm", "-qf", chance.choice(list(after)))
    judged(git)


def test_it_reads_as_that_of_git(tmp_path: Path) -> None:
    git = Git(tmp_path)
    git("init", "-q")
    stage_changes(git)
    theirs = git("diff", "--cached", "--unified=2")
    unsaid = re.compile(r"^(?:index|similarity index) .*\n", re.MULTILINE)
    assert "".join(diffs(tmp_path)) == unsaid.sub("", theirs)


def test_binary_and_large_files_are_said_to_differ(tmp_path: Path) -> None:
    git = Git(tmp_path)
    git("init", "-q")
    git.commit({"a.bin": b"\0one", "large.json": "1\n" * 1_200_000, "lines": "\n" * 70_000})
    git.stage({"a.bin": b"\0two", "large.json": "2\n" * 1_200_000, "lines": "\n" * 70_001})
    shown = "".join(diffs(tmp_path))
    for name in ("a.bin", "large.json", "lines"):
        assert f"Binary files a/{name} and b/{name} differ\n" in shown
    assert len(shown) < 500


def test_one_file_does_not_take_all_room(tmp_path: Path) -> None:
    git = Git(tmp_path)
    git("init", "-q")
    git.stage({"a.py": "some text\n" * 50_000, "b.py": "b\n"})
    first, second = diffs(tmp_path)
    assert 90_000 < len(first) < 120_000
    assert first.endswith("\n+some text\n")
    assert "+b\n" in second


def test_a_conflict_is_left_out(tmp_path: Path) -> None:
    git = Git(tmp_path)
    git("init", "-q")
    git.commit({"a.py": "one\n"})
    git("checkout", "-qb", "other")
    git.commit({"a.py": "two\n"})
    git("checkout", "-q", "main")
    git.commit({"a.py": "three\n"})
    git("merge", "-q", "other", check=False)
    git.stage({"b.py": "b\n"})
    (shown,) = diffs(tmp_path)
    assert "b.py" in shown


def test_what_a_partial_clone_lacks_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    far = Git(tmp_path / "far")
    far("init", "-q")
    far("config", "uploadpack.allowFilter", "true")
    far.commit({"a.py": TEXT, "b.py": "b\n", "c/d.py": TEXT + "d\n"})
    git = Git(tmp_path / "near")
    where = (f"file://{far.folder}", str(git.folder))
    Git(tmp_path)("clone", "-q", "--filter=blob:none", "--no-checkout", *where)
    git("read-tree", "HEAD")
    (tmp_path / "far").rename(tmp_path / "away")  # nothing can be fetched any more
    git.stage({"a.py": CHANGED, "new.py": "new\n"})
    git("rm", "-q", "--cached", "b.py")
    (shown,) = diffs(git.folder)
    assert "+new\n" in shown


SECRET = "KEY=hunter2\n" + "".join(f"SETTING_{number}=1\n" for number in range(9))

MANY = {f"{number}.txt": f"{number}\n" for number in range(90)}


@pytest.mark.parametrize(
    ("before", "after", "removed"),
    [
        ({".env": SECRET}, {".env": SECRET + "x\n"}, ()),
        ({".env": SECRET}, {"notes.txt": SECRET}, (".env",)),
        ({".env": SECRET}, {"notes.txt": SECRET + "more\n"}, (".env",)),
        ({".env": SECRET}, {"one.txt": SECRET, "two.txt": SECRET}, (".env",)),
        ({".env": SECRET}, {"copy.txt": SECRET, ".env": "KEY=other\n"}, ()),
        ({"notes.txt": SECRET}, {".env": SECRET}, ("notes.txt",)),
        (
            {".env": SECRET},
            MANY | {"z.txt": SECRET},
            (".env",),
        ),
    ],
)
def test_what_was_private_is_not_shown_under_another_name(
    tmp_path: Path, before: dict[str, str], after: dict[str, str], removed: tuple[str, ...]
) -> None:
    git = Git(tmp_path)
    git("init", "-q")
    git.commit(before | {"a.py": "one\n"})
    for name in removed:
        git("rm", "-q", "--cached", name)
    git.stage(after | {"a.py": "two\n"})
    shown = "".join(diffs(tmp_path, lambda path: path == ".env"))
    assert "hunter2" not in shown
    assert "+two\n" in shown
