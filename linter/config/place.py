"""Where in a configuration file a setting stands, so that a mistake can be pointed at."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, cast

from ..datatype import dataclass
from ..errors import ConfigError

if TYPE_CHECKING:
    from tree_sitter import Node

Value: TypeAlias = "dict[str, Value] | list[Value] | str | int | float | bool | date | None"
_FAR = 400  # lines that one setting may take to be found


@dataclass(frozen=True, slots=True)
class Place:
    """A setting of a file: the keys, and numbers of list items from 0, that lead to it from the file's top."""

    path: Path
    text: str  # the whole file
    keys: tuple[str | int, ...] = ()

    def below(self, *keys: str | int) -> Place:
        return Place(self.path, self.text, (*self.keys, *keys))

    @property
    def line(self) -> int:
        """The 1-based line on which it begins; 0 when that cannot be told."""
        return _json_line(self) if self.path.suffix == ".json" else _toml_line(self)

    def error(self, message: str, *, hint: str = "") -> ConfigError:
        """The error to raise for it, with file and line in front."""
        line = self.line
        return ConfigError(f"{self.path}{f':{line}' if line else ''}: {message}", hint=hint)


def shown(value: Value) -> str:
    """A value as an error quotes it."""
    text = json.dumps(value, default=str)
    return text if len(text) <= 60 else f"{text[:59]}…"


def _toml_line(place: Place) -> int:
    """tomllib tells no positions: before this line the file lacks the setting, and behind it the file has it."""
    lines = place.text.split("\n")
    word = next((key for key in reversed(place.keys) if isinstance(key, str)), "")
    for at in (at for at, line in enumerate(lines) if word in line):
        before = _toml(lines[:at])
        if before is None or _has(before, place.keys):
            continue
        later = (_toml(lines[:end]) for end in range(at + 1, min(at + _FAR, len(lines)) + 1))
        whole = next((table for table in later if table is not None), None)
        if whole is not None and _has(whole, place.keys):
            return at + 1
    return 0


def _toml(lines: Sequence[str]) -> Value:
    """What these lines hold, None when they end within a value."""
    import tomllib

    try:
        return cast("Value", tomllib.loads("\n".join(lines)))
    except (ValueError, RecursionError):
        return None


def _has(value: Value, keys: Sequence[str | int]) -> bool:
    for key in keys:
        inner: Sequence[Value] = ()
        if isinstance(value, dict) and isinstance(key, str):
            inner = [value[key]] if key in value else ()
        elif isinstance(value, list) and isinstance(key, int):
            inner = value[key : key + 1]
        if not inner:
            return False
        value = inner[0]
    return True


def _json_line(place: Place) -> int:
    """JSON is an expression of JavaScript, and the parser of that knows where everything is."""
    from ..source import Source

    source = Source(str(place.path), f"({place.text}\n)".encode(), "javascript")
    node: Node | None = source.root
    for _ in ("statement", "parentheses", "expression"):
        node = node.named_child(0) if node else None
    for key in place.keys:
        if node is None:
            return 0
        node = node.named_child(key) if isinstance(key, int) else _members(node).get(key)
    return source.line_of(node.start_byte) if node else 0


def _members(node: Node) -> Mapping[str, Node]:
    """The values of an object by their keys; of two with one key the last counts, as json has it."""
    found: dict[str, Node] = {}
    for pair in node.named_children:
        key, value = pair.child_by_field_name("key"), pair.child_by_field_name("value")
        if key is not None and value is not None and key.text:
            found[key.text.decode().strip('"')] = value
    return found
