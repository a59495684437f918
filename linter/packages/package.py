"""One package instance as it lies there: its identity and its source files."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from ..finding import Skipped
from .manifest import Manifest

Skip = Callable[[Skipped], None]


@dataclass(frozen=True, slots=True)
class File:
    """A source file. `path` is for people: as given on the command line joined with the place below it, `/` between.

    In an archive that is the archive's path and the member's, without the leading folder of a package tarball.
    """

    path: str
    file: str  # path inside its package, `/` between
    disk: Path | None  # the real file; None for a member of an archive
    member: str = ""  # its name inside the archive


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


def assemble(
    manifest: Manifest, path: str, files: Iterable[File], root_engines: str, archive: Path | None = None
) -> Package:
    """The package of this manifest and these files."""
    ordered = tuple(sorted(files, key=lambda file: file.file))
    return Package(manifest.name, manifest.version, path, manifest.engines, ordered, archive, root_engines)


def root_of(package: Package) -> str:
    """The real folder that a package on disk begins in; "" for one in an archive, or without files."""
    first = next((file for file in package.files if file.disk is not None), None)
    if first is None or first.disk is None:
        return ""
    return str(first.disk)[: -len(first.file) - 1]
