"""What the names in a tree of packages mean: which files are sources, where a package begins, what is never entered."""

from __future__ import annotations

from typing import Literal

from ..dialect import DIALECTS

# package: a folder that node_modules holds; modules: node_modules itself; scope: an @name in it.
Kind = Literal["plain", "package", "modules", "scope", "closed"]

MAX_BYTES = 16 << 20  # of one source file
_SOURCES = tuple(DIALECTS)
_DECLARATIONS = (".d.ts", ".d.mts", ".d.cts")
# What tools and package managers keep for themselves: history, caches, links to scripts, half-done installs.
_CLOSED = frozenset({
    ".git", ".hg", ".svn", ".nx", ".turbo", ".cache", ".parcel-cache", ".vite", ".bin", ".staging", ".ignored",
})  # fmt: skip


def is_source(name: str) -> bool:
    """Whether a file of this name is JavaScript or TypeScript that runs (declarations do not)."""
    name = name.lower()
    return name.endswith(_SOURCES) and not name.endswith(_DECLARATIONS)


def is_archive(name: str) -> bool:
    """Whether a file of this name is read as an archive."""
    return name.lower().endswith((".tgz", ".tar.gz", ".tar", ".zip"))


def may_be_script(folder: str, name: str) -> bool:
    """Whether a file in this folder may be an executable script, so that its first line has to be looked at."""
    return "." not in name and holds_scripts(folder)


def holds_scripts(folder: str) -> bool:
    """Whether executable scripts lie in a folder of this path."""
    return folder == "bin" or folder.endswith("/bin")


def is_closed(name: str) -> bool:
    """Whether a folder of this name is never entered, wherever it is."""
    return name in _CLOSED


def kind_of(name: str, within: Kind) -> Kind:
    """What a folder of this name is, by what it lies in."""
    if is_closed(name):
        return "closed"
    if within == "scope":
        return "package"
    if within != "modules":
        return "modules" if name == "node_modules" else "plain"
    # The stores of pnpm (.pnpm), Bun (.bun) and Yarn's pnpm linker (.store) hold a node_modules for each package.
    return "scope" if name.startswith("@") else "plain" if name.startswith(".") else "package"
