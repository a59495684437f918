"""Where the bytes of a file show what a kind is about, before there is a tree: such a kind has no places elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .answers import once
from .regexes import regex
from .spellings import assigned, offsets, whole

_EMPTY = rb"\{\s*\}|\[\s*\]|new\s+(?:Map|Set)\b|Object\s*\.\s*create\b"
# What puts something where nothing was, and takes something out soon after.
_MADE = regex(rb"(?:=|\(|,|\|)\s*(" + _EMPTY + rb")(?=.{0,200}?\bdelete\b)", re.DOTALL)
# A bracket behind a name, or behind a blank or a comment, with what may be a key in it that is not known. A search for
# the name would go over each letter of it many times, and a bundle can have very long words.
_BRACKET = regex(rb"\[(?<=[\w$\x80-\xff\s./]\[)(?!\s*+(?:\d++|'[^'\\\n]*+'|\"[^\"\\\n]*+\")?\s*+\])")
_NAMES = bytes(byte for byte in range(256) if byte >= 0x80 or chr(byte).isalnum() or byte in b"_$\\")
# What may take the value of what stands behind it, or of a part of that.
_TAKERS = (b"=", b"(", b",", b"?", b":", b"|", b"&", b"*/")
_TARGET = regex(rb"([\w$]++)\s*+=(?![=>])")
# Behind `o[` the rest of the arguments of a call that is given less of a list than there was: `, path.slice(1))`.
_HANDED = regex(rb"[^;,]{1,200}\][^;,]{0,100},[\w$\s,.\[\]]*+[('\"`/?|&]")
_ARGUMENTS = bytes(byte for byte in range(128) if chr(byte).isalnum() or byte in b"_$,. \t\r\n")
_FAR = 300  # bytes from where a statement begins to an access in it
_LATER = 1500  # bytes from where a step is taken out to where it is made
# `a[i++]`, and `a[i]` on one line with the step of the same `i` behind it or on the next.
_CURSORS = (
    regex(rb"\[[\s(]*[\w$.]+\+\+[\s)]*\]"),
    regex(rb"\[\s*([\w$.]+)\s*\]\s*+;?\s*+(?:\1\s*(?:\+\+|\+=\s*1\b)|\+\+\s*\1)"),
)

# The functions of Node's zlib that inflate all that they are given at once, without the ending of those that answer.
INFLATING = ("inflateRaw", "inflate", "gunzip", "unzip", "brotliDecompress")
_INFLATES = regex(rb"(?:" + "|".join(INFLATING).encode() + rb")(?:Sync)?(?![\w$])")
_IN_NAME = regex(rb"[\w$]")

# What a server's response is called: as a parameter, and as a property of what holds one.
RESPONSES = ("res", "response", "resp", "rsp", "_res")
HOLDERS = ("res", "response", "raw")


@once
def emptied(data: bytes) -> Iterator[int]:
    """Where an empty container is made, soon before something is deleted."""
    return (found.start(1) for found in _MADE.finditer(data))


@once
def walked(data: bytes) -> Iterator[int]:
    """Where an object may be walked down by a key: the brackets of `o = o[key]`, with or without something between, of
    `x = o[key]` with `o = x` soon behind, and of `f(o[key], …)` with less of a list."""
    for found in _BRACKET.finditer(data):
        if _may_step(data, found.start()):
            yield found.start()


def _may_step(data: bytes, bracket: int) -> bool:
    named = data[max(0, bracket - _FAR) : bracket].rstrip().removesuffix(b"?.").rstrip()
    before = named.rstrip(_NAMES)
    owner = named[len(before) :]
    before = before.rstrip()
    if not owner or not before.endswith(_TAKERS):
        return False
    before = before[max(map(before.rfind, (b";", b"{", b"}"))) + 1 :]
    targets = _TARGET.findall(before, before.rfind(b",") + 1)
    behind = data[bracket : bracket + _LATER]
    if owner in targets or any(_follows(behind, owner, target) for target in targets):
        return True
    callee = before.rstrip(_ARGUMENTS)
    called = callee.endswith(b"(") and callee[:-1].rstrip()[-1:] not in b" +-*/=(,:?!&|"
    return called and _HANDED.match(behind, 1) is not None


def _follows(code: bytes, owner: bytes, target: bytes) -> bool:
    """Whether what was taken into one variable is put into another."""
    given = (code[found.end() : found.end() + _FAR].partition(b";")[0] for found in assigned(owner).finditer(code))
    return any(whole(target).search(each) for each in given)


@once
def dequeued(data: bytes) -> Iterator[int]:
    """Where a cursor is read by, in brackets, and moved on."""
    return (found.start() for cursor in _CURSORS for found in cursor.finditer(data))


@once
def inflating(data: bytes) -> Iterator[int]:
    """Where a function of zlib is named that inflates all that it is given at once."""
    return (found.start() for found in _INFLATES.finditer(data) if not _follows_name(data, found.start()))


@once
def answered(data: bytes) -> Iterator[int]:
    """Where there is a name that a server's response has."""
    return (at for name in dict.fromkeys(RESPONSES + HOLDERS) for at in offsets(data, name.encode()))


def _follows_name(data: bytes, at: int) -> bool:
    return at > 0 and _IN_NAME.match(data, at - 1) is not None
