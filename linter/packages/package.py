"""One package instance as it lies there: its identity and its source files."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from ..datatype import dataclass, replace
from ..finding import Skipped
from .manifest import Manifest

Skip = Callable[[Skipped], None]


class Folder(NamedTuple):
    """What the paths of the files in a folder begin with: each empty, or with `/` at the end.

    `shown` is for people: as given on the command line joined with the place below it, `/` between. In an archive that
    is the archive's path and the member's, without the leading folder of a package tarball.
    """

    shown: str
    inside: str  # the same, inside the package
    disk: str  # its real path; "" in an archive


class File(NamedTuple):
    """A source file. There may be a great many, so each holds no more than its name and the folder that it shares."""

    folder: Folder
    name: str
    member: str = ""  # its name inside the archive

    @property
    def path(self) -> str:
        """What it is called for people: see Folder.shown."""
        return self.folder.shown + self.name

    @property
    def file(self) -> str:
        """Its path inside its package, `/` between."""
        return self.folder.inside + self.name

    @property
    def disk(self) -> str:
        """The real file; "" for a member of an archive, and for stdin."""
        return self.folder.disk and self.folder.disk + self.name

    @classmethod
    def single(cls, path: str, file: str, disk: str) -> File:
        """The file of these paths, whose names may differ."""
        return cls(Folder(path, file, disk), "")


@dataclass(frozen=True, slots=True)
class Package:
    """A package. `name` and `version` are those of the nearest package.json that has a name, "" when there is none.

    In node_modules a package.json without one is named after its folder. `engines` is its engines.node, `root_engines`
    that of the project it was found in; both "" when absent. `files` may be empty (a package of type declarations).
    """

    name: str
    version: str
    path: str  # of its root, as File.path
    engines: str
    files: tuple[File, ...]  # sorted by file
    archive: Path | None = None
    root_engines: str = ""
    root: str = ""  # the real folder that it begins in; "" in an archive, or without files

    def with_files(self, files: tuple[File, ...]) -> Package:
        """The same with no more than these of its files."""
        return replace(self, files=files, root=self.root if files else "")


def assemble(
    manifest: Manifest, path: str, files: Iterable[File], root_engines: str, archive: Path | None = None
) -> Package:
    """The package of this manifest and these files."""
    ordered = tuple(sorted(files, key=lambda file: file.file))
    root = ordered[0].disk[: -len(ordered[0].file) - 1] if ordered else ""
    return Package(manifest.name, manifest.version, path, manifest.engines, ordered, archive, root_engines, root)
