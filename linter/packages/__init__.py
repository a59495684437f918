"""What is scanned: the packages at and below the paths given, and the bytes of their sources."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from pathlib import Path

from ..errors import InputError
from ..finding import REASONS, Skipped
from .disk import over, read, refused
from .held import Held
from .layout import MAX_BYTES, Kind
from .manifest import Manifest
from .met import Met
from .package import File, Folder, Package, assemble
from .project import Manifests, below, display, installed_name, prefix
from .targets import Target, located

__all__ = ["File", "Held", "Met", "Package", "contents", "discover", "unfit"]

_LOOKED_AT = 8192  # bytes in which a NUL gives a binary file away


def discover(paths: Sequence[str], skip: Callable[[Skipped], None], met: Met | None = None) -> Iterator[Package]:
    """The packages at these paths (folders, single files, package tarballs), each real file in one of them only.

    All that this depends on is noted in `met`, but for the files of the packages.

    Raises InputError at once for a path that is not there or cannot be read at all, and while iterating for an archive
    of which nothing can be read. What goes wrong below a path goes to skip.
    """
    return _Scan(skip, len(paths) > 1, met or Met()).packages([located(path) for path in paths])


def contents(package: Package, skip: Callable[[Skipped], None]) -> Iterator[tuple[File, bytes]]:
    """Each source file of the package with its bytes; those that cannot be had go to skip and are left out."""
    for file, data in _archived(package.archive, package.files) if package.archive else _on_disk(package.files):
        if isinstance(data, Skipped):
            skip(data)
        elif (why := unfit(file.path, data)) is not None:
            skip(why)
        else:
            yield file, data


def unfit(path: str, data: bytes) -> Skipped | None:
    """Why these bytes are no source file; None when they may be one."""
    if len(data) > MAX_BYTES:
        return Skipped(path, "too-large", over(len(data), MAX_BYTES))
    return Skipped(path, "binary") if data.find(b"\0", 0, _LOOKED_AT) >= 0 else None


def _on_disk(files: Sequence[File]) -> Iterator[tuple[File, bytes | Skipped]]:
    for file in files:
        yield file, read(file.disk, file.path, MAX_BYTES)


def _archived(path: Path, files: Sequence[File]) -> Iterator[tuple[File, bytes | Skipped]]:
    try:
        about = path.stat()
    except OSError as error:
        yield from ((file, refused(file.path, error)) for file in files)
        return
    from . import members

    held = members.sources(path, (about.st_mtime_ns, about.st_size))
    for file in files:
        data = held.get(file.member, Skipped(file.path, "vanished"))
        yield file, Skipped(file.path, "archive", data) if isinstance(data, str) else data


class _Scan:
    """One scan over all the paths given; it remembers what it has met."""

    def __init__(self, skip: Callable[[Skipped], None], several: bool, met: Met) -> None:
        self._skip = skip
        self._met = met
        self._manifests = Manifests(skip, met)
        self._files: set[str] | None = set() if several else None  # None: no file can be met twice

    def packages(self, targets: Sequence[Target]) -> Iterator[Package]:
        for sort, group in groupby(targets, key=lambda target: target.sort):
            if sort == "file":
                yield from self._files_of(list(group))
                continue
            for given in group:
                if sort == "folder":
                    yield from self._folder(given)
                elif sort == "archive":
                    yield from self._archive(given)
                else:
                    self._skip(Skipped(given.given, "special"))

    def _folder(self, target: Target) -> Iterator[Package]:
        from .walk import Root, Walk  # a single file is not looked for

        root, manifest = self._manifests.owner(target.real, target.absolute)
        inside = "" if root in ("", target.real) else os.path.relpath(target.real, root).replace(os.sep, "/") + "/"
        folder = Folder(prefix(target.given), inside, below(target.real))
        path = display(root, target.absolute) if inside else folder.shown
        engines = self._manifests.project_engines(target.real, target.absolute)
        walk = Walk(target.real, target.absolute, self._manifests, self._met, self._skip)
        start = Root(folder, _kind(target.real), _shown(path), manifest if root else None)
        for package in walk.packages(start, engines):
            yield self._fresh(package)
        for disk, shown in walk.archives:
            if self._new(disk):
                yield from self._zip(disk, shown, engines)

    def _zip(self, disk: str, shown: str, engines: str) -> Iterator[Package]:
        from .archive import BrokenArchiveError, packages  # what unpacks is not needed to scan what is on disk

        self._met.others.add(disk)
        try:
            yield from packages(Path(disk), shown, self._skip, engines)
        except BrokenArchiveError as error:
            self._skip(Skipped(shown, error.reason, str(error)))

    def _archive(self, target: Target) -> Iterator[Package]:
        if not self._new(target.real):
            return
        from .archive import BrokenArchiveError, packages

        self._met.others.add(target.real)
        try:
            yield from packages(Path(target.real), target.given.replace(os.sep, "/"), self._skip)
        except BrokenArchiveError as error:
            reason = "" if error.reason == "archive" else f"{REASONS[error.reason]}: "
            message = f"{target.given}: not an archive that can be read: {reason}{error}"
            raise InputError(message, hint="give a package tarball (.tgz) as `npm pack` makes it") from None

    def _files_of(self, targets: Sequence[Target]) -> Iterator[Package]:
        """The packages of single files: those of one package come together, where the first of them was given."""
        groups: dict[str, tuple[Manifest, Target, list[File]]] = {}
        for target in targets:
            if not self._new(target.real):
                continue
            folder = os.path.dirname(target.real)
            root, manifest = self._manifests.owner(folder, target.absolute)
            file = os.path.relpath(target.real, root or folder).replace(os.sep, "/")
            found = File.single(target.given.replace(os.sep, "/"), file, target.real)
            groups.setdefault(root or folder, (manifest, target, []))[2].append(found)
        for root, (manifest, first, files) in groups.items():
            engines = self._manifests.project_engines(root, first.absolute)
            yield assemble(manifest, _shown(display(root, first.absolute)), files, engines)

    def _fresh(self, package: Package) -> Package:
        if self._files is None:
            return package
        return package.with_files(tuple(file for file in package.files if self._new(file.disk)))

    def _new(self, real: str) -> bool:
        if self._files is None:
            return True
        new = real not in self._files
        self._files.add(real)
        return new


def _kind(folder: str) -> Kind:
    if os.path.basename(folder) == "node_modules":
        return "modules"
    if os.path.basename(folder).startswith("@") and os.path.basename(os.path.dirname(folder)) == "node_modules":
        return "scope"
    return "package" if installed_name(folder) else "plain"


def _shown(path: str) -> str:
    return "." if path == "" else path.rstrip("/") or "/"
