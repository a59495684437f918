"""What a patch says about one file: hunks as data, and their text in the one form that every patch tool takes."""

from __future__ import annotations

from itertools import groupby
from typing import Literal

from ..datatype import dataclass, replace
from ..errors import PatchError
from ..regexes import regex

Kind = Literal["change", "create", "delete"]
NOWHERE = b"/dev/null"
# In English always: a translated one is refused by five of the six patch tools.
MARKER = b"\\ No newline at end of file\n"
# What git writes as an escape in a name, with core.quotepath off; other control bytes become octal.
ESCAPES = {
    b"\a": b"\\a", b"\b": b"\\b", b"\t": b"\\t", b"\n": b"\\n", b"\v": b"\\v", b"\f": b"\\f", b"\r": b"\\r",
    b'"': b'\\"', b"\\": b"\\\\",
}  # fmt: skip
_ODD = regex(rb'[\x00-\x1f\x7f"\\]')


@dataclass(frozen=True, slots=True)
class Hunk:
    """One run of lines that change, with the equal lines around them.

    `start` and `new_start` are the 1-based numbers of the first old and new line; of a side without lines, the
    number of the line before it (0 in an empty file). Each item of `body` is a tag (space, - or +) and a line with its
    line end; only a file's last line may be without one.
    """

    start: int
    new_start: int
    body: tuple[bytes, ...]
    section: bytes = b""  # what stands after the second @@: a heading for the reader

    @property
    def old(self) -> list[bytes]:
        return [line[1:] for line in self.body if line[:1] != b"+"]

    @property
    def new(self) -> list[bytes]:
        return [line[1:] for line in self.body if line[:1] != b"-"]

    @property
    def has_context(self) -> bool:
        return any(line[:1] == b" " for line in self.body)

    @property
    def has_change(self) -> bool:
        return any(line[:1] != b" " for line in self.body)


@dataclass(frozen=True, slots=True)
class FilePatch:
    """All hunks of one file, in order. `name` is without the a/ and b/; bytes that are not UTF-8 are surrogates."""

    name: str
    hunks: tuple[Hunk, ...]
    kind: Kind = "change"
    mode: str = ""  # what a created or deleted file is: 100644, or 100755 for a program


def reverse(patch: FilePatch) -> FilePatch:
    """The patch that takes this one off again."""
    kinds: dict[Kind, Kind] = {"change": "change", "create": "delete", "delete": "create"}
    return replace(patch, hunks=tuple(_reversed(hunk) for hunk in patch.hunks), kind=kinds[patch.kind])


def _reversed(hunk: Hunk) -> Hunk:
    """The hunk with its sides exchanged, in each run of changed lines the old ones first as before."""
    body: list[bytes] = []
    for same, lines in groupby(hunk.body, lambda line: line[:1] == b" "):
        run = list(lines)
        if same:
            body += run
        else:
            body += [b"-" + line[1:] for line in run if line[:1] == b"+"]
            body += [b"+" + line[1:] for line in run if line[:1] == b"-"]
    return replace(hunk, start=hunk.new_start, new_start=hunk.start, body=tuple(body))


def printed(patch: FilePatch) -> bytes:
    """The patch as text: LF in the headers, names as raw UTF-8, no timestamps, one line feed at the end.

    Raises PatchError for a name that has no bytes (half a surrogate pair).
    """
    pieces = [git_line(patch.name)]
    if patch.kind == "create":
        pieces.append(b"new file mode %s\n" % (patch.mode or "100644").encode())
    if patch.kind == "delete" and patch.mode:
        pieces.append(b"deleted file mode %s\n" % patch.mode.encode())
    pieces.append(b"--- " + (NOWHERE if patch.kind == "create" else _labelled(patch.name, "a")) + b"\n")
    pieces.append(b"+++ " + (NOWHERE if patch.kind == "delete" else _labelled(patch.name, "b")) + b"\n")
    for hunk in patch.hunks:
        pieces += _lines(hunk)
    return b"".join(pieces)


def git_line(name: str) -> bytes:
    """The line a file's patch begins with; pnpm 12 takes none without it."""
    return b"diff --git %s %s\n" % (quoted(f"a/{name}"), quoted(f"b/{name}"))


def quoted(name: str) -> bytes:
    """The bytes of a name, in quotes and with escapes where git could not read them back otherwise."""
    try:
        raw = name.encode("utf8", "surrogateescape")
    except UnicodeEncodeError:
        raise PatchError(f"a patch cannot name {name!a}: it has no UTF-8 form") from None
    if not _ODD.search(raw):
        return raw
    return b'"' + _ODD.sub(lambda odd: ESCAPES.get(odd[0]) or b"\\%03o" % odd[0][0], raw) + b'"'


def _labelled(name: str, side: str) -> bytes:
    # The tab is git's: it shows GNU patch where a name with blanks ends.
    return quoted(f"{side}/{name}") + (b"\t" if " " in name else b"")


def _lines(hunk: Hunk) -> list[bytes]:
    ranges = _range(hunk.start, len(hunk.old)), _range(hunk.new_start, len(hunk.new))
    heading = b" " + hunk.section if hunk.section else b""
    body = [line if line.endswith(b"\n") else line + b"\n" + MARKER for line in hunk.body]
    return [b"@@ -%s +%s @@%s\n" % (*ranges, heading), *body]


def _range(start: int, count: int) -> bytes:
    return b"%d" % start if count == 1 else b"%d,%d" % (start, count)
