"""What the managers that keep patches have in common, and the few things in which they differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from ..datatype import dataclass
from ..json_text import Json
from ..locked import Locked
from ..semver import satisfies


@dataclass(frozen=True, slots=True)
class Copy:
    """One installed copy of a package. `at` is its folder from the project's root, or as it is when that is elsewhere.

    In a zip of Yarn's it is the zip and the folder in it, `/` between; `archive` is the zip.
    """

    name: str
    version: str
    at: str
    archive: Path | None = None
    bundled: bool = False  # whether it came inside of the package around it

    @property
    def shown(self) -> str:
        """Its place as people are told."""
        return self.archive.name if self.archive else self.at


@dataclass(frozen=True, slots=True)
class Unit:
    """What one patch file is for: a version of a package, or with patch-package one place (`at`) where it lies."""

    name: str
    version: str
    at: str = ""

    def __str__(self) -> str:
        return f"{self.name}@{self.version}" + (f" in {self.at}" if self.at else "")


@dataclass(frozen=True, slots=True)
class Kept:
    """A patch file of the project, ours or not. `data` is None when it is registered but not there.

    `problem` says why the manager will not take it, as far as its name or key shows that.
    """

    unit: Unit
    path: str  # from the project's root, `/` between
    data: bytes | None
    registered: bool = True
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Project:
    """The folder that the package manager works in, with what it says there."""

    root: Path
    text: str  # of package.json; "" when there is none
    manifest: Mapping[str, Json]
    locked: Locked | None

    def read(self, name: str) -> bytes | None:
        """A file of the project; None when it is not there."""
        try:
            return (self.root / name).read_bytes()
        except OSError:
            return None

    def table(self, *path: str) -> Mapping[str, Json]:
        """An object of package.json; an empty one when there is none."""
        value: Json = dict(self.manifest)
        for key in path:
            value = value.get(key) if isinstance(value, dict) else None
        return value if isinstance(value, dict) else {}

    def word(self, *path: str) -> str:
        """A text of package.json, "" when there is none."""
        value = self.table(*path[:-1]).get(path[-1])
        return value if isinstance(value, str) else ""


class Keeper(Protocol):
    """Who applies patches at each install, and where it wants them."""

    @property
    def name(self) -> str:
        """What --manager calls it."""

    @property
    def install(self) -> str:
        """The command that applies what is registered, and brings the lockfile up to date."""

    @property
    def anew(self) -> str:
        """The same where another patch has been applied to what is installed, or ours is to go."""

    def unit(self, copy: Copy) -> Unit:
        """What a patch for this copy is filed under. InputError when the manager cannot reach the copy."""

    def place(self, unit: Unit) -> str:
        """The path of the patch file, from the project's root."""

    def kept(self, project: Project) -> list[Kept]:
        """Every patch that is registered, or lies where registered ones do."""

    def registered(self, project: Project, add: Sequence[Kept], remove: Sequence[Kept]) -> Mapping[str, bytes | None]:
        """The project's files as they must be for these patches to be applied, or to be so no longer.

        Only those that change, by their path from the root. None: the file goes. ConfigError when that cannot be done.
        """

    def objection(self, lines: Sequence[bytes]) -> str:
        """Why a patch with these lines in its hunks would not be applied to the byte; "" when it would."""


def prefix(unit: Unit) -> str:
    """What stands before the names of the package's files in its patch."""
    return f"{unit.at}/" if unit.at else ""


def parsed_key(key: str) -> tuple[str, str]:
    """Name and version of `name@version`; the version is "" when there is none."""
    name, _, version = key.rpartition("@")
    return (name, version) if name else (key, "")


def covers(wanted: Unit, there: Unit) -> bool:
    """Whether a patch filed under `wanted`, perhaps a range or any version, is for this version or place."""
    if wanted.at:
        return (wanted.at, wanted.version) == (there.at, there.version)
    if wanted.name != there.name:
        return False
    if is_exact(wanted.version) or not wanted.version:
        return wanted.version in ("", there.version)
    try:
        return satisfies(there.version, wanted.version)
    except ValueError:
        return False


def is_exact(version: str) -> bool:
    """Whether a key is for one version, and not for a range or for every version."""
    return version[:1].isdigit() and all(c.isalnum() or c in ".-+" for c in version) and version.count(".") >= 2
