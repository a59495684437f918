"""A walk over a folder and all that is installed below it, whatever package manager laid it.

Each real folder is entered once. A package is shown at its real place when that lies below the folder given, otherwise
at the first link that leads to it. Links are followed only where package managers put them: in a node_modules.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from operator import attrgetter
from typing import Literal, NamedTuple

from ..datatype import dataclass, field, replace
from ..finding import Skipped
from .disk import refused, runs_node
from .layout import Kind, holds_scripts, is_source, kind_of
from .links import beside, outside
from .manifest import Manifest
from .met import Met
from .package import File, Folder, Package, Skip, assemble
from .project import Manifests, below, display

Sort = Literal["folder", "link", "special"]
_PNP = frozenset({".pnp.cjs", ".pnp.js"})


class Root(NamedTuple):
    """Where the files of a package begin; `name` is what it is called when its manifest does not say."""

    folder: Folder
    kind: Kind
    path: str  # as Package.path
    manifest: Manifest | None = None
    name: str = ""


@dataclass(slots=True)
class _Own:
    """What one package holds itself, and the packages found below it."""

    manifest: Manifest | None
    files: list[File] = field(default_factory=list)
    nested: list[Root] = field(default_factory=list)
    folders: list[tuple[Folder, Kind]] = field(default_factory=list)  # still to be entered


@dataclass(slots=True)
class _Entries:
    """What matters of what a folder holds."""

    sources: list[str] = field(default_factory=list)
    others: list[tuple[str, Sort]] = field(default_factory=list)
    manifest: bool = False
    pnp: bool = False


class Walk:
    """A walk below the real folder `base`. `met.folders` are those already entered, by this walk or earlier ones.

    `archives` fills with the zips of Yarn Plug'n'Play, each its path on disk and the one to show.
    """

    def __init__(self, base: str, absolute: bool, manifests: Manifests, met: Met, skip: Skip) -> None:
        self.archives: list[tuple[str, str]] = []
        self._base = base
        self._absolute = absolute
        self._manifests = manifests
        self._met = met
        self._seen = met.folders
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
        own = _Own(root.manifest, folders=[(root.folder, root.kind)])
        while own.folders:
            folder, kind = own.folders.pop()
            entries = self._entries(folder)
            if entries.manifest and kind != "modules":
                manifest = self._manifests.read(_real(folder.disk), folder.shown)
                if folder is root.folder:
                    own.manifest = own.manifest or manifest
                elif manifest is not None and manifest.name:
                    own.nested.append(Root(folder._replace(inside=""), kind, _path(folder.shown), manifest))
                    continue
            own.files.extend([File(folder, name) for name in entries.sources])
            waiting = len(own.folders)
            for name, sort in sorted(entries.others):
                if sort == "folder":
                    if name == ".yarn":
                        self._add_yarn(own, kind, _below(folder, name), entries.pnp)
                    else:
                        self._add_folder(own, kind, _below(folder, name), kind_of(name, kind), name)
                elif sort == "link":
                    self._add_link(own, folder, kind, name)
                else:
                    self._skip(Skipped(f"{folder.shown}{name}", "special"))
            own.folders[waiting:] = reversed(own.folders[waiting:])
        return own

    def _entries(self, folder: Folder) -> _Entries:
        entries = _Entries()
        scripts = holds_scripts(folder.disk[:-1])
        try:
            with os.scandir(folder.disk) as found:
                for entry in found:  # each question to an entry costs, and there are a great many
                    name = entry.name
                    if name == "package.json":
                        entries.manifest = True
                    if entry.is_symlink():
                        entries.others.append((name, "link"))
                    elif entry.is_dir():
                        entries.others.append((name, "folder"))
                    elif is_source(name):
                        if entry.is_file():
                            entries.sources.append(name)
                        else:
                            entries.others.append((name, "special"))
                    elif scripts and "." not in name and entry.is_file():
                        self._met.others.add(entry.path)
                        if runs_node(entry.path):
                            entries.sources.append(name)
                    if name in _PNP:
                        entries.pnp = True
        except OSError as error:
            self._skip(refused(_path(folder.shown), error))
            return _Entries()
        return entries

    def _add_folder(self, own: _Own, within: Kind, folder: Folder, kind: Kind, name: str) -> None:
        if kind == "closed" or not self._enter(folder.disk):
            return
        if kind == "package":
            name = name if within == "modules" else _scoped(folder.shown)
            own.nested.append(Root(folder._replace(inside=""), kind, _path(folder.shown), name=name))
        else:
            own.folders.append((folder, kind))

    def _add_yarn(self, own: _Own, within: Kind, yarn: Folder, pnp: bool) -> None:
        """Of .yarn only what is installed: unpacked packages, and the zips if nothing else was unpacked from them."""
        unplugged = _below(yarn, "unplugged")
        unpacked = _names(unplugged.disk)
        if unpacked:
            self._add_folder(own, within, unplugged, "plain", "")
        cache = _below(yarn, "cache")
        self._met.others.update((yarn.disk, unplugged.disk, cache.disk))
        for name in _names(cache.disk) if pnp else ():
            # name-npm-1.0.0-<hash>-<checksum>.zip is unplugged to name-npm-1.0.0-<hash>.
            if name.endswith(".zip") and name.rpartition("-")[0] not in unpacked:
                self.archives.append((f"{cache.disk}{name}", f"{cache.shown}{name}"))

    def _add_link(self, own: _Own, folder: Folder, kind: Kind, name: str) -> None:
        laid = kind in ("modules", "scope")
        real = outside(f"{folder.disk}{name}", f"{folder.shown}{name}", self._base, laid, self._skip, self._met)
        if real is None or not laid or not self._enter(below(real)):
            return
        shown = f"{folder.shown}{name}/"
        called = _scoped(shown) if kind == "scope" else name
        own.nested.append(Root(Folder(shown, "", below(real)), "package", _path(shown), name=called))
        needs = beside(real)
        if needs:
            self._add_folder(own, kind, Folder(display(needs, self._absolute), "", below(needs)), "modules", "")

    def _enter(self, disk: str) -> bool:
        new = disk not in self._seen
        self._seen.add(disk)
        return new


def _below(folder: Folder, name: str) -> Folder:
    return Folder(f"{folder.shown}{name}/", f"{folder.inside}{name}/", f"{folder.disk}{name}{os.sep}")


def _names(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def _scoped(shown: str) -> str:
    return "/".join(shown.split("/")[-3:-1])


def _path(shown: str) -> str:
    return "." if shown == "" else shown.rstrip("/") or "/"


def _real(disk: str) -> str:
    return disk.rstrip(os.sep) or os.sep
