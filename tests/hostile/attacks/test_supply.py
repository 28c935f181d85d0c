"""An index that gives other files than those that were locked, and a build that is not this clone.

The index is a folder, so that nothing is asked of the network.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[3]
LOCKED = "cachetools"
"""A package that is one wheel for all systems."""

Attack = Callable[[Path, Path], None]


def entry(lock: Path, name: str) -> str:
    """What a lock file says of one package."""
    text = lock.read_text(encoding="utf-8")
    found = re.search(rf"^{name}(?:\[.*\])?==(?:.*\\\n)+.*\n", text, re.MULTILINE)
    assert found, name
    return found[0]


def wheel(folder: Path, name: str, version: str, needs: str = "") -> Path:
    """A wheel that would leave a file behind when it is imported."""
    path = folder / f"{name}-{version}-py3-none-any.whl"
    about = f"{name}-{version}.dist-info"
    needed = f"Requires-Dist: {needs}\n" if needs else ""
    with zipfile.ZipFile(path, "w") as held:
        held.writestr(f"{name}/__init__.py", "open('/tmp/was-here', 'w')\n")
        held.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {name}\n"
                      f"Version: {version}\n{needed}\n")  # fmt: skip
        held.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\n"
                      "Tag: py3-none-any\n")  # fmt: skip
        held.writestr(f"{about}/RECORD", "")
    return path


def source(folder: Path, name: str, version: str) -> Path:
    """A source package whose setup.py would leave a file behind while it is looked at."""
    inner = folder / "inner" / f"{name}-{version}"
    inner.mkdir(parents=True)
    (inner / "setup.py").write_text(
        f"open({str(folder / 'ran')!r}, 'w')\n"
        f"from setuptools import setup\nsetup(name={name!r}, version={version!r})\n"
    )
    path = folder / f"{name}-{version}.tar.gz"
    with tarfile.open(path, "w:gz") as packed:
        packed.add(inner, inner.name)
    return path


def version_of(lock: Path) -> str:
    found = re.match(r".*==(\S+)", entry(lock, LOCKED))
    assert found
    return found[1]


def another_wheel(index: Path, lock: Path) -> None:
    """Of the same name and version."""
    wheel(index, LOCKED, version_of(lock))


def a_source_package(index: Path, lock: Path) -> None:
    """In the place of the wheel."""
    source(index, LOCKED, version_of(lock))


def a_newer_version(index: Path, lock: Path) -> None:
    wheel(index, LOCKED, "999.0")


def a_local_version(index: Path, lock: Path) -> None:
    """Which counts as newer than the one without it."""
    wheel(index, LOCKED, f"{version_of(lock)}+evil")


def another_build(index: Path, lock: Path) -> None:
    """With a build number, which is taken before the one without it."""
    path = wheel(index, LOCKED, version_of(lock))
    path.rename(index / path.name.replace("-py3", "-999-py3"))


def a_name_without_a_lock(index: Path, lock: Path) -> None:
    """That the genuine package would need, were it the genuine one."""
    path = wheel(index, LOCKED, version_of(lock), needs="evil")
    wheel(index, "evil", "1.0")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    text = lock.read_text(encoding="utf-8")
    genuine = entry(lock, LOCKED)
    forged = f"{LOCKED}=={version_of(lock)} \\\n    --hash=sha256:{digest}\n"
    lock.write_text(text.replace(genuine, forged), encoding="utf-8")


def a_hash_of_another_kind(index: Path, lock: Path) -> None:
    """A lock file in which somebody put MD5, for which one can make another file."""
    path = wheel(index, LOCKED, version_of(lock))
    digest = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
    lock.write_text(f"{LOCKED}=={version_of(lock)} --hash=md5:{digest}\n", encoding="utf-8")


ATTACKS = (
    another_wheel,
    a_source_package,
    a_newer_version,
    a_local_version,
    another_build,
    a_name_without_a_lock,
    a_hash_of_another_kind,
)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_an_index_gives_something_else(tmp_path: Path, attack: Attack) -> None:
    index, into, lock = tmp_path / "index", tmp_path / "into", tmp_path / "requirements.lock"
    index.mkdir()
    lock.write_text(entry(PROJECT / "requirements.lock", LOCKED), encoding="utf-8")
    attack(index, lock)
    done = pip("install", "--require-hashes", "-r", str(lock), "--target", str(into), index=index)
    assert done.returncode != 0, done.stdout
    assert re.search(r"(?i)hash|No matching distribution", done.stderr), done.stderr
    assert not into.exists() or not any(into.iterdir())
    assert not (index / "ran").exists(), "a file was run before its hash was looked at"


def test_the_true_file_is_taken(tmp_path: Path) -> None:
    """Otherwise the refusals would say nothing."""
    index = tmp_path / "index"
    index.mkdir()
    path = wheel(index, LOCKED, "1.0")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    lock = tmp_path / "requirements.lock"
    lock.write_text(f"{LOCKED}==1.0 \\\n    --hash=sha256:{digest}\n", encoding="utf-8")
    into = ("--target", str(tmp_path / "into"))
    done = pip("install", "--require-hashes", "-r", str(lock), *into, index=index)
    assert done.returncode == 0, done.stderr


def test_the_builder_is_another_one(tmp_path: Path) -> None:
    """A forged hatchling runs with the user's rights when the package is built: by the README's
    commands, it is never installed, nor fetched behind their back."""
    index = tmp_path / "index"
    index.mkdir()
    lock = PROJECT / ".ci" / "locks" / "build.lock"
    found = re.match(r"hatchling==(\S+)", entry(lock, "hatchling"))
    assert found
    wheel(index, "hatchling", found[1])
    only = tmp_path / "build.lock"
    only.write_text(entry(lock, "hatchling"), encoding="utf-8")
    into = ("--target", str(tmp_path / "into"))
    done = pip("install", "--require-hashes", "-r", str(only), *into, index=index)
    assert done.returncode != 0
    assert "hash" in done.stderr.lower()
    source_folder = clone(tmp_path / "clone")
    bare = tmp_path / "bare"
    subprocess.run((sys.executable, "-m", "venv", str(bare)), check=True)
    build = ("install", "--no-deps", "--no-build-isolation", "-e", str(source_folder))
    done = pip(*build, index=index, python=bare / "bin" / "python")
    assert done.returncode != 0, "it was built with something that was not there"
    assert "hatchling" in done.stderr


@pytest.mark.parametrize("target", ["wheel", "sdist"])
def test_two_builds_are_the_same_bytes(tmp_path: Path, target: str) -> None:
    """In two clones with other times, rights, places and orders of files, at other times of day:
    who has the sources can tell whether a package was made of them."""
    first = built(clone(tmp_path / "a"), target, TZ="UTC", PYTHONHASHSEED="1")
    other = clone(tmp_path / "a much longer name" / "of a folder", reverse=True)
    unlike(other)
    second = built(other, target, umask=0o077, TZ="Asia/Kolkata", LC_ALL="C", PYTHONHASHSEED="2")
    assert first.name == second.name
    assert digest_of(first) == digest_of(second)


def clone(to: Path, *, reverse: bool = False) -> Path:
    """What git knows of this checkout, as it is now."""
    command = ("git", "ls-files", "-z", "--cached")
    listed = subprocess.run(command, cwd=PROJECT, check=True, capture_output=True, text=True)
    for name in sorted(filter(None, listed.stdout.split("\0")), reverse=reverse):
        if (PROJECT / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(PROJECT / name, to / name)
            shutil.copymode(PROJECT / name, to / name)
    return to


def unlike(folder: Path) -> None:
    """Give all files another time, and rights that a narrower umask would have given."""
    for path in folder.rglob("*"):
        path.chmod(path.stat().st_mode & 0o700)
        os.utime(path, (1_000_000_000, 1_000_000_000))


def built(folder: Path, target: str, *, umask: int = 0o022, **environ: str) -> Path:
    out = folder.parent / f"out-{folder.name}"
    without = {name: text for name, text in os.environ.items() if name != "SOURCE_DATE_EPOCH"}
    subprocess.run(
        (sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(out)),
        cwd=folder, umask=umask, env={**without, **environ}, check=True, capture_output=True,
    )  # fmt: skip
    (package,) = out.iterdir()
    return package


def digest_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def pip(
    *arguments: str, index: Path, python: Path = Path(sys.executable)
) -> subprocess.CompletedProcess[str]:
    """Run pip with a folder as the only index."""
    only = ("--isolated", "--no-cache-dir", "--disable-pip-version-check")
    where = ("--no-index", "--find-links", str(index))
    name, *rest = arguments
    command = (str(python), "-m", "pip", *only, name, *where, *rest)
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
