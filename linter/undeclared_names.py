"""Names that a file's bytes show to be written and nowhere declared: told before there is a tree."""

from __future__ import annotations

import re

# Names with a meaning of their own: a local variable of that name is something else.
GLOBALS = frozenset({
    "Array", "ArrayBuffer", "Buffer", "Date", "Error", "JSON", "Map", "Math", "Number", "Object", "Promise", "Proxy",
    "Reflect", "RegExp", "Set", "String", "Symbol", "Uint8Array", "WeakMap", "WeakSet", "clearImmediate",
    "clearInterval", "clearTimeout", "eval", "fetch", "parseFloat", "parseInt", "process", "queueMicrotask", "require",
    "setImmediate", "setInterval", "setTimeout", "arguments", "AbortController",
})  # fmt: skip
# Atomic and possessive: what was passed over as a comment is not tried again as something else.
_STRICT_FILE = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:#![^\n]*\n)?(?:\s|//[^\n]*\n|(?>/\*.*?\*/))*+['\"]use strict['\"]", re.DOTALL
)
_MODULE = re.compile(rb"^(?:import|export)\b", re.MULTILINE)
# In a file with longer lines than people write, names are no hint and nobody would read the finding.
_LONGEST_LINE = 300  # bytes, on average
# Whatever a file holds, these take time in proportion to its length: no blank or letter is gone over again and again.
_WRITTEN = re.compile(rb"(?:^[ \t]*+|[;{}(,]\s*+)([a-z_$][\w$]*+)\s*+=(?![=>])", re.MULTILINE)
# Enough to tell nearly all files without such a name, before they are parsed.
_DECLARED = (
    re.compile(rb"\b(?:function\*?|class|import)\s++([\w$]++)|(?<![\w$])([\w$]++)\s*+=>"),
    re.compile(
        rb"(?:\bfunction\b\s*+[\w$]*+|\bcatch)\s*+\(([^)]{0,9999}+)\)|\(([^()]{0,9999}+)\)\s*+=>"
        rb"|\b(?:var|let|const)\s*+[{\[]([^}\]]{0,9999}+)"
    ),
)
_LISTED, _IN_LIST = re.compile(rb"\b(?:var|let|const)\b([^;]*)"), re.compile(rb"(?:^|,)\s*+([\w$]++)\s*+(?:=|(?=,)|$)")
# Globals that hosts and module systems have, and which are set on purpose.
_KNOWN = GLOBALS | frozenset({
    "module", "exports", "define", "global", "globalThis", "window", "self", "document", "location", "navigator",
    "onmessage", "onerror", "onload", "onunload", "name", "status", "event", "console", "root", "opener", "parent",
    "top", "undefined", "describe", "it", "before", "after", "test", "expect", "require", "postMessage", "history",
})  # fmt: skip


def is_sloppy(data: bytes) -> bool:
    """Whether such a file can have functions that are not strict, and was written by hand."""
    if _STRICT_FILE.match(data) or _MODULE.search(data) or b"eval(" in data:
        return False
    return len(data) <= _LONGEST_LINE * (data.count(b"\n") + 1)


def undeclared(data: bytes) -> frozenset[str]:
    """The names that are written somewhere, and for all that a search of the bytes tells declared nowhere."""
    written = {found[1] for found in _WRITTEN.finditer(data)}
    declared: set[bytes] = set()
    for pattern in _DECLARED if written else ():
        for found in pattern.finditer(data):
            declared.update(word for part in found.groups() if part for word in re.findall(rb"[\w$]+", part))
    for listed in _LISTED.finditer(data) if written else ():
        declared.update(_IN_LIST.findall(listed[1]))
        declared.update(re.findall(rb"\b(?:var|let|const)\s+([\w$]+)", listed[0]))
    return frozenset(name.decode("utf8", "replace") for name in written - declared) - _KNOWN


def may_leak(data: bytes) -> bool:
    """Whether a search of the bytes leaves any such name in code that is not strict."""
    return is_sloppy(data) and bool(undeclared(data))
