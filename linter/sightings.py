"""Where the bytes of a file show what a kind is about, before there is a tree: such a kind has no places elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from .regexes import regex

_EMPTY = rb"\{\s*\}|\[\s*\]|new\s+(?:Map|Set)\b|Object\s*\.\s*create\b"
# What puts something where nothing was, and takes something out soon after.
_MADE = regex(rb"(?:=|\(|,|\|)\s*(" + _EMPTY + rb")(?=.{0,200}?\bdelete\b)", re.DOTALL)
# `o = o[key]`, and a call that is given `o[key]` first. Each search begins with a letter that is found fast, and goes
# over no letter or blank twice, for a bundle can have very long words.
_STEPPED = regex(rb"=\s*+\(?\s*+([\w$]++)\s*+\[")
_HANDED = regex(rb"\(\s*+[\w$]++\[[\w$\[\]. ]{1,200}\]\s*+,")
_NEAR = 256  # how far before the sign of an assignment its target ends, in bytes
# `a[i++]`, and `a[i]` on one line with the step of the same `i` behind it or on the next.
_CURSORS = (
    regex(rb"\[[\s(]*[\w$.]+\+\+[\s)]*\]"),
    regex(rb"\[\s*([\w$.]+)\s*\]\s*+;?\s*+(?:\1\s*(?:\+\+|\+=\s*1\b)|\+\+\s*\1)"),
)

# The functions of Node's zlib that inflate all that they are given at once, without the ending of those that answer.
INFLATING = ("inflateRaw", "inflate", "gunzip", "unzip", "brotliDecompress")
_INFLATES = regex(rb"(?:" + "|".join(INFLATING).encode() + rb")(?:Sync)?(?![\w$])")
_IN_NAME = regex(rb"[\w$]")


def emptied(data: bytes) -> Iterator[int]:
    """Where an empty container is made, soon before something is deleted."""
    return (found.start(1) for found in _MADE.finditer(data))


def walked(data: bytes) -> Iterator[int]:
    """Where an object may be walked down by a key."""
    stepped = (found.start() for found in _STEPPED.finditer(data) if _is_before(data, found[1], found.start()))
    return chain(stepped, (found.start() for found in _HANDED.finditer(data)))


def _is_before(data: bytes, name: bytes, end: int) -> bool:
    before = data[max(0, end - _NEAR - len(name)) : end].rstrip()
    return before.endswith(name) and not re.match(rb"[\w$]", before[: -len(name)][-1:])


def dequeued(data: bytes) -> Iterator[int]:
    """Where a cursor is read by, in brackets, and moved on."""
    return (found.start() for cursor in _CURSORS for found in cursor.finditer(data))


def inflating(data: bytes) -> Iterator[int]:
    """Where a function of zlib is named that inflates all that it is given at once."""
    return (found.start() for found in _INFLATES.finditer(data) if not _follows_name(data, found.start()))


def _follows_name(data: bytes, at: int) -> bool:
    return at > 0 and _IN_NAME.match(data, at - 1) is not None
