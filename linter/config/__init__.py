"""What a project has settled: in nodemend.toml, [tool.nodemend] of pyproject.toml or "nodemend" of package.json."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ..datatype import dataclass, field
from . import files
from .place import Place
from .scope import Scope

if TYPE_CHECKING:
    from ..finding import Severity
    from .patterns import PackagePattern, PathPattern
    from .suppression import Suppression

__all__ = ["KEYS", "Config", "FailOn", "Manager", "Release", "Scope", "load"]

FailOn = Literal["error", "warning", "note", "never"]
Release = Literal["delete", "null"]
Manager = Literal["", "npm", "pnpm", "yarn", "bun", "patch-package"]


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of a project; the command line wins over each of them."""

    node: str = ""  # Node range that is targeted, "all", or "" for what engines.node says
    select: tuple[str, ...] = ()  # ids, categories, recommended, all; none: recommended
    ignore: tuple[str, ...] = ()
    severity: tuple[tuple[str, Severity], ...] = ()  # by rule or category
    packages: tuple[PackagePattern, ...] = ()  # which to report on; none: all
    paths: tuple[PathPattern, ...] = ()  # likewise, counted from the folder of this file
    production: bool = False  # leave out packages that only development needs
    suppress: tuple[Suppression, ...] = ()
    release: Release = "delete"
    rules: tuple[Path, ...] = ()  # folders of the project's own pages, absolute
    fail_on: FailOn = "warning"
    baseline: Path | None = None  # absolute
    manager: Manager = ""  # who keeps the patches; "" for what the lockfile says
    cache: Path | bool = True  # where results are kept, absolute; True: in the user's folder for caches
    cache_size: int = 256  # MiB that they may take
    path: Path | None = None  # the file this was read from
    place: Place = field(default=Place(Path(), ""), compare=False)  # where in it the settings stand
    given: tuple[str, ...] = field(default=(), compare=False)  # the keys that it has

    @property
    def scope(self) -> Scope:
        """What these settings leave out of a scan."""
        folder = os.path.realpath(self.path.parent) if self.path else ""
        return Scope(folder, self.packages, self.paths, self.suppress, self.production)


KEYS = (
    "node", "select", "ignore", "severity", "packages", "paths", "production", "suppress", "baseline", "fail-on",
    "release", "rules", "manager", "cache", "cache-size",
)  # fmt: skip


def load(targets: tuple[str, ...] = (), cwd: Path | None = None) -> Config:
    """The nearest configuration at or above the first target, or the defaults. Raises ConfigError.

    What is scanned has no say in how it is scanned: nothing inside of a dependency is read.
    """
    found = files.nearest(targets, cwd)
    if found is None:
        return Config()
    from .reading import config  # few projects have one

    return config(*found)
