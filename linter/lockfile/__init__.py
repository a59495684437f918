"""Where a lockfile, or the package.json itself, brings a package in: file and line."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import lru_cache

from ..finding import Skipped
from ..packages.disk import read
from . import json_locks, yaml_locks
from .installed import Entry, Installed, Lines

__all__ = ["Entry", "Installed", "entry"]

_MOST_BYTES = 64 << 20
MANIFEST = "package.json"


# In the order in which they are asked. The first two are one format; npm prefers the first.
READERS: Mapping[str, Callable[[str], Lines]] = {
    "npm-shrinkwrap.json": json_locks.npm,
    "package-lock.json": json_locks.npm,
    "pnpm-lock.yaml": yaml_locks.pnpm,
    "yarn.lock": yaml_locks.yarn,
    "bun.lock": json_locks.bun,
    MANIFEST: json_locks.manifest,
}


def entry(folder: str, package: Installed) -> Entry | None:
    """Where a file in the folder brings the package in; None when the folder has no such file.

    A package that is in no lockfile and no list of dependencies came by one that is: it gets line 1 of the lockfile.
    """
    there = [name for name in READERS if os.path.isfile(os.path.join(folder, name))]
    for name in there:
        lines, text = _read(os.path.join(folder, name))
        line = lines(package)
        if line is not None:
            return Entry(name, line, _end(text, line))
    return Entry(there[0], 1, _end(_read(os.path.join(folder, there[0]))[1], 1)) if there else None


@lru_cache(maxsize=32)
def _read(path: str) -> tuple[Lines, list[str]]:
    data = read(path, path, _MOST_BYTES)
    text = "" if isinstance(data, Skipped) else data.decode("utf-8-sig", "replace")
    return READERS[os.path.basename(path)](text), text.split("\n")


def _end(lines: list[str], number: int) -> int:
    return len(lines[number - 1].rstrip("\r").encode("utf-16-le")) // 2 + 1
