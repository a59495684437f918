"""Changes to a JSON text that leave every other byte as it is: its order, its indentation and its line ends."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TypeAlias, cast

from .datatype import dataclass

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"

_DECODER = json.JSONDecoder()
_BLANK = " \t\r\n"


@dataclass(frozen=True, slots=True)
class _Member:
    """One member of an object: where its key begins, where its value begins and ends."""

    key: str
    start: int
    value: int
    end: int


def read(text: str) -> dict[str, Json]:
    """The object in a JSON text. ValueError when it is something else, or no JSON."""
    content = cast(Json, json.loads(text))
    if not isinstance(content, dict):
        raise ValueError("not a JSON object")
    return content


def with_value(text: str, path: Sequence[str], value: Json) -> str:
    """The text with this value at the path of keys; objects on the way are made, a new member comes last.

    ValueError when something on the way is no object.
    """
    return _put(text, _skip(text, 0), path, value, 0)


def without(text: str, path: Sequence[str]) -> str:
    """The text less the member at the path, and less every object that is empty only because of that."""
    at = _skip(text, 0)
    spots: list[tuple[list[_Member], int]] = []
    for key in path:
        if text[at : at + 1] != "{":
            return text
        members = _members(text, at)
        place = next((n for n, member in enumerate(members) if member.key == key), None)
        if place is None:
            return text
        spots.append((members, place))
        at = members[place].value
    while len(spots) > 1 and len(spots[-1][0]) == 1:
        spots.pop()
    return _less(text, *spots[-1])


def _less(text: str, members: Sequence[_Member], place: int) -> str:
    if place:
        return text[: members[place - 1].end] + text[members[place].end :]
    if len(members) > 1:
        return text[: members[0].start] + text[members[1].start :]
    start, end = text.rindex("{", 0, members[0].start), text.index("}", members[0].end)
    return text[: start + 1] + text[end:]


def _put(text: str, at: int, path: Sequence[str], value: Json, depth: int) -> str:
    if text[at : at + 1] != "{":
        raise ValueError(f"there is no object to put {path[0]!r} into")
    members = _members(text, at)
    found = next((member for member in members if member.key == path[0]), None)
    if found is None:
        for key in reversed(path[1:]):
            value = {key: value}
        return _appended(text, at, members, path[0], value, depth)
    if len(path) > 1:
        return _put(text, found.value, path[1:], value, depth + 1)
    return text[: found.value] + _dumped(text, value, depth + 1) + text[found.end :]


def _appended(text: str, at: int, members: Sequence[_Member], key: str, value: Json, depth: int) -> str:
    line = f"{json.dumps(key, ensure_ascii=False)}: {_dumped(text, value, depth + 1)}"
    if members:
        before = text[at + 1 : members[0].start]
        return f"{text[: members[-1].end]},{before or ' '}{line}{text[members[-1].end :]}"
    end, (unit, newline) = text.index("}", at), _layout(text)
    return f"{text[: at + 1]}{newline}{unit * (depth + 1)}{line}{newline}{unit * depth}{text[end:]}"


def _dumped(text: str, value: Json, depth: int) -> str:
    unit, newline = _layout(text)
    lines = json.dumps(value, ensure_ascii=False, indent=unit).split("\n")
    return f"{newline}{unit * depth}".join(lines)


def _layout(text: str) -> tuple[str, str]:
    """One step of indentation, and the line end."""
    start = text.find("{") + 1
    blank = text[start : _skip(text, start)]
    return blank.rpartition("\n")[2] if "\n" in blank else "  ", "\r\n" if "\r\n" in text else "\n"


def _members(text: str, at: int) -> list[_Member]:
    members: list[_Member] = []
    at = _skip(text, at + 1)
    while text[at] != "}":
        start = at
        key, at = _DECODER.raw_decode(text, at)
        value = _skip(text, _skip(text, at) + 1)  # behind the colon
        _, end = _DECODER.raw_decode(text, value)
        members.append(_Member(str(key), start, value, end))
        at = _skip(text, end)
        if text[at] == ",":
            at = _skip(text, at + 1)
    return members


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in _BLANK:
        at += 1
    return at
