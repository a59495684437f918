"""What a project has settled: in nodemend.toml, [tool.nodemend] of pyproject.toml or "nodemend" of package.json."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, cast, get_args

from ..finding import SEVERITIES, Severity
from ..semver import parse_range
from . import files
from .patterns import PackagePattern, PathPattern
from .place import Place
from .scope import Scope
from .suppression import Suppression
from .table import Table

__all__ = ["KEYS", "Config", "FailOn", "Manager", "Release", "Scope", "Suppression", "load"]

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
    "release", "rules", "manager",
)  # fmt: skip
_SUPPRESS = ("rule", "package", "path", "reason", "until")
_NODE = "for example 20, '>=18 <22', or all"
_PACKAGE = "for example ws, @scope/*, or 'socket.io@<0.9.14'"
_PATH = "for example vendor/, '*.min.js', or !test/"


def load(targets: tuple[str, ...] = (), cwd: Path | None = None) -> Config:
    """The nearest configuration at or above the first target, or the defaults. Raises ConfigError.

    What is scanned has no say in how it is scanned: nothing inside of a dependency is read.
    """
    found = files.nearest(targets, cwd)
    return Config() if found is None else _config(Table(*found))


def _config(table: Table) -> Config:
    table.only(KEYS)
    path, baseline = table.place.path, table.text("baseline")
    return Config(
        node=table.read("node", table.text("node"), _node, _NODE),
        select=table.texts("select"),
        ignore=table.texts("ignore"),
        severity=_severity(table.within("severity")),
        packages=tuple(table.read("packages", text, PackagePattern.read, _PACKAGE) for text in table.texts("packages")),
        paths=tuple(table.read("paths", text, PathPattern.read, _PATH) for text in table.texts("paths")),
        production=table.flag("production"),
        suppress=tuple(_suppression(each) for each in table.several("suppress")),
        release=cast("Release", table.choice("release", get_args(Release), "delete")),
        rules=tuple(path.parent / folder for folder in table.texts("rules")),
        fail_on=cast("FailOn", table.choice("fail-on", get_args(FailOn), "warning")),
        baseline=path.parent / baseline if baseline else None,
        manager=cast("Manager", table.choice("manager", get_args(Manager)[1:], "")),
        path=path,
        place=table.place,
        given=tuple(table.values),
    )


def _node(text: str) -> str:
    if text not in ("", "all"):
        parse_range(text)
    return text


def _severity(table: Table) -> tuple[tuple[str, Severity], ...]:
    return tuple((name, cast("Severity", table.choice(name, SEVERITIES, ""))) for name in table.values)


def _suppression(table: Table) -> Suppression:
    table.only(_SUPPRESS)
    package, path = table.text("package"), table.text("path")
    if not package and not path:
        raise table.place.error("which 'package' or 'path' is it for?", hint=_PACKAGE)
    return Suppression(
        rule=table.required("rule", "the id of a rule, or a category"),
        reason=table.required("reason", "say why this may stay"),
        package=table.read("package", package, PackagePattern.read, _PACKAGE) if package else None,
        path=table.read("path", path, PathPattern.read, _PATH) if path else None,
        until=table.day("until"),
    )
