"""The files that a project may keep its settings in, and the nearest of them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import cast

from ..errors import ConfigError
from .place import Place, Value

Found = tuple[dict[str, Value], Place]  # the settings, and where their table stands


def nearest(targets: tuple[str, ...], cwd: Path | None) -> Found | None:
    """The settings of the nearest file at or above the first target; None when there is none. Raises ConfigError.

    What is scanned has no say in how it is scanned: a target in the current folder is judged by the current folder's
    configuration, and one in node_modules by that of the project that installed it.
    """
    here = Path(os.path.abspath(cwd or _current()))
    for folder in _upwards(start(targets, here)):
        for name, read in _READERS.items():
            found = read(folder / name)
            if found is not None:
                return found
    return None


def _current() -> Path:
    try:
        return Path.cwd()
    except FileNotFoundError:
        raise ConfigError("the current folder is gone", hint="change to one that is there") from None


def start(targets: tuple[str, ...], here: Path) -> Path:
    """The folder from which a project is looked for, upwards."""
    first = next((target for target in targets if target != "-"), "")
    target = Path(os.path.abspath(here / first))
    begin = here if target.is_relative_to(here) else target
    if "node_modules" in begin.parts:
        begin = Path(*begin.parts[: begin.parts.index("node_modules")])
    return begin if begin.is_dir() else begin.parent


def _upwards(folder: Path) -> Iterator[Path]:
    yield folder
    yield from folder.parents


def _own(path: Path) -> Found | None:
    data = _bytes(path)
    return None if data is None else _toml(data, path)


def _pyproject(path: Path) -> Found | None:
    data = _bytes(path)
    if data is None or b"nodemend" not in data:
        return None
    whole, place = _toml(data, path)
    tool = whole.get("tool")
    if not isinstance(tool, dict) or "nodemend" not in tool:
        return None
    return _table(tool["nodemend"], place.below("tool", "nodemend"))


def _package(path: Path) -> Found | None:
    data = _bytes(path)
    # A package.json that is broken elsewhere is npm's business, not ours.
    if data is None or b'"nodemend"' not in data:
        return None
    try:
        text = data.decode("utf-8-sig")
        whole = cast("Value", json.loads(text))
    except json.JSONDecodeError as error:
        raise ConfigError(f"{path}:{error.lineno}:{error.colno}: not JSON: {error.msg}") from None
    except (ValueError, RecursionError):
        raise ConfigError(f"{path}: not JSON in UTF-8", hint="save it as UTF-8") from None
    if not isinstance(whole, dict) or "nodemend" not in whole:
        return None
    return _table(whole["nodemend"], Place(path, text, ("nodemend",)))


_READERS: Mapping[str, Callable[[Path], Found | None]] = {
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


def _toml(data: bytes, path: Path) -> Found:
    import tomllib  # only where there is something to read with it

    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
        return cast("dict[str, Value]", tomllib.loads(text)), Place(path, text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not TOML: {error}") from None
    except (ValueError, RecursionError):
        raise ConfigError(f"{path}: not TOML in UTF-8", hint="save it as UTF-8") from None


def _table(value: Value, place: Place) -> Found:
    if not isinstance(value, dict):
        raise place.error('"nodemend" must be a table of settings')
    return value, place
