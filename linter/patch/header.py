"""The lines of a patch that are in no hunk: which file is meant, and what of it is refused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet

from ..datatype import dataclass
from ..errors import PatchError
from ..regexes import regex
from .hunk import ESCAPES, MARKER, NOWHERE, Kind, git_line

_MODE = regex(rb"(new|deleted) file mode (100644|100755)\r?\n")
_ALLOWED = regex(rb"#|diff |index [0-9a-f]+\.\.[0-9a-f]+|Index: |=+\r?\n|@@ |\r?\n")
# Anything that is neither allowed nor known is refused too: to drop it in silence could be to lose lines.
_REFUSED = (
    (regex(rb"(rename|copy) (from|to) |(dis)?similarity index "), "it renames or copies a file"),
    (regex(rb"GIT binary patch|Binary files? "), "it changes a binary file"),
    (regex(rb"(old|new|deleted)( file)? mode "), "it changes a file's mode, or makes a link"),
    (regex(rb"[ +-]"), "the hunk before it has more lines than its header counts"),
    (regex(rb"\\"), "a malformed end-of-file marker"),
)
_QUOTED = regex(rb'"(?:[^"\\\n]|\\.)*"')
_ESCAPE = regex(rb'\\(?:([0-3][0-7]{2})|[abtnvfr"\\])')
_MEANT = {written: meant for meant, written in ESCAPES.items()}


@dataclass(frozen=True, slots=True)
class Header:
    name: str  # as FilePatch.name
    kind: Kind
    mode: str


def headers(lines: Sequence[bytes], first: int, inside: AbstractSet[int]) -> Iterator[Header]:
    """The header of each file, in order.

    `first` is the index of the line where the headers begin, `inside` the 1-based numbers of the lines of hunks.
    PatchError at the first line that is neither a header nor in a hunk, and for names that must not be followed.
    """
    git, mode = b"", b""
    padded = [*lines, b"", b""]
    hunk = 0
    for number, line in enumerate(lines[first:], first + 1):
        if number in inside:
            continue
        above, below = padded[number - 2], padded[number]
        hunk += line.startswith(b"@@")
        if line.startswith(b"diff --git "):
            _demand(not git, number, "a file without hunks", 0)
            git = line
        elif line.startswith(b"+++ ") and above.startswith(b"--- ") and number - 1 not in inside:
            _demand(below.startswith(b"@@"), number, "a file without hunks", 0)
            yield _header(above[4:-1], line[4:-1], git, mode, number)
            git, mode, hunk = b"", b"", 0
        elif _MODE.match(line):
            mode = line
        elif not (line.startswith(b"--- ") and below.startswith(b"+++ ")):
            _demand(line != MARKER or number - 1 in inside, number, "a malformed end-of-file marker", hunk)
            _refuse(line, number, hunk)
    _demand(not git, len(lines), "a file without hunks", 0)


def shown(name: str) -> str:
    """A name as a message shows it, on one line."""
    return name if name.isprintable() else ascii(name)


def _demand(fine: bool, number: int, problem: str, hunk: int) -> None:
    if not fine:
        raise PatchError(f"line {number} of the patch: {problem}", hunk=hunk)


def _refuse(line: bytes, number: int, hunk: int) -> None:
    if line != MARKER and not _ALLOWED.match(line):
        why = next((why for pattern, why in _REFUSED if pattern.match(line)), "text that belongs to no hunk")
        raise PatchError(f"line {number} of the patch: {why}", hunk=hunk)


def _header(old: bytes, new: bytes, git: bytes, mode: bytes, number: int) -> Header:
    if b"\r" in old + new:
        hint = "say `*.patch -text` in .gitattributes and check it out again"
        raise PatchError(f"line {number} of the patch: its headers end in CRLF", hint=hint)
    old, new = _unquoted(old), _unquoted(new)
    kind: Kind = "create" if old == NOWHERE else "delete" if new == NOWHERE else "change"
    raw = (new if kind == "create" else old)[2:]
    sides = (NOWHERE if kind == "create" else b"a/" + raw, NOWHERE if kind == "delete" else b"b/" + raw)
    _demand((old, new) == sides, number, "its names must be one name after a/ and b/ (renames are refused)", 0)
    _demand(not _unsafe(raw), number, "a name that is absolute, has a drive or a backslash, or leads out", 0)
    name = raw.decode("utf8", "surrogateescape")
    _demand(not git or _names(git, name), number, "diff --git names another file than --- and +++", 0)
    found = _MODE.match(mode)
    word = {"create": b"new", "delete": b"deleted"}.get(kind)
    _demand(found is None or found[1] == word, number, "a file mode that does not go with the names", 0)
    return Header(name, kind, found[2].decode() if found else "")


def _unquoted(label: bytes) -> bytes:
    """The name in what follows `--- `: git's escapes undone, or all up to a tab (a timestamp may follow)."""
    found = _QUOTED.match(label)
    if not found:
        return label.split(b"\t")[0]
    return _ESCAPE.sub(lambda e: bytes([int(e[1], 8)]) if e[1] else _MEANT[e[0]], found[0][1:-1])


def _unsafe(name: bytes) -> bool:
    parts = name.split(b"/")
    return b"\\" in name or b"\0" in name or name[1:2] == b":" or any(part in (b"", b".", b"..") for part in parts)


def _names(git: bytes, name: str) -> bool:
    """Whether a `diff --git` line is about this name; with core.quotepath on, git escapes what is not ASCII too."""
    halves = [_unquoted(half) for half in _QUOTED.findall(git)]
    return git == git_line(name) or halves == [f"{side}/{name}".encode("utf8", "surrogateescape") for side in "ab"]
