"""What reaches a terminal: control characters made visible, colour where it is wanted, a progress line."""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Callable, Mapping
from typing import Literal, TextIO

from .datatype import dataclass, field
from .regexes import regex

Style = Literal["error", "warning", "note", "good", "dim", "bold"]
_CODES: Mapping[Style, str] = {
    "error": "1;31", "warning": "1;33", "note": "1;36", "good": "32", "dim": "2", "bold": "1",
}  # fmt: skip
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
# Controls, format characters (bidi overrides, zero-width ones, tags), surrogates, line and paragraph separators.
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_COLOURS = regex(r"\x1b\[[0-9;]*m")
_CLEAR = "\r\x1b[K"


def visible(text: str) -> str:
    """The text with each character that a terminal would obey, or not show, written as an escape.

    A byte that was not UTF-8 (a surrogate of Python's surrogateescape) is written as `\\xNN`.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escape(c) if unicodedata.category(c) in _HIDDEN else c for c in text)


def _escape(char: str) -> str:
    code = ord(char)
    if char in _SHORT:
        return _SHORT[char]
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def width(text: str) -> int:
    """How many columns of a terminal the text takes: two for wide characters, none for combining marks."""
    return len(text) if text.isascii() else sum(_cells(c) for c in text)


def _cells(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1


def cut(text: str, columns: int) -> str:
    """The text, or as much of its beginning as fits into so many columns with a `…` behind it."""
    if width(text) <= columns:
        return text
    room, kept = columns - 1, 0
    for char in text:
        room -= _cells(char)
        if room < 0:
            break
        kept += 1
    return text[:kept] + "…"


def wrapped(text: str, columns: int, indent: str) -> list[str]:
    """The text in lines of at most so many columns, broken at blanks, all but the first behind `indent`.

    A word that is longer stays whole, for it may be a path to click on. Colours take no room.
    """
    lines: list[str] = []
    first, *words = text.lstrip(" ").split(" ")
    line = " " * (len(text) - len(text.lstrip(" "))) + first
    for word in words:
        longer = f"{line} {word}"
        if width(_COLOURS.sub("", longer)) > columns:
            lines.append(line)
            longer = f"{indent}{word}"
        line = longer
    return [*lines, line]


def quoted(path: str) -> str:
    """The path as an argument that a shell takes; one with control characters in the `$'...'` form of bash."""
    shown = f"./{path}" if path.startswith("-") and path != "-" else path
    if visible(shown) != shown:
        return "$'" + visible(shown.replace("\\", "\\\\").replace("'", "\\'")) + "'"
    if shown and all(c.isalnum() or c in "@%+=:,./_-" for c in shown):
        return shown
    return "'" + shown.replace("'", "'\"'\"'") + "'"


def wants_colour(tty: bool, environ: Mapping[str, str]) -> bool:
    """Whether to colour: NO_COLOR forbids, else FORCE_COLOR demands, else only on a terminal that is not dumb."""
    if environ.get("NO_COLOR"):
        return False
    if environ.get("FORCE_COLOR", "0") not in ("", "0", "false"):
        return True
    return tty and environ.get("TERM") != "dumb"


@dataclass(frozen=True, slots=True)
class Paint:
    """Colours text, or leaves it alone."""

    colour: bool = False

    def __call__(self, style: Style, text: str) -> str:
        return f"\x1b[{_CODES[style]}m{text}\x1b[0m" if self.colour and text else text


@dataclass(slots=True)
class ProgressLine:
    """One line on a terminal that says how far the work is; it appears only when the work takes over `after` seconds.

    On anything but a terminal nothing is ever written. `clear` takes the line away again.
    """

    stream: TextIO
    columns: int = 80
    after: float = 1.0
    every: float = 0.1
    clock: Callable[[], float] = time.monotonic
    _due: float = field(init=False)
    _shown: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        self._due = self.clock() + self.after

    def show(self, text: str) -> None:
        if not self.stream.isatty() or self.clock() < self._due:
            return
        self._due = self.clock() + self.every
        self._shown = True
        # One column stays free: some terminals wrap as soon as the last one is written.
        self.stream.write(_CLEAR + cut(visible(text), self.columns - 1))
        self.stream.flush()

    def clear(self) -> None:
        if self._shown:
            self.stream.write(_CLEAR)
            self.stream.flush()
            self._shown = False
