"""The store of pnpm in node_modules/.pnpm: which copies in it are used, and which were only left behind."""

from __future__ import annotations

import os
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from pathlib import Path

_STORE = "node_modules/.pnpm/"


def leftover(root: Path, copies: AbstractSet[str]) -> frozenset[str]:
    """The copies in the store that no link leads to, from any node_modules outside of it on; each by its place."""
    stored = {at for at in copies if at.startswith(_STORE)}
    if not stored:
        return frozenset()
    used: set[str] = set()
    todo = [target for folder in _outside(root) for target in _targets(root, folder)]
    while todo:
        place = todo.pop()
        if place in used or place not in stored:
            continue
        used.add(place)
        todo += _targets(root, root / place[: place.index("/node_modules/", len(_STORE)) + len("/node_modules")])
    return frozenset(stored - used)


def _outside(root: Path) -> Iterator[Path]:
    """Each node_modules of the project and of the packages of its workspace."""
    for folder, names, _ in os.walk(root):
        if "node_modules" in names:
            yield Path(folder, "node_modules")
        names[:] = [name for name in names if name != "node_modules" and not name.startswith(".")]


def _targets(root: Path, folder: Path) -> Iterator[str]:
    """The real places, from root, that the links in a node_modules lead to."""
    for path in _entries(folder):
        for link in _entries(path) if path.name.startswith("@") else [path]:
            if link.is_symlink():
                yield os.path.relpath(os.path.realpath(link), root).replace(os.sep, "/")


def _entries(folder: Path) -> list[Path]:
    try:
        return [Path(entry.path) for entry in os.scandir(folder)]
    except OSError:
        return []
