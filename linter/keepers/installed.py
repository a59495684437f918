"""The copies of packages that are installed in a project, in node_modules or in the zips of Yarn's Plug'n'Play."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import cast

from ..errors import InputError
from ..json_text import Json
from ..packages import discover
from ..packages.manifest import parse
from ..regexes import regex
from ..released import unpacked
from .keeper import Copy, Project
from .store import leftover

_PLACE = regex(r"(?P<at>(?:.*/)?node_modules/(?:@[^/]+/)?[^/@.][^/]*)(?:/(?P<file>.*))?")
_STATE = regex(r"RAW_RUNTIME_STATE\s*=\s*'(.*?)(?<!\\)';", re.DOTALL)


class Installed:
    """What is installed, found by one walk over the project."""

    def __init__(self, project: Project) -> None:
        self._root = project.root
        self._zips: dict[str, dict[str, bytes]] = {}
        self.archives = tuple(dict.fromkeys(_zips(project.root)))
        self.copies = tuple(self._copies(project))
        self._leftover = leftover(project.root, {copy.at for copy in self.copies})
        self.copies = tuple(copy for copy in self.copies if copy.at not in self._leftover)

    @property
    def paths(self) -> list[str]:
        """What to scan, so that each copy is."""
        inside = [path for path in self.archives if not path.is_relative_to(self._root / ".yarn")]
        return [str(self._root), *map(str, inside)]

    def owner(self, path: str) -> tuple[Copy, str] | None:
        """The copy that a path of a scan is in, and the file's path in it; None for what no manager installed."""
        found = _PLACE.fullmatch(self._shown(path))
        copy = self._by_place.get(found["at"]) if found else None
        return (copy, found["file"] or "") if found and copy else None

    def is_leftover(self, path: str) -> bool:
        """Whether a path of a scan is in a copy that pnpm has not removed yet, although nothing leads to it."""
        owned = self.owner(path)
        return owned is not None and owned[0].at in self._leftover

    def content(self, copy: Copy, file: str) -> bytes | None:
        """The bytes of a file of a copy; None when it is not there."""
        if copy.archive is None:
            try:
                return (self._root / copy.at / file).read_bytes()
            except OSError:
                return None
        key = str(copy.archive)
        if key not in self._zips:
            self._zips[key] = unpacked(copy.archive)
        inner = copy.at.partition(".zip/")[2]
        return self._zips[key].get(f"{inner}/{file}")

    def _copies(self, project: Project) -> Iterator[Copy]:
        bundled = project.locked.bundled if project.locked else frozenset()
        places: dict[str, Path | None] = {}
        for package in discover(self.paths, lambda _skipped: None):
            found = _PLACE.fullmatch(self._shown(package.path))
            if found:
                places.setdefault(found["at"], package.archive)
        self._by_place: dict[str, Copy] = {}
        for at, archive in places.items():
            copy = Copy("", "", at, archive)
            manifest = parse(self.content(copy, "package.json") or b"{}")
            name = manifest.name or "/".join(at.rpartition("node_modules/")[2:])
            if manifest.version:
                inside = at in bundled or self._is_bundled(at, name)
                self._by_place[at] = Copy(name, manifest.version, at, archive, inside)
        yield from self._by_place.values()

    def _is_bundled(self, at: str, name: str) -> bool:
        around = at.rpartition("/node_modules/")[0]
        if "node_modules/" not in around:
            return False
        data = self.content(Copy("", "", around), "package.json") if not around.endswith(".zip") else None
        try:
            content = cast(Json, json.loads(data or b"{}"))
        except (ValueError, RecursionError):
            return False
        keys = ("bundleDependencies", "bundledDependencies")
        lists = [content.get(key) for key in keys] if isinstance(content, dict) else []
        return any(isinstance(names, list) and name in names for names in lists)

    def _shown(self, path: str) -> str:
        root = f"{self._root.as_posix().rstrip('/')}/"
        return path.removeprefix(root)


def _zips(root: Path) -> Iterator[Path]:
    """The zips that Plug'n'Play reads packages from. InputError when its file cannot be read."""
    pnp = root / ".pnp.cjs"
    if not pnp.is_file():
        return
    text = pnp.read_text("utf-8", "replace")
    found = _STATE.search(text)
    try:
        state = cast(Json, json.loads(re.sub(r"\\(\n|.)", lambda m: m[1].strip("\n"), found[1]))) if found else None
    except ValueError:
        state = None
    if not isinstance(state, dict):
        hint = "set pnpEnableInlining: true and run yarn install"
        raise InputError(f"{pnp}: the packages it knows cannot be read", hint=hint)
    for place in _locations(state):
        head, mark, _ = place.partition(".zip/")
        # Yarn writes a package with peers as __virtual__/<hash>/<levels>/..., of which the real place is a part.
        real = re.sub(r"(?:^|/)__virtual__/[^/]+/(\d+)/", lambda m: "/" + "../" * int(m[1]), head)
        if mark:
            yield Path(os.path.normpath(os.path.join(root, real.lstrip("/")) + ".zip"))


def _locations(state: Mapping[str, Json]) -> Iterator[str]:
    registry = state.get("packageRegistryData")
    for _, versions in _pairs(registry):
        for _, about in _pairs(versions):
            place = about.get("packageLocation") if isinstance(about, dict) else None
            if isinstance(place, str):
                yield place


def _pairs(value: Json) -> Iterator[tuple[Json, Json]]:
    for row in value if isinstance(value, list) else []:
        if isinstance(row, list) and len(row) == 2:
            yield row[0], row[1]
