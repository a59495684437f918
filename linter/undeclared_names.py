"""Names that a file's bytes show to be written and nowhere declared: told before there is a tree."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from .regexes import regex

# Names with a meaning of their own: a local variable of that name is something else.
GLOBALS = frozenset({
    "Array", "ArrayBuffer", "Buffer", "Date", "Error", "JSON", "Map", "Math", "Number", "Object", "Promise", "Proxy",
    "Reflect", "RegExp", "Set", "String", "Symbol", "Uint8Array", "WeakMap", "WeakSet", "clearImmediate",
    "clearInterval", "clearTimeout", "eval", "fetch", "parseFloat", "parseInt", "process", "queueMicrotask", "require",
    "setImmediate", "setInterval", "setTimeout", "arguments", "AbortController",
})  # fmt: skip
# Atomic and possessive: what was passed over as a comment is not tried again as something else.
_STRICT_FILE = regex(
    rb"(?:\xef\xbb\xbf)?(?:#![^\n]*\n)?(?:\s|//[^\n]*\n|(?>/\*.*?\*/))*+['\"]use strict['\"]", re.DOTALL
)
_MODULE = (regex(rb"\nimport\b"), regex(rb"\nexport\b"))
_FIRST_OF_MODULE = regex(rb"(?:import|export)\b")
# In a file with longer lines than people write, names are no hint and nobody would read the finding.
_LONGEST_LINE = 300  # bytes, on average
# Whatever a file holds, these take time in proportion to its length: no blank or letter is gone over again and again.
# Each begins with a letter of its own, which is found many times faster than one of several.
_STORED = rb"([a-z_$][\w$]*+)\s*+=(?![=>])"
_FIRST_WRITTEN = regex(rb"[ \t]*+" + _STORED)
_WRITTEN = (
    regex(rb"\n[ \t]*+" + _STORED),
    *(regex(re.escape(before) + rb"\s*+" + _STORED) for before in (b";", b"{", b"}", b"(", b",")),
)
# Enough to tell nearly all files without such a name, before they are parsed: what is told most cheaply comes first.
_KEYWORDS = (b"var", b"let", b"const")
_BEFORE_NAME = (*((word, rb"\s++") for word in (*_KEYWORDS, b"class", b"import")), (b"function", rb"\*?\s++"))
_NAMED = tuple(regex(word + rb"(?<!\w" + word + rb")" + after + rb"([\w$]++)") for word, after in _BEFORE_NAME)
_LISTED = tuple(regex(word + rb"(?<!\w" + word + rb")\b([^;]*)") for word in _KEYWORDS)
_IN_LIST = regex(rb"(?:^|,)\s*+([\w$]++)\s*+(?:=|(?=,)|$)")
_TAKEN = (
    regex(rb"function(?<!\wfunction)\b\s*+[\w$]*+\s*+\(([^)]{0,9999}+)\)"),
    regex(rb"catch(?<!\wcatch)\s*+\(([^)]{0,9999}+)\)"),
    *(regex(word + rb"(?<!\w" + word + rb")\s*+[{\[]([^}\]]{0,9999}+)") for word in _KEYWORDS),
)
_ARROW = regex(rb"=>")
_NEAR, _FAR = 256, 9999  # how far before an arrow its parameter, or the bracket of its list, is looked for
_NAME, _LAST_NAME = regex(rb"[\w$]+"), regex(rb"(?<![\w$])[\w$]++\Z")
# Globals that hosts and module systems have, and which are set on purpose.
_KNOWN = frozenset(name.encode() for name in GLOBALS | {
    "module", "exports", "define", "global", "globalThis", "window", "self", "document", "location", "navigator",
    "onmessage", "onerror", "onload", "onunload", "name", "status", "event", "console", "root", "opener", "parent",
    "top", "undefined", "describe", "it", "before", "after", "test", "expect", "require", "postMessage", "history",
})  # fmt: skip


def is_sloppy(data: bytes) -> bool:
    """Whether such a file can have functions that are not strict, and was written by hand."""
    if len(data) > _LONGEST_LINE * (data.count(b"\n") + 1) or b"eval(" in data or _STRICT_FILE.match(data):
        return False
    return not (_FIRST_OF_MODULE.match(data) or any(pattern.search(data) for pattern in _MODULE))


def undeclared(data: bytes) -> frozenset[str]:
    """The names that are written somewhere, and for all that a search of the bytes tells declared nowhere."""
    first = _FIRST_WRITTEN.match(data)
    left = {first[1]} if first else set()
    left.update(*(pattern.findall(data) for pattern in _WRITTEN))
    left -= _KNOWN
    for declared in _declared(data):
        left.difference_update(declared)
        if not left:
            break
    return frozenset(name.decode("utf8", "replace") for name in left)


def _declared(data: bytes) -> Iterator[Iterable[bytes]]:
    """Names that are declared, what is cheap to find first."""
    for pattern in _NAMED:
        yield pattern.findall(data)
    for pattern in _LISTED:
        for listed in pattern.finditer(data):
            yield _IN_LIST.findall(listed[1])
    for pattern in _TAKEN:
        for taken in pattern.finditer(data):
            yield _NAME.findall(taken[1])
    for arrow in _ARROW.finditer(data):
        yield _before_arrow(data, arrow.start())


def _before_arrow(data: bytes, end: int) -> Iterable[bytes]:
    """The parameters of the arrow function whose arrow is there, and what else is named in their list."""
    before = data[max(0, end - _NEAR) : end].rstrip()
    if not before.endswith(b")"):
        return _LAST_NAME.findall(before)
    close = data.rindex(b")", 0, end)
    start = data.rfind(b"(", max(0, close - _FAR), close)
    return _NAME.findall(data, start + 1, close) if start > data.rfind(b")", max(0, close - _FAR), close) else ()


def may_leak(data: bytes) -> bool:
    """Whether a search of the bytes leaves any such name in code that is not strict."""
    return is_sloppy(data) and bool(undeclared(data))
