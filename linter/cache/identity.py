"""What a result depends on beside the contents of a package: rules, settings, and the program itself."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date
from importlib.util import find_spec
from pathlib import Path

from .. import __version__
from ..datatype import replace
from ..digest import sha256
from ..rule import Rule
from ..work import Settings
from .store import SCHEMA

# What reads the code of others, and so decides what is seen in it.
_PARSERS = ("tree_sitter", "tree_sitter_javascript", "tree_sitter_typescript", "tree_sitter_regex")
_PROGRAM = Path(__file__).resolve().parent.parent


def environment(rules: Sequence[Rule], settings: Settings, *, mends: bool) -> bytes:
    """A hash of all that what becomes of a package depends on, but for its contents and what Pipeline.on knows."""
    digest = sha256()
    parts: tuple[object, ...] = (
        SCHEMA, __version__, program(), parsers(), sys.implementation.name, sys.version_info[:2],
        settings.suggestions, settings.release, mends,
    )  # fmt: skip
    digest.update(repr(parts).encode())
    for rule in rules:
        # All that a rule says of itself, with the page that its code is on and the severity that the project gives it.
        digest.update(repr(replace(rule, path="")).encode("utf8", "surrogatepass") + b"\0")
    return digest.digest()


def tree(made: bytes, paths: Sequence[str], settings: Settings) -> bytes:
    """A hash of all that a whole scan of these paths depends on, but for what is there. Raises OSError."""
    # Suppressions are looked at when the findings are there; a day that begins makes no result another.
    asked = replace(settings, scope=replace(settings.scope, today=date.min))
    user = os.geteuid() if sys.platform != "win32" else 0  # who may read what
    real = [os.path.realpath(path, strict=True) for path in paths]
    parts = (made, sys.byteorder, user, os.getcwd(), [*paths], real, asked)
    return sha256(repr(parts).encode("utf8", "surrogateescape")).digest()


def program() -> bytes:
    """What tells the program's code from any other: a version says little where it is being worked on.

    For an installed one it is the list of hashes that its installer left, the same wherever that was done.
    """
    for record in sorted(_PROGRAM.parent.glob("nodemend-*.dist-info/RECORD")):
        with suppress(OSError):
            listed = record.read_bytes()
            if f"\n{_PROGRAM.name}/pipeline.py,".encode() in listed:
                return sha256(listed).digest()
    digest = sha256()
    for path in sorted(_code(_PROGRAM)):
        about = os.stat(path)
        digest.update(repr((path, about.st_size, about.st_mtime_ns)).encode("utf8", "surrogateescape"))
    return digest.digest()


def _code(folder: Path) -> Iterator[str]:
    for at, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(("_", "."))]
        yield from (os.path.join(at, name) for name in names if name.endswith(".py"))


def parsers() -> list[str]:
    """The parsers with their versions: as the folders that installers leave are called, which takes no import."""
    found: list[str] = []
    for module in _PARSERS:
        spec = find_spec(module)
        folder = os.path.dirname(os.path.dirname(spec.origin)) if spec and spec.origin else ""
        try:
            names = [name for name in os.listdir(folder) if name.startswith(f"{module}-") and name.endswith("-info")]
        except OSError:
            names = []
        found += sorted(names) or [_version(module)]
    return found


def _version(module: str) -> str:
    from importlib.metadata import PackageNotFoundError, version  # takes as long as reading all of our code

    try:
        return f"{module}-{version(module)}"
    except PackageNotFoundError:
        return module
