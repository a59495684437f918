"""Where functions may go by a name: told by a search of the bytes, before there is a tree, which may come in parts.

Names are mentioned far more often than a function is declared, assigned or stored under them. Nothing is passed over
that could be one; what is told may still be none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from .datatype import dataclass
from .regexes import regex
from .spellings import offsets

_BLANK = rb"(?:\s|(?>/\*.*?\*/)|//[^\n\r]*+)*+"
_IDENTIFIER = regex(rb"[\w$\x80-\xff]+")
# Where a value begins that is a function, in brackets or not.
_FUNCTION = rb"(?:[(<]|function\b|async\b|[\w$\\\x80-\xff]++" + _BLANK + rb"=>)"
# What behind the colon of a property, or of a type, is no function, nor a type behind which there may be one.
_ENDED = _BLANK + rb"[,;}\])]"
_PLAIN = (
    rb"(?!(?:function|async|import|new|keyof|readonly|typeof|asserts)\b)[\w$.]++(?:\(|" + _ENDED + rb")"
    + rb"|!\d|'[^'\n\\]*+'" + _ENDED + rb'|"[^"\n\\]*+"' + _ENDED
)  # fmt: skip
# An assignment to the name, or to a property that it is a part of the way to; a property, a field, a variable with a
# type; and by the last two groups what may be the head of a function, unless it is a call.
_NAMED = regex(
    rb"['\"]?(?:" + _BLANK + rb"\])*+" + _BLANK
    + rb"(?:\[|=(?![=>])" + _BLANK + _FUNCTION + rb"|[?!]?" + _BLANK + rb":" + _BLANK + rb"(?!" + _PLAIN + rb")"
    + rb"|\??" + _BLANK + rb"([(<]))", re.DOTALL,
)  # fmt: skip
# Arguments, or parameters of the plainest sort, and what is behind them where they are not those of a function.
_CALLED = regex(rb"\([^()'\"`/]*+\)" + _BLANK + rb"(?![{:])", re.DOTALL)
# What stands before an expression, and never before the name of a function.
_BEFORE_CALL = frozenset(b".=(!&|+?")


def definitions(data: bytes, name: bytes, places: Iterable[int]) -> Iterator[int]:
    """Those of the places of a name where a function may be declared, assigned or stored by it."""
    if _IDENTIFIER.fullmatch(name) is None:  # as a name in brackets is
        yield from places
        return
    for at in places:
        found = _NAMED.match(data, at + len(name))
        if found is not None and not (found[1] is not None and _is_call(data, at, found)):
            yield at


@dataclass(frozen=True, slots=True)
class Defines:
    """Whether in the bytes of a file a function may be declared, assigned or stored under this very name."""

    name: bytes

    def __call__(self, data: bytes) -> bool:
        return next(definitions(data, self.name, offsets(data, self.name)), None) is not None


def _is_call(data: bytes, at: int, found: re.Match[bytes]) -> bool:
    if data[at - 1 : at].strip(b"'\"") or not at:
        before = data[max(0, at - 8) : at].rstrip(b" \t")[-1:]
        if before and before[0] in _BEFORE_CALL:
            return True
    return found[1] == b"(" and _CALLED.match(data, found.start(1)) is not None
