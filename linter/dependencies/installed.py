"""What a package on disk needs, and where Node finds it from there."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator

from ..datatype import dataclass
from ..finding import Skipped
from ..packages.disk import read
from ..packages.manifest import MAX_MANIFEST
from ..packages.met import Met
from ..regexes import regex

# A name that leads into a node_modules and not out of it.
_NAME = regex(r"(?:@[^/\\@.][^/\\]*/)?[^/\\@.][^/\\]*")


@dataclass(frozen=True, slots=True)
class Needs:
    """The names that a package.json asks for. Peers and optional ones count where they are installed."""

    name: str = ""
    production: tuple[str, ...] = ()
    development: tuple[str, ...] = ()


class Reader:
    """Reads each package.json once, and looks up each name once from each folder."""

    def __init__(self, met: Met) -> None:
        self._met = met
        self._needs: dict[str, Needs] = {}
        self._places: dict[tuple[str, str], str | None] = {}

    def read(self, folder: str) -> Needs:
        """What the package in a folder needs; nothing where there is no package.json that can be read."""
        if folder not in self._needs:
            content = manifest(folder, self._met)
            name = content.get("name")
            sections = ("dependencies", "optionalDependencies", "peerDependencies")
            self._needs[folder] = Needs(
                name if isinstance(name, str) else "",
                tuple(dict.fromkeys(name for section in sections for name in _names(content.get(section)))),
                tuple(_names(content.get("devDependencies"))),
            )
        return self._needs[folder]

    def resolved(self, name: str, folder: str) -> str | None:
        """The real folder of the package that Node finds by this name from a real folder; None when it finds none."""
        key = folder, name
        if key not in self._places:
            self._places[key] = self._resolved(name, folder)
        return self._places[key]

    def _resolved(self, name: str, folder: str) -> str | None:
        if os.path.basename(folder) != "node_modules":
            there = os.path.join(folder, "node_modules", *name.split("/"))
            self._met.looked_for(there)
            if os.path.isdir(there):
                return _real(there, folder)
        parent = os.path.dirname(folder)
        return None if parent == folder else self.resolved(name, parent)


def _real(there: str, folder: str) -> str:
    """The real path of what is below a real folder: only what lies between the two may be a link."""
    at = there
    while at != folder:
        if os.path.islink(at):
            return os.path.realpath(there)
        at = os.path.dirname(at)
    return there


def manifest(folder: str, met: Met) -> dict[str, object]:
    """The package.json in a folder; empty where there is none that can be read."""
    path = os.path.join(folder, "package.json")
    met.looked_for(path)
    data = read(path, "", MAX_MANIFEST)
    if isinstance(data, Skipped):
        return {}
    try:
        content: object = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _names(section: object) -> Iterator[str]:
    if isinstance(section, dict):
        yield from (name for name in section if isinstance(name, str) and _NAME.fullmatch(name) and "\0" not in name)
