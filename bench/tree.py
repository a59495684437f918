"""python -m bench.tree: the tree that is measured, installed from the lock files in bench/trees into .cache/bench.

Three projects lie side by side, each laid by its own manager: npm, pnpm (a store with links) and Yarn (node_modules).
Versions and integrities are those of the lock files, and no script of a package runs. A quarter and a half of the tree
are hard links to the files of the whole. Prints how much lies in each.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from linter.packages.layout import is_source
from tests import npm
from tests.clients import program

LOCKS = Path(__file__).with_name("trees")
CACHE = npm.CACHE / "bench"
TREE = CACHE / "tree"
PARTS: Mapping[str, int] = {"quarter": 4, "half": 2, "whole": 1}  # of how many parts it is one
LARGE = 1_000_000  # bytes; bundles, mostly
_SECONDS = 1800  # for one install
_STAMP = "parts"  # in CACHE: what the parts were made from
# The file that is changed in one of the measurements, and looked at alone in another: Socket.IO's at 0.9.13.
CHANGED = "npm/node_modules/socket.io/lib/manager.js"
CLEAN = "npm/node_modules/ws/lib/sender.js"  # with some of the words of rules, and no findings
_MINIFIED = re.compile(r"[._-]min(?=\.)")
_MARK = b"\n// changed by the benchmark: "


@dataclass(frozen=True, slots=True)
class Size:
    """How much lies below a folder; links are not followed. `bytes` and `large` are of sources."""

    files: int
    sources: int
    bytes: int
    large: int

    @property
    def megabytes(self) -> float:
        return self.bytes / 1e6


def built() -> Path:
    """The folder of the whole tree, installed when it is not as the lock files say. Raises NpmError."""
    fresh = [_installed(folder) for folder in sorted(LOCKS.iterdir())]
    if any(fresh) or not (CACHE / _STAMP).is_file():
        _end_of_search(TREE)
        _split()
    changed(None)
    return TREE


def part(name: str) -> Path:
    """The folder of a part of the tree, which `built` has made."""
    return TREE if name == "whole" else CACHE / name


def sources(name: str) -> Path:
    """The sources of a part and nothing else, as hard links: for tools that would follow links, or trip over them.

    One passes over names such as x.min.js, even when it is told to ignore nothing, so they are spelt another way.
    """
    folder = CACHE / f"{name}-sources"
    if not folder.is_dir():
        with npm.built(folder) as building:
            for path in _files(part(name)):
                if is_source(path.name):
                    copy = (building / path.relative_to(part(name))).with_name(_MINIFIED.sub(".compact", path.name))
                    copy.parent.mkdir(parents=True, exist_ok=True)
                    copy.hardlink_to(path)
            _end_of_search(building)
    return folder


def size(folder: Path) -> Size:
    found = [(path, path.stat().st_size) for path in _files(folder)]
    sizes = [number for path, number in found if is_source(path.name)]
    return Size(len(found), len(sizes), sum(sizes), sum(number > LARGE for number in sizes))


def changed(number: int | None) -> Path:
    """One file of the tree with a comment at its end that differs by number; None takes the comment away."""
    path = TREE / CHANGED
    data = path.read_bytes()
    wanted = data.partition(_MARK)[0] + (b"" if number is None else _MARK + str(number).encode() + b"\n")
    if wanted != data:
        path.write_bytes(wanted)
    return path


def _installed(locks: Path) -> bool:
    """Whether this project had to be installed: its lock file is copied with it, so equal ones say that it is there."""
    folder = TREE / locks.name
    manifests = [path for path in sorted(locks.iterdir()) if path.is_file()]
    with npm.locked():
        if all(npm.same(folder / manifest.name, manifest) for manifest in manifests):
            return False
    # Outside of the lock, which fetching the manager takes for itself.
    line = [*program(_MANAGERS[locks.name]), *_INSTALL[locks.name]]
    with npm.locked(), npm.built(folder) as building:
        for manifest in manifests:
            shutil.copy(manifest, building)
        _install(line, building)
    return True


# npm's own copy of a file is as good as any; pnpm would link to its store, where a change would reach other projects.
_MANAGERS: Mapping[str, str] = {"npm": "npm", "pnpm": "pnpm-10", "yarn": "yarn"}
_INSTALL: Mapping[str, Sequence[str]] = {
    "npm": ("ci", *npm.QUIET),
    "pnpm": ("install", "--frozen-lockfile", "--ignore-scripts", "--package-import-method=copy"),
    "yarn": ("install", "--immutable", "--mode=skip-build"),
}


def _install(line: Sequence[str], building: Path) -> None:
    """Run a manager in this folder, with a store of its own, which is not needed once everything is copied."""
    store = CACHE / "store"
    environment = os.environ | {
        "CI": "1", "npm_config_store_dir": str(store), "YARN_GLOBAL_FOLDER": str(store),
        "YARN_NPM_MINIMAL_AGE_GATE": "0",
    }  # fmt: skip
    try:
        done = subprocess.run(
            line, cwd=building, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            errors="replace", timeout=_SECONDS,
        )  # fmt: skip
    finally:
        shutil.rmtree(store, ignore_errors=True)
    if done.returncode:
        raise npm.NpmError(f"{' '.join(line)} failed:\n{(done.stdout + done.stderr).strip()[-2000:]}")


def _split() -> None:
    """Lay the parts anew: packages in the order of a hash of their paths, until their bytes are the part's share."""
    (CACHE / _STAMP).unlink(missing_ok=True)
    for name in PARTS:
        shutil.rmtree(CACHE / f"{name}-sources", ignore_errors=True)
    units = sorted(_units(), key=lambda unit: hashlib.sha256(unit.relative_to(TREE).as_posix().encode()).digest())
    sizes = [size(unit).bytes for unit in units]
    for name, share in PARTS.items():
        if share > 1:
            with npm.built(CACHE / name) as building:
                left = sum(sizes) // share
                for unit, bytes_ in zip(units, sizes, strict=True):
                    if bytes_ <= left:
                        left -= bytes_
                        shutil.copytree(unit, building / unit.relative_to(TREE), symlinks=True, copy_function=os.link)
                _end_of_search(building)
    (CACHE / _STAMP).touch()


def _end_of_search(folder: Path) -> None:
    """Keep tools that look upward for .gitignore from finding ours, which leaves out all that is in the cache."""
    (folder / ".git").mkdir(exist_ok=True)


def _units() -> Iterator[Path]:
    """What a part has or has not: the folders that a manager laid for a package and what is installed inside it."""
    for project in sorted(locks.name for locks in LOCKS.iterdir()):
        modules = TREE / project / "node_modules"
        store = modules / ".pnpm"
        for folder in sorted((store if store.is_dir() else modules).iterdir()):
            if folder.is_dir() and folder.name.startswith("@") and folder.parent == modules:
                yield from sorted(path for path in folder.iterdir() if path.is_dir() and not path.is_symlink())
            elif folder.is_dir() and not folder.name.startswith(".") and folder.name != "node_modules":
                yield folder


def _files(folder: Path) -> Iterator[Path]:
    for where, _, names in os.walk(folder):
        for name in names:
            path = Path(where, name)
            if path.is_file() and not path.is_symlink():
                yield path


def main() -> int:
    try:
        built()
    except npm.NpmError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"{'part':<8} {'files':>7} {'sources':>8} {'MB':>6} {'over 1 MB':>10}")
    for name in PARTS:
        found = size(part(name))
        print(f"{name:<8} {found.files:>7} {found.sources:>8} {found.megabytes:>6.0f} {found.large:>10}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
