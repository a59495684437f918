"""A walk over a folder and all that is installed below it, whatever package manager laid it.

Each real folder is entered once. A package is shown at its real place when that lies below the folder given, otherwise
at the first link that leads to it. Links are followed only where package managers put them: in a node_modules.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from operator import attrgetter
from pathlib import Path
from typing import Literal

from ..finding import Skipped
from .disk import refused, runs_node
from .layout import Kind, is_source, kind_of, may_be_script
from .links import beside, outside
from .manifest import Manifest
from .package import File, Package, Skip, assemble
from .project import Manifests, display

Sort = Literal["file", "folder", "link", "special"]
_PNP = frozenset({".pnp.cjs", ".pnp.js"})


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder to enter. `shown` and `inside` begin the paths of what is in it: empty, or with `/` at the end."""

    disk: str  # its real path
    shown: str
    inside: str  # the same, inside the package
    kind: Kind = "plain"


@dataclass(frozen=True, slots=True)
class Root:
    """Where the files of a package begin; `name` is what it is called when its manifest does not say."""

    folder: Folder
    path: str  # as Package.path
    manifest: Manifest | None = None
    name: str = ""


@dataclass(slots=True)
class _Own:
    """What one package holds itself, and the packages found below it."""

    manifest: Manifest | None
    files: list[File] = field(default_factory=list)
    nested: list[Root] = field(default_factory=list)
    folders: list[Folder] = field(default_factory=list)  # still to be entered


class Walk:
    """A walk below the real folder `base`. `seen` holds the real folders already entered, by this walk or earlier ones.

    `archives` fills with the zips of Yarn Plug'n'Play, each its path on disk and the one to show.
    """

    def __init__(self, base: str, absolute: bool, manifests: Manifests, seen: set[str], skip: Skip) -> None:
        self.archives: list[tuple[str, str]] = []
        self._base = base
        self._absolute = absolute
        self._manifests = manifests
        self._seen = seen
        self._skip = skip

    def packages(self, start: Root, root_engines: str) -> Iterator[Package]:
        """The packages from start on, outer before inner, in the order of their paths."""
        todo = [start] if self._enter(start.folder.disk) else []
        while todo:
            root = todo.pop()
            own = self._own(root)
            manifest = own.manifest or Manifest()
            manifest = manifest if manifest.name else replace(manifest, name=root.name)
            if manifest.name or own.files:
                yield assemble(manifest, root.path, own.files, root_engines)
            todo.extend(sorted(own.nested, key=attrgetter("path"), reverse=True))

    def _own(self, root: Root) -> _Own:
        own = _Own(root.manifest, folders=[root.folder])
        while own.folders:
            folder = own.folders.pop()
            entries = self._entries(folder)
            if "package.json" in entries and folder.kind != "modules":
                manifest = self._manifests.read(folder.disk, folder.shown)
                if folder is root.folder:
                    own.manifest = own.manifest or manifest
                elif manifest is not None and manifest.name:
                    own.nested.append(Root(replace(folder, inside=""), _path(folder.shown), manifest))
                    continue
            waiting = len(own.folders)
            for name, sort in entries.items():
                self._add(own, folder, name, sort, entries)
            own.folders[waiting:] = reversed(own.folders[waiting:])
        return own

    def _entries(self, folder: Folder) -> dict[str, Sort]:
        try:
            with os.scandir(folder.disk) as found:
                return dict(sorted((entry.name, _sort_of(entry)) for entry in found))
        except OSError as error:
            self._skip(refused(_path(folder.shown), error))
            return {}

    def _add(self, own: _Own, folder: Folder, name: str, sort: Sort, entries: dict[str, Sort]) -> None:
        if sort == "file":
            if is_source(name) or self._is_script(folder, name):
                disk = Path(folder.disk, name)
                own.files.append(File(f"{folder.shown}{name}", f"{folder.inside}{name}", disk))
        elif sort == "folder":
            if name == ".yarn":
                self._add_yarn(own, _below(folder, name), not _PNP.isdisjoint(entries))
            else:
                self._add_folder(own, folder, _below(folder, name, kind_of(name, folder.kind)))
        elif sort == "link":
            self._add_link(own, folder, name)
        elif is_source(name):
            self._skip(Skipped(f"{folder.shown}{name}", "special"))

    def _is_script(self, folder: Folder, name: str) -> bool:
        return may_be_script(folder.disk, name) and runs_node(os.path.join(folder.disk, name))

    def _add_folder(self, own: _Own, within: Folder, folder: Folder) -> None:
        if folder.kind == "closed" or not self._enter(folder.disk):
            return
        if folder.kind == "package":
            name = os.path.basename(folder.disk) if within.kind == "modules" else _scoped(folder.shown)
            own.nested.append(Root(replace(folder, inside=""), _path(folder.shown), name=name))
        else:
            own.folders.append(folder)

    def _add_yarn(self, own: _Own, yarn: Folder, pnp: bool) -> None:
        """Of .yarn only what is installed: unpacked packages, and the zips if nothing else was unpacked from them."""
        unplugged = _below(yarn, "unplugged")
        unpacked = _names(unplugged.disk)
        if unpacked:
            self._add_folder(own, yarn, unplugged)
        cache = _below(yarn, "cache")
        for name in _names(cache.disk) if pnp else ():
            # name-npm-1.0.0-<hash>-<checksum>.zip is unplugged to name-npm-1.0.0-<hash>.
            if name.endswith(".zip") and name.rpartition("-")[0] not in unpacked:
                self.archives.append((os.path.join(cache.disk, name), f"{cache.shown}{name}"))

    def _add_link(self, own: _Own, folder: Folder, name: str) -> None:
        laid = folder.kind in ("modules", "scope")
        real = outside(os.path.join(folder.disk, name), f"{folder.shown}{name}", self._base, laid, self._skip)
        if real is None or not laid or not self._enter(real):
            return
        shown = f"{folder.shown}{name}/"
        package = Folder(real, shown, "", "package")
        own.nested.append(Root(package, _path(shown), name=_scoped(shown) if folder.kind == "scope" else name))
        needs = beside(real)
        if needs:
            self._add_folder(own, folder, Folder(needs, display(needs, self._absolute), "", "modules"))

    def _enter(self, real: str) -> bool:
        new = real not in self._seen
        self._seen.add(real)
        return new


def _sort_of(entry: os.DirEntry[str]) -> Sort:
    if entry.is_symlink():
        return "link"
    if entry.is_dir(follow_symlinks=False):
        return "folder"
    return "file" if entry.is_file(follow_symlinks=False) else "special"


def _below(folder: Folder, name: str, kind: Kind = "plain") -> Folder:
    disk = os.path.join(folder.disk, name)
    return Folder(disk, f"{folder.shown}{name}/", f"{folder.inside}{name}/", kind)


def _names(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def _scoped(shown: str) -> str:
    return "/".join(shown.split("/")[-3:-1])


def _path(shown: str) -> str:
    return "." if shown == "" else shown.rstrip("/") or "/"
