"""What is asked of a lockfile, and what it answers."""

from __future__ import annotations

from collections.abc import Callable

from ..datatype import dataclass


@dataclass(frozen=True, slots=True)
class Installed:
    """A package as it is installed. `place` is its folder counted from that of the lockfile, `/` between."""

    name: str
    version: str
    place: str


@dataclass(frozen=True, slots=True)
class Entry:
    """The line that brings a package in. `end_column` is the column behind the line's last character, as in Span."""

    file: str  # the name of the lockfile or package.json
    line: int
    end_column: int


Lines = Callable[[Installed], int | None]
"""The 1-based line of a text that brings the package in, None when it does not."""
