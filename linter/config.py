"""What a project has settled: in nodemend.toml, [tool.nodemend] of pyproject.toml or "nodemend" of package.json."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Literal, TypeAlias, cast, get_args

from .errors import ConfigError

FailOn = Literal["error", "warning", "note", "never"]
Release = Literal["delete", "null"]
Value: TypeAlias = "dict[str, Value] | list[Value] | str | int | float | bool | None"


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of a project; the command line wins over each of them."""

    node: str = ""  # Node range that is targeted, "all", or "" for what engines.node says
    select: tuple[str, ...] = ()  # ids, categories, recommended, all; none: recommended
    ignore: tuple[str, ...] = ()
    release: Release = "delete"
    rules: tuple[Path, ...] = ()  # folders of the project's own pages, absolute
    fail_on: FailOn = "warning"
    path: Path | None = None  # the file this was read from


def load(targets: tuple[str, ...] = (), cwd: Path | None = None) -> Config:
    """The nearest configuration at or above the first target, or the defaults. Raises ConfigError.

    What is scanned has no say in how it is scanned: a target in the current folder is judged by the current folder's
    configuration, and one in node_modules by that of the project that installed it.
    """
    here = Path(os.path.abspath(cwd or _current()))
    for folder in _upwards(_start(targets, here)):
        for name, read in _READERS.items():
            table = read(folder / name)
            if table is not None:
                return _config(table, folder / name)
    return Config()


def _current() -> Path:
    try:
        return Path.cwd()
    except FileNotFoundError:
        raise ConfigError("the current folder is gone", hint="change to one that is there") from None


def _start(targets: tuple[str, ...], here: Path) -> Path:
    first = next((target for target in targets if target != "-"), "")
    target = Path(os.path.abspath(here / first))
    start = here if target.is_relative_to(here) else target
    if "node_modules" in start.parts:
        start = Path(*start.parts[: start.parts.index("node_modules")])
    return start if start.is_dir() else start.parent


def _upwards(folder: Path) -> Iterator[Path]:
    yield folder
    yield from folder.parents


def _own(path: Path) -> dict[str, Value] | None:
    data = _bytes(path)
    return None if data is None else _toml(data, path)


def _pyproject(path: Path) -> dict[str, Value] | None:
    data = _bytes(path)
    if data is None or b"nodemend" not in data:
        return None
    tool = _toml(data, path).get("tool")
    return _table(tool["nodemend"], path) if isinstance(tool, dict) and "nodemend" in tool else None


def _package(path: Path) -> dict[str, Value] | None:
    data = _bytes(path)
    # A package.json that is broken elsewhere is npm's business, not ours.
    if data is None or b'"nodemend"' not in data:
        return None
    try:
        whole = cast(Value, json.loads(data.decode("utf-8-sig")))
    except json.JSONDecodeError as error:
        raise ConfigError(f"{path}:{error.lineno}:{error.colno}: not JSON: {error.msg}") from None
    except (ValueError, RecursionError):
        raise ConfigError(f"{path}: not JSON in UTF-8", hint="save it as UTF-8") from None
    return _table(whole["nodemend"], path) if isinstance(whole, dict) and "nodemend" in whole else None


_READERS: Mapping[str, Callable[[Path], dict[str, Value] | None]] = {
    "nodemend.toml": _own,
    "pyproject.toml": _pyproject,
    "package.json": _package,
}


def _bytes(path: Path) -> bytes | None:
    """What the file holds; None where there is no regular file, for a FIFO of that name would never end."""
    if not os.path.isfile(path):
        return None
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}", hint="make it readable, or remove it") from None


def _toml(data: bytes, path: Path) -> dict[str, Value]:
    try:
        return cast("dict[str, Value]", tomllib.loads(data.decode("utf-8-sig").replace("\r\n", "\n")))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not TOML: {error}") from None
    except (ValueError, RecursionError):
        raise ConfigError(f"{path}: not TOML in UTF-8", hint="save it as UTF-8") from None


def _table(value: Value, path: Path) -> dict[str, Value]:
    if not isinstance(value, dict):
        raise ConfigError(f'{path}: "nodemend" must be a table of settings')
    return value


KEYS = ("fail-on", "ignore", "node", "release", "rules", "select")


def _config(table: dict[str, Value], path: Path) -> Config:
    for key in table:
        if key not in KEYS:
            near = get_close_matches(key, KEYS, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"known keys: {', '.join(KEYS)}"
            raise ConfigError(f"{path}: unknown key {key!r}", hint=hint)
    return Config(
        node=_string(table, "node", path),
        select=_strings(table, "select", path),
        ignore=_strings(table, "ignore", path),
        release=cast(Release, _choice(table, "release", get_args(Release), path) or "delete"),
        rules=tuple(path.parent / folder for folder in _strings(table, "rules", path)),
        fail_on=cast(FailOn, _choice(table, "fail-on", get_args(FailOn), path) or "warning"),
        path=path,
    )


def _string(table: dict[str, Value], key: str, path: Path) -> str:
    value = table.get(key, "")
    if not isinstance(value, str):
        raise ConfigError(f"{path}: {key!r} must be a string, not {json.dumps(value, default=str)}")
    return value


def _strings(table: dict[str, Value], key: str, path: Path) -> tuple[str, ...]:
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ConfigError(f"{path}: {key!r} must be a list of strings, not {json.dumps(value, default=str)}")
    return tuple(item for item in value if isinstance(item, str))


def _choice(table: dict[str, Value], key: str, choices: tuple[str, ...], path: Path) -> str:
    value = _string(table, key, path)
    if key in table and value not in choices:
        near = get_close_matches(value, choices, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"one of {', '.join(choices)}"
        raise ConfigError(f"{path}: {key!r} cannot be {value!r}", hint=hint)
    return value
