"""The package and the project that a folder on disk belongs to, found by looking upwards."""

from __future__ import annotations

import os
from collections.abc import Iterator

from ..datatype import replace
from ..finding import Skipped
from .disk import read
from .manifest import MAX_MANIFEST, Manifest, parse
from .met import Met
from .package import Skip


class Manifests:
    """The manifests of folders, by real path; what is wrong with one is said once."""

    def __init__(self, skip: Skip, met: Met) -> None:
        self._skip = skip
        self._met = met
        self._known: dict[str, Manifest | None] = {}

    def read(self, folder: str, shown: str) -> Manifest | None:
        """The manifest in a real folder whose path is shown with a `/` at its end; None when there is none."""
        if folder not in self._known:
            self._met.others.add(os.path.join(folder, "package.json"))
            self._known[folder] = self._read(folder, f"{shown}package.json")
        return self._known[folder]

    def owner(self, folder: str, absolute: bool) -> tuple[str, Manifest]:
        """The root of the package that a real folder is in, and its manifest; ("", an empty one) when it is in none."""
        for at in _upwards(folder):
            manifest = self.read(at, display(at, absolute)) or Manifest()
            name = manifest.name or installed_name(at)
            if name:
                return at, replace(manifest, name=name)
        return "", Manifest()

    def project_engines(self, folder: str, absolute: bool) -> str:
        """The engines.node of the nearest package.json at or above a real folder that is not in node_modules."""
        for at in _upwards(folder):
            if "node_modules" not in at.split(os.sep):
                manifest = self.read(at, display(at, absolute))
                if manifest is not None:
                    return manifest.engines
        return ""

    def _read(self, folder: str, shown: str) -> Manifest | None:
        data = read(os.path.join(folder, "package.json"), shown, MAX_MANIFEST)
        if isinstance(data, Skipped):
            if data.reason == "vanished":  # or was never there
                return None
            manifest = Manifest(problem=data.detail or data.reason)
        else:
            manifest = parse(data)
        if manifest.problem:
            self._skip(Skipped(shown, "package-json", manifest.problem))
        return manifest


def installed_name(folder: str) -> str:
    """The name a folder has by its place in node_modules, "" when it is elsewhere."""
    parent, name = os.path.split(folder)
    scope = os.path.basename(parent)
    if scope.startswith("@") and os.path.basename(os.path.dirname(parent)) == "node_modules":
        return f"{scope}/{name}"
    return name if scope == "node_modules" and not name.startswith(("@", ".")) else ""


def display(folder: str, absolute: bool) -> str:
    """How a real folder that no given path leads to is shown, with a `/` at its end ("" for the current one)."""
    shown = folder if absolute else os.path.relpath(folder)
    return prefix(shown)


def prefix(shown: str) -> str:
    """A folder's path as the beginning of the paths below it."""
    shown = shown.replace(os.sep, "/")
    return "" if shown.rstrip("/") == "." else shown.rstrip("/") + "/"


def below(folder: str) -> str:
    """A real folder as the beginning of the real paths below it."""
    return folder if folder.endswith(os.sep) else folder + os.sep


def _upwards(folder: str) -> Iterator[str]:
    yield folder
    while (parent := os.path.dirname(folder)) != folder:
        folder = parent
        yield folder
