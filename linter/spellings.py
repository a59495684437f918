"""How code may spell what a name stands for: told by a search of the bytes, before there is a tree.

In a large file a name that is rare costs next to nothing this way.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from functools import lru_cache

from .regexes import regex

# How far before and behind a name the variable that takes it is looked for, in bytes.
_NEAR = 120
_ASSIGNED = regex(
    rb"([\w$]{1,64})\s*=\s*(?:[\w$.]+\.|(?:[\w$.]*\()*require\(['\"](?:node:)?|require\([^()]{1,64}\)\.)?$"
)
_ENDED = regex(rb"(?:['\"]\)+)?\s*(?:[;,)}\n]|\Z)")
_IMPORTED = regex(rb"import\s+(?:\*\s*as\s+)?([\w$]{1,64})[^;=]*$")
_RENAMED = regex(rb"\s*(?::|as\b)\s*([\w$]{1,64})\s*[,}=]")
_ROUNDS = 3  # names of names of names
_MOST = 10_000  # mentions of a name: with more of them nobody knows what they are given to
# What may stand between a name and the bracket of the call that runs it: the end of a string that spells it, brackets
# around it, casts and type arguments of TypeScript. Behind a comment there may be anything.
_CLOSED = rb"[\s'\"`\])!]*+"
_CAST = rb"(?:as|satisfies)\b(?!\s++[\w$]++\s*+[,}])"  # no name that is imported or exported under another
_CALL = _CLOSED + rb"(?:(?:\?\.\s*+)?(?:[(<]|/[/*])|" + _CAST + rb")"

# What is no variable where something is given to one.
_LITERALS = frozenset({b"false", b"null", b"this", b"true", b"undefined"})
_MODULE = regex(rb"(?:[(/]|from)\s*['\"`](?:node:)?\Z")


@lru_cache(maxsize=512)
def whole(word: bytes) -> re.Pattern[bytes]:
    """The word between bytes that are of no ASCII name. It comes first, so that it is looked for as a literal."""
    return re.compile(_whole(word))


def _whole(word: bytes) -> bytes:
    literal = re.escape(word)
    return literal + rb"(?<![A-Za-z0-9_$]" + literal + rb")(?![A-Za-z0-9_$])"


@lru_cache(maxsize=512)
def _called(word: bytes) -> re.Pattern[bytes]:
    """The word where it is called, but not where a function of that name is declared."""
    return re.compile(_whole(word) + rb"(?<!function " + re.escape(word) + rb")" + _CALL)


@lru_cache(maxsize=512)
def assigned(word: bytes) -> re.Pattern[bytes]:
    """The word where something is assigned to it, up to behind the sign for that."""
    return re.compile(_whole(word) + rb"\s*+=(?![=>])")


def places(word: bytes, data: bytes) -> Iterator[int]:
    """Where a word, or a part of one, occurs."""
    at = data.find(word)
    while at >= 0:
        yield at
        at = data.find(word, at + 1)


def offsets(data: bytes, word: bytes, start: int = 0, end: int = sys.maxsize) -> Iterator[int]:
    """Where the word occurs as a whole word in [start, end), in order."""
    if word not in data:
        return iter(())
    return (found.start() for found in whole(word).finditer(data, start, end))


def takers(data: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Where the variables stand that are given what the name at [start, end) is, or is a property of.

    They are assigned, renamed or imported.
    """
    first = max(0, start - _NEAR)
    before = data[first:start]
    assigned = _ASSIGNED.search(before) if _ENDED.match(data, end) else None
    for found in (assigned, _IMPORTED.search(before)):
        if found is not None and _is_name(found[1]):
            yield first + found.start(1), first + found.end(1)
    if (renamed := _RENAMED.match(data, end)) is not None and _is_name(renamed[1]):
        yield renamed.span(1)


def _is_name(word: bytes) -> bool:
    return word not in _LITERALS and not word[:1].isdigit()


CALLED = regex(_CALL)  # stands behind a name where what it stands for is called


@lru_cache(maxsize=256)
def read_off(member: bytes) -> re.Pattern[bytes]:
    """What stands behind a name where a property of what it stands for is read."""
    return re.compile(_CLOSED + rb"(?:\??\.\s*+(?:" + re.escape(member) + rb"(?![\w$])|/[/*])|/[/*]|" + _CAST + rb")")


def spots(data: bytes, word: bytes, behind: re.Pattern[bytes], places: Iterable[int]) -> Iterator[int]:
    """Those of the places of a word where it has this behind it, or may be given to a variable, or name a module."""
    for at in places:
        stop = at + len(word)
        if behind.match(data, stop) or any(True for _ in takers(data, at, stop)) or _names_module(data, at):
            yield at


def _given(data: bytes, name: bytes) -> Iterator[bytes]:
    """The variables that the name, wherever it stands, is given to."""
    for at in offsets(data, name):
        for start, end in takers(data, at, at + len(name)):
            yield data[start:end]


def spellings(data: bytes, name: bytes) -> Iterator[bytes]:
    """The name, and the variables that may hold what it stands for, those closest to it first; each once."""
    known, fresh = {name}, {name}
    yield name
    for _ in range(_ROUNDS):
        fresh = {taker for word in fresh for taker in _given(data, word)} - known
        known |= fresh
        yield from sorted(fresh)


def may_call(data: bytes, name: bytes) -> bool:
    """Whether what a name stands for may be called, by whatever of its spellings."""
    count = data.count(name)
    if not count or count > _MOST:
        return bool(count)
    return any(_called(word).search(data) is not None for word in spellings(data, name)) or _is_module(data, name)


def _is_module(data: bytes, name: bytes) -> bool:
    """Whether the name may be that of a module, which where it is imported may be called anything, `default` too."""
    return any(_names_module(data, at) for at in offsets(data, name))


def _names_module(data: bytes, at: int) -> bool:
    return _MODULE.search(data, max(0, at - _NEAR), at) is not None
