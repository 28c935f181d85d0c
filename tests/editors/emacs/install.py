"""Emacs for the tests: Debian's, with the lsp-mode of the same suite, and our package, compiled.

eglot is a part of Emacs. lsp-mode shows inline completions from version 10 on, which is in Debian's
testing suite; its parts that are used here are compiled, as Debian's own scripts would do it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.editors.support.debian_tree import libraries, tree
from tests.support.installed import cache, installed

SUITE = "forky"
PACKAGES = ("emacs-nox", "elpa-lsp-mode")
PROGRAM = "usr/bin/emacs-nox"

SOURCE = Path(__file__).parents[3] / "editors" / "emacs" / "devstral.el"
_COMPILED = "compiled"
NO_NATIVE_CODE = "(setq native-comp-jit-compilation nil native-comp-enable-subr-trampolines nil)"
"""Compiling to the processor's own code would need a C compiler's files, which are left out."""
_LSP_MODE = ("lsp-mode", "lsp-protocol", "lsp-completion", "lsp-inline-completion", "lsp")


@dataclass(frozen=True, slots=True)
class Emacs:
    """How to run it: the start of its command line, and what its environment needs."""

    command: tuple[str, ...]
    environ: Mapping[str, str]
    package: Path
    """The folder that holds `devstral.el` and what was compiled of it."""


def install() -> Emacs:
    """Install what is missing. Raises Unavailable if a package cannot be had."""
    root = tree(SUITE, PACKAGES, (PROGRAM,))
    emacs = Emacs(_command(root), _environ(root), cache())
    installed(f"{root.name}-{_COMPILED}", lambda _: _compile_packages(emacs, root))
    return Emacs(emacs.command, emacs.environ, compiled(emacs))


def compiled(emacs: Emacs) -> Path:
    """The folder with our package as it is in this checkout, compiled; a warning is an error."""
    content = hashlib.sha256(SOURCE.read_bytes()).hexdigest()[:16]

    def compile_ours(folder: Path) -> None:
        shutil.copyfile(SOURCE, folder / SOURCE.name)
        strict = ("--eval", "(setq byte-compile-error-on-warn t)")
        batch(emacs, *strict, "-f", "batch-byte-compile", str(folder / SOURCE.name))

    return installed(f"devstral-el-{content}", compile_ours)


def _compile_packages(emacs: Emacs, root: Path) -> None:
    files = [
        each
        for folder in _packages(root)
        for each in sorted(folder.rglob("*.el"))
        if not each.stem.endswith(("-pkg", "-autoloads"))
        and (not folder.name.startswith("lsp-mode") or each.stem in _LSP_MODE)
    ]
    silent = ("--eval", "(setq byte-compile-warnings nil)")
    batch(emacs, *silent, "-f", "batch-byte-compile", *map(str, files))


def batch(emacs: Emacs, *arguments: str) -> str:
    """Run Emacs without a terminal; gives what it says."""
    command = (*emacs.command, "-Q", "--batch", "--eval", NO_NATIVE_CODE, *arguments)
    environ = {**os.environ, **emacs.environ, "HOME": str(cache())}
    done = subprocess.run(
        command, env=environ, capture_output=True, text=True, timeout=300, check=False
    )
    assert not done.returncode, done.stderr
    return done.stdout + done.stderr


def _packages(root: Path) -> list[Path]:
    return sorted(each for each in (_share(root) / "site-lisp" / "elpa-src").iterdir())


def _share(root: Path) -> Path:
    return root / "usr" / "share" / "emacs"


def _version(root: Path) -> str:
    return next(each.name for each in _share(root).iterdir() if each.name[0].isdigit())


def _command(root: Path) -> tuple[str, ...]:
    """The program with its own image, which it would look for where it was built for."""
    (image,) = _own_programs(root).glob("emacs-*.pdmp")
    return (str(root / PROGRAM), f"--dump-file={image}")


def _own_programs(root: Path) -> Path:
    return root / "usr" / "libexec" / "emacs" / _version(root) / libraries(root).name


def _environ(root: Path) -> dict[str, str]:
    lisp = _share(root) / _version(root) / "lisp"
    folders = (
        each for each in sorted(lisp.rglob("*")) if each.is_dir() and each.name != "obsolete"
    )
    path = (*_packages(root), _share(root) / "site-lisp", lisp, *folders)
    data = str(_share(root) / _version(root) / "etc")
    return {
        "EMACSDATA": data,
        "EMACSDOC": data,
        "EMACSPATH": str(_own_programs(root)),
        "EMACSLOADPATH": os.pathsep.join(map(str, path)),
    }
