"""The packages inside an archive: a package tarball, or a zip of Yarn's cache."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from ..datatype import dataclass, field, replace
from ..finding import Skipped
from .disk import calls_node, over
from .layout import MAX_BYTES, Kind, is_source, kind_of, may_be_script
from .manifest import MAX_MANIFEST, Manifest, parse
from .members import placed
from .package import File, Folder, Package, Skip, assemble
from .tar import BrokenArchiveError, Member

__all__ = ["BrokenArchiveError", "packages"]


def packages(path: Path, shown: str, skip: Skip, root_engines: str | None = None) -> Iterator[Package]:
    """The packages in an archive, the outermost first; `root_engines` is by default that of the outermost.

    Raises BrokenArchiveError when nothing at all can be read of it; what goes wrong later, or with one member, goes to
    skip.
    """
    listing = _Listing(shown, skip)
    try:
        for place, member in placed(path, listing.wants):
            listing.add(place, member)
    except BrokenArchiveError as error:
        if not listing.read:
            raise
        skip(Skipped(shown, error.reason, str(error)))
    grouped = listing.grouped()
    engines = listing.manifest("").engines if root_engines is None else root_engines
    for root, files in sorted(grouped.items()):
        yield assemble(listing.identity(root), f"{shown}/{root}" if root else shown, files, engines, path)


@dataclass(slots=True)
class _Listing:
    """What an archive holds, gathered member by member."""

    shown: str
    skip: Skip
    read: int = 0
    sources: dict[str, str] = field(default_factory=dict)  # place inside the archive: name of the member
    manifests: dict[str, Manifest] = field(default_factory=dict)  # by folder

    def wants(self, place: str, size: int) -> bool:
        """The data that a listing needs: manifests, and files whose first line decides."""
        folder, _, name = place.rpartition("/")
        return (name == "package.json" and size <= MAX_MANIFEST) or (may_be_script(folder, name) and size <= MAX_BYTES)

    def add(self, place: str, member: Member) -> None:
        self.read += 1
        folder, _, name = place.rpartition("/")
        if member.refused:
            self.skip(Skipped(f"{self.shown}/{member.name}", "archive", member.refused))
        elif name == "package.json":
            self._add_manifest(place, folder, member)
        elif may_be_script(folder, name):
            if member.data is not None and calls_node(member.data):
                self.sources[place] = member.name
        elif is_source(name) and member.size > MAX_BYTES:
            self.skip(Skipped(f"{self.shown}/{place}", "too-large", over(member.size, MAX_BYTES)))
        elif is_source(name):
            self.sources[place] = member.name

    def _add_manifest(self, place: str, folder: str, member: Member) -> None:
        manifest = Manifest(problem=over(member.size, MAX_MANIFEST)) if member.data is None else parse(member.data)
        self.manifests[folder] = manifest
        if manifest.problem:
            self.skip(Skipped(f"{self.shown}/{place}", "package-json", manifest.problem))

    def manifest(self, folder: str) -> Manifest:
        return self.manifests.get(folder, Manifest())

    def identity(self, root: str) -> Manifest:
        """The manifest of a package, named after its folder in node_modules where it has no name."""
        manifest, (_, name) = self.manifest(root), _installed(root)
        return manifest if manifest.name else replace(manifest, name=name)

    def grouped(self) -> dict[str, list[File]]:
        """The files of each package, by the folder of the package."""
        groups: dict[str, list[File]] = {}
        folders: dict[str, Folder] = {}
        named = {folder for folder, manifest in self.manifests.items() if manifest.name}
        for root in sorted(named):
            if _installed(root)[0] is not None:
                groups[root] = []
        for place, member in self.sources.items():
            owner = self._root(place.rpartition("/")[0], named)
            if owner is not None:
                folder, slash, name = place.rpartition("/")
                shared = Folder(f"{self.shown}/{folder}{slash}", f"{folder}{slash}"[len(owner) + bool(owner) :], "")
                groups.setdefault(owner, []).append(File(folders.setdefault(folder, shared), name, member))
        return groups

    def _root(self, folder: str, named: set[str]) -> str | None:
        """The package a folder belongs to; None when it is one that is never entered."""
        installed, _ = _installed(folder)
        while installed is not None and folder != installed and folder not in named:
            folder = folder.rpartition("/")[0]
        return None if installed is None else folder


@lru_cache(maxsize=4096)
def _installed(folder: str) -> tuple[str | None, str]:
    """The innermost folder of a node_modules that this one lies in, and the name it gives; None: never entered."""
    kind: Kind = "plain"
    root, name, at, scope = "", "", 0, ""
    for segment in folder.split("/") if folder else ():
        at += len(segment) + 1
        kind = kind_of(segment, kind)
        if kind == "closed":
            return None, ""
        if kind == "package":
            root, name = folder[: at - 1], f"{scope}{segment}"
        scope = f"{segment}/" if kind == "scope" else ""
    return root, name
