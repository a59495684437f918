"""Where the symbolic links lead that package managers lay, and which of them are worth following."""

from __future__ import annotations

import os

from ..finding import Skipped
from .layout import is_source, kind_of
from .met import Met
from .package import Skip

_STORES = frozenset({".pnpm", ".bun", ".store"})


def outside(link: str, shown: str, base: str, laid: bool, skip: Skip, met: Met) -> str | None:
    """The real folder that a link leads to, when it holds a package that a walk below `base` would not reach by itself.

    `laid` is whether the link is where package managers put links: in a node_modules. What leads nowhere or back to
    itself, or elsewhere without being a package, goes to skip.
    """
    name = os.path.basename(link)
    met.others.add(link)
    try:
        real = os.path.realpath(link, strict=True)
    except OSError as error:
        if laid or is_source(name) or "." not in name:
            skip(Skipped(shown, "loop", (error.strerror or "").lower()))
        return None
    if link.startswith(real.rstrip(os.sep) + os.sep):
        skip(Skipped(shown, "loop", "leads to a folder it is in"))
    elif _reached(real, base):
        met.others.discard(link)  # all on the way is looked at itself
    else:
        ignored = _ignored(real, laid)
        if not ignored:
            return real
        if os.path.isdir(real) or is_source(name):
            skip(Skipped(shown, "special", f"a symbolic link to {ignored}, not followed"))
    return None


def beside(real: str) -> str:
    """The node_modules in which a package of a store finds what it needs; "" for a package elsewhere."""
    folder = os.path.dirname(real)
    folder = os.path.dirname(folder) if os.path.basename(folder).startswith("@") else folder
    stored = os.path.basename(folder) == "node_modules" and not _STORES.isdisjoint(folder.split(os.sep))
    return folder if stored else ""


def _reached(real: str, base: str) -> bool:
    """Whether a walk below base comes to a real path without links."""
    base = base.rstrip(os.sep) + os.sep
    within = real[len(base) :].split(os.sep)
    return real.startswith(base) and ".yarn" not in within and all(kind_of(n, "plain") != "closed" for n in within)


def _ignored(real: str, laid: bool) -> str:
    """What a link leads to that is not followed; "" for a package."""
    if not os.path.isdir(real):
        return "a file elsewhere"
    if not laid:
        return "a folder elsewhere"
    return "" if os.path.isfile(os.path.join(real, "package.json")) else "a folder that is no package"
