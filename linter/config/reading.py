"""Reading a project's settings from the table that holds them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import cast, get_args

from ..finding import SEVERITIES, Severity
from ..semver import parse_range
from . import KEYS, Config, FailOn, Manager, Release
from .patterns import PackagePattern, PathPattern
from .place import Place, Value
from .suppression import Suppression
from .table import Table

_SUPPRESS = ("rule", "package", "path", "reason", "until")
_NODE = "for example 20, '>=18 <22', or all"
_PACKAGE = "for example ws, @scope/*, or 'socket.io@<0.9.14'"
_CACHE = "for example node_modules/.cache/nodemend, or false"
_OUTSIDE = "--cache and NODEMEND_CACHE may name any folder"
_PATH = "for example vendor/, '*.min.js', or !test/"


def config(values: dict[str, Value], place: Place) -> Config:
    """The settings in a table that stands there. Raises ConfigError, which points at the mistake."""
    table = Table(values, place)
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
        cache=_cache(table),
        cache_size=table.number("cache-size", 256),
        path=path,
        place=table.place,
        given=tuple(table.values),
    )


def _cache(table: Table) -> Path | bool:
    """A folder that a project names is one of its own: nothing is written elsewhere because of what was checked out."""
    value = table.values.get("cache", True)
    if isinstance(value, bool):
        return value
    root = table.place.path.parent
    folder = Path(os.path.normpath(root / table.required("cache", _CACHE)))
    if not folder.is_relative_to(root):
        raise table.place.below("cache").error("'cache' leads out of the folder of the configuration", hint=_OUTSIDE)
    return folder


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
