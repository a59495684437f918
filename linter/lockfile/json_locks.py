"""The lines of packages in package-lock.json (of every version), bun.lock and package.json."""

from __future__ import annotations

from .installed import Lines
from .keys import keys

_LISTS = ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies")
_MODULES = "node_modules/"


def npm(text: str) -> Lines:
    """By the folder a package is installed in: the key itself since version 2, a nesting of names before."""
    flat: dict[str, int] = {}
    nested: dict[str, int] = {}
    for key in keys(text, 64):
        match key.path:
            case ("packages", str(place)):
                flat[place] = key.line
            case ("dependencies", *rest) if len(rest) % 2 and all(word == "dependencies" for word in rest[1::2]):
                nested["/".join(_MODULES + name for name in rest[::2])] = key.line
    known = flat or nested
    return lambda package: known.get(package.place)


def bun(text: str) -> Lines:
    """By `name@version`, the first word of each entry."""
    known: dict[str, int] = {}
    for key in keys(text, 2):
        if key.path[0] == "packages" and len(key.path) == 2:
            known.setdefault(key.value, key.line)
    return lambda package: known.get(f"{package.name}@{package.version}")


def manifest(text: str) -> Lines:
    """By name: the line that asks for the package itself."""
    known: dict[str, int] = {}
    for key in keys(text, 2):
        if key.path[0] in _LISTS and len(key.path) == 2:
            known.setdefault(key.path[1], key.line)
    return lambda package: known.get(package.name)
