"""One row proved: its package held the head as released, and no longer does once nodemend has mended it."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests import npm

from .. import ProofError
from .observe import Seen, observe
from .rows import Row


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was seen before and after; a sentence stands where the package no longer did its work."""

    row: Row
    before: Seen | str
    after: Seen | str
    touched: bool  # whether the cure changed the row's file

    @property
    def proved(self) -> bool:
        return (_state(self.before), _state(self.after)) == ("HELD", "FREE")

    def __str__(self) -> str:
        untouched = "" if self.touched else ", file as released"
        verdict = "proved" if self.proved else "NOT PROVED"
        return f"{self.row.id} ({self.row.idiom}): before {self.before}; after {self.after}{untouched}: {verdict}"


def prove(row: Row, mended_packages: Path | None = None) -> Outcome:
    """The outcome of a row. The mended package is NAME-VERSION in that folder, or what nodemend makes of it now."""
    released = npm.tree("upgrades") / "node_modules" / row.package
    before = _seen(row, released)
    with tempfile.TemporaryDirectory(prefix="proof-") as scratch:
        package = mended_packages / row.package if mended_packages else mended(row, Path(scratch))
        if not (package / row.file).is_file():
            raise ProofError(f"{package} has no {row.file}; it should be {row.package}, mended")
        touched = (package / row.file).read_bytes() != (released / row.file).read_bytes()
        return Outcome(row, before, _seen(row, package.resolve()), touched)


def mended(row: Row, folder: Path) -> Path:
    """A copy of the row's package after `nodemend fix --write --suggestions` for the Node that the row runs on."""
    copy = folder / row.package
    shutil.copytree(npm.tree("upgrades") / "node_modules" / row.package, copy, symlinks=True)
    # Where a current Node shows what is kept, the rules are still those for the Nodes where it mattered.
    asked = ("fix", "--write", "--suggestions", "--node", row.node or "all", ".")
    line = [sys.executable, "-m", "linter", *asked]
    done = subprocess.run(line, cwd=copy, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
    if done.returncode:
        raise ProofError(f"nodemend {' '.join(asked)} ended with exit code {done.returncode}:\n{done.stderr.strip()}")
    return copy


def _seen(row: Row, package: Path) -> Seen | str:
    try:
        return observe(row, package)
    except ProofError as error:
        return f"BROKEN ({str(error).strip().splitlines()[0]})"


def _state(seen: Seen | str) -> str:
    return seen.state if isinstance(seen, Seen) else "BROKEN"
