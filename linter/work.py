"""What is asked of the analysis of a package, and what becomes of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

from .config.scope import Scope
from .datatype import dataclass, field

if TYPE_CHECKING:
    from .finding import Finding, Gated, Patch, Skipped
    from .packages import File, Package
    from .target import Target

STDIN = "-"


@dataclass(frozen=True, slots=True)
class Settings:
    """`node`: the targeted Node range, "" to take it from engines, "all" to report whatever Node it is about.
    `release`: "delete" or "null".
    `suggestions`: whether fixes that a human should look at are applied too.
    `scope`: what is left out."""

    node: str = ""
    release: str = "delete"
    suggestions: bool = False
    stdin_name: str = "stdin.js"  # whose ending says what dialect stdin is in
    scope: Scope = field(default_factory=Scope)


@dataclass(frozen=True, slots=True)
class Work:
    """What became of one package: a pure function of its contents, the rules and the settings."""

    findings: tuple[Finding, ...] = ()
    patches: tuple[Patch, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    gated: tuple[Gated, ...] = ()
    parsed: int = 0


class Works(Protocol):
    """What became of packages in scans before."""

    def work(self, contents: str, files: Iterable[File]) -> Work | None:
        """That of a package with the same contents, if it is known, told of these files."""

    def record(self, work: Work, files: Iterable[File]) -> str:
        """What is to be remembered of a package with these files; empty when nothing can be."""


def target_of(package: Package, settings: Settings) -> Target:
    """What the package is to run on: as asked, else the project's engines, else its own."""
    from .target import Target

    engines = next((e for e in (package.root_engines, package.engines) if e and _is_range(e)), "")
    if settings.node == "all":
        return Target(engines, gated=False, release=settings.release)
    return Target(settings.node or engines, release=settings.release)


def _is_range(text: str) -> bool:
    from .semver import parse_range  # its grammar takes a while to compile

    try:
        parse_range(text)
    except ValueError:
        return False
    return True
