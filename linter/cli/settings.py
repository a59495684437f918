"""`nodemend config`: the settings a scan would have, and where each came from."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

import click

from ..config import Config, load
from ..config.suppression import Suppression
from ..terminal import visible
from .job import checked
from .options import Asked, scan_options
from .outcome import emit

if TYPE_CHECKING:
    from ..report.json import Json

_EXAMPLES = """\b
Examples:
  nodemend config                 the settings here, each with file and line
  nodemend config --node 20 lib/  as they would be with these options
  nodemend config --json          for programs
"""
_DEFAULT = "default"
_ASKED = "command line"


@click.command(short_help="Show the settings and where each is from.", epilog=_EXAMPLES)
@scan_options
@click.option("--json", "as_json", is_flag=True, help="One JSON object: path, and for each setting value and from.")
def config(as_json: bool, **asked: Unpack[Asked]) -> None:
    """Show the settings that `nodemend check` would have for PATH and these options, and where each came from.

    They are read from nodemend.toml, [tool.nodemend] in pyproject.toml or "nodemend" in package.json, whichever is
    nearest at or above the first PATH; never from inside of a dependency.
    """
    from ..report.json import dump

    found = load(asked["paths"] or (".",))
    settings = _settings(found, asked)
    if as_json:
        rows: dict[str, Json] = {key: {"value": value, "from": origin} for key, (value, origin) in settings.items()}
        emit(dump({"path": None if found.path is None else str(found.path), "settings": rows}))
        return
    path = "no configuration file: the defaults" if found.path is None else str(found.path)
    lines = [f"# {path}", *(_line(key, value, origin) for key, (value, origin) in settings.items())]
    emit("".join(f"{visible(line)}\n" for line in lines).encode(errors="backslashreplace"))


def _settings(found: Config, asked: Asked) -> Mapping[str, tuple[Json, str]]:
    """The value of each key, as a configuration file has it, and its origin."""
    values: dict[str, Json] = {
        "node": found.node,
        "select": [*(found.select or ("recommended",))],
        "ignore": [*found.ignore],
        "severity": {**dict(found.severity)},
        "packages": [*_texts(found.packages)],
        "paths": [*_texts(found.paths)],
        "production": found.production,
        "suppress": [_suppression(one) for one in found.suppress],
        "baseline": str(found.baseline) if found.baseline else None,
        "fail-on": found.fail_on,
        "release": found.release,
        "rules": [*_texts(found.rules)],
        "manager": found.manager or None,
        "cache": found.cache if isinstance(found.cache, bool) else str(found.cache),
        "cache-size": found.cache_size,
    }
    settings = {key: (value, _origin(found, key)) for key, value in values.items()}
    if found.node == "":
        settings["node"] = _engines(asked["paths"])
    overrides: dict[str, Json] = {
        "node": None if asked["node"] is None else checked(asked["node"]),
        "select": [*asked["select"]],
        "ignore": [*asked["ignore"]],
        "production": asked["production"] or None,
        "release": asked["release"],
    }
    settings.update({key: (value, _ASKED) for key, value in overrides.items() if value not in (None, [])})
    if asked["rules"]:
        settings["rules"] = ([*_texts([*found.rules, *asked["rules"]])], _ASKED)
    return settings


def _origin(found: Config, key: str) -> str:
    if found.path is None or key not in found.given:
        return _DEFAULT
    line = found.place.below(key).line
    return f"{found.path.name}{f':{line}' if line else ''}"


def _engines(paths: tuple[str, ...]) -> tuple[Json, str]:
    """The Node range of the project, when no setting says one."""
    from ..config.files import start
    from ..packages.met import Met
    from ..packages.project import Manifests

    folder = os.path.realpath(start(paths, Path.cwd()))
    engines = Manifests(lambda _skipped: None, Met()).project_engines(folder, absolute=True)
    return (engines, "engines.node of package.json") if engines else ("", "default: what engines of each package say")


def _suppression(one: Suppression) -> Json:
    parts = {
        "rule": one.rule,
        "package": str(one.package or ""),
        "path": str(one.path or ""),
        "reason": one.reason,
        "until": one.until.isoformat() if one.until else "",
    }
    return {key: value for key, value in parts.items() if value}


def _texts(parts: Iterable[object]) -> list[str]:
    return [str(part) for part in parts]


def _line(key: str, value: Json, origin: str) -> str:
    return f"# {key} is not set" if value is None else f"{key} = {_toml(value)}  # {origin}"


def _toml(value: Json) -> str:
    """The value as a TOML file would have it."""
    if isinstance(value, dict):
        inner = ", ".join(f"{key} = {_toml(item)}" for key, item in value.items())
        return f"{{{f' {inner} ' if inner else ''}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    return json.dumps(value, ensure_ascii=False)
