"""The workspaces of a project: packages of its own that share what it has installed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from fnmatch import fnmatch

from ..finding import Skipped
from ..packages.disk import read
from ..packages.manifest import MAX_MANIFEST
from ..packages.met import Met
from .installed import manifest

_PNPM = "pnpm-workspace.yaml"
_CLOSED = frozenset({"node_modules", ".git"})


def members(folder: str, met: Met) -> tuple[str, ...]:
    """The real folders of a project's workspaces, sorted; none where package.json and pnpm-workspace.yaml name none."""
    found: set[str] = set()
    for pattern in _patterns(folder, met):
        met.searched(folder)
        negated, inner = pattern.startswith("!"), pattern.lstrip("!").removeprefix("./").strip("/")
        if not inner or ".." in inner.split("/"):
            continue
        places = {os.path.realpath(os.path.join(folder, place)) for place in _matches(folder, inner)}
        found = found - places if negated else found | places
    return tuple(sorted(found))


def _matches(folder: str, pattern: str) -> Iterator[str]:
    from glob import glob  # most projects have no workspaces

    base, deep, _ = pattern.partition("**")
    if not deep:
        yield from (os.path.dirname(place) for place in glob(f"{pattern}/package.json", root_dir=folder))
        return
    for top in glob(base or ".", root_dir=folder):
        # Not by glob: it would follow the links in each node_modules round and round.
        for at, folders, files in os.walk(os.path.join(folder, top)):
            folders[:] = [name for name in folders if name not in _CLOSED]
            place = os.path.relpath(at, folder)
            if "package.json" in files and fnmatch(place, pattern.replace("**/", "*").replace("/**", "*")):
                yield place


def _patterns(folder: str, met: Met) -> list[str]:
    listed = manifest(folder, met).get("workspaces")
    listed = listed.get("packages") if isinstance(listed, dict) else listed
    patterns = listed if isinstance(listed, list) else _pnpm(folder, met)
    return [pattern for pattern in patterns if isinstance(pattern, str)]


def _pnpm(folder: str, met: Met) -> list[object]:
    path = os.path.join(folder, _PNPM)
    met.looked_for(path)
    data = read(path, "", MAX_MANIFEST)
    if isinstance(data, Skipped):
        return []
    import yaml  # most projects have no such file, and it takes a while to import

    try:
        content: object = yaml.load(data, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (yaml.YAMLError, ValueError, RecursionError):
        return []
    packages = content.get("packages") if isinstance(content, dict) else None
    return packages if isinstance(packages, list) else []
