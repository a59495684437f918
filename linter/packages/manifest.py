"""What a package.json says of identity, as far as it can be read."""

from __future__ import annotations

import json

from ..datatype import dataclass

MAX_MANIFEST = 4 << 20  # bytes; the largest on the registry are well under one MiB


@dataclass(frozen=True, slots=True)
class Manifest:
    """`engines` is engines.node. What is missing or is no text is ""; `problem` says what is wrong with the rest."""

    name: str = ""
    version: str = ""
    engines: str = ""
    problem: str = ""


def parse(data: bytes) -> Manifest:
    """The manifest in these bytes; a byte order mark is let pass, as npm does."""
    try:
        content: object = json.loads(data.decode("utf-8-sig"))
    except RecursionError:
        return Manifest(problem="nested too deeply")
    except ValueError as error:  # no JSON, no UTF-8, or a number of thousands of digits
        return Manifest(problem=f"invalid JSON: {error}")
    if not isinstance(content, dict):
        return Manifest(problem="not a JSON object")
    name, engines = content.get("name"), content.get("engines")
    return Manifest(
        _text(name),
        _text(content.get("version")),
        _text(engines.get("node")) if isinstance(engines, dict) else "",
        "" if name is None or isinstance(name, str) else "its name is not a text",
    )


def _text(value: object) -> str:
    """A text as it is, but for lone surrogates (JSON allows them, no encoding does)."""
    return value.encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) else ""
