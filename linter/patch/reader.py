"""Reading a patch file: what it says, or why it must not be trusted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from unidiff.errors import UnidiffParseError
from unidiff.patch import Hunk as ParsedHunk
from unidiff.patch import PatchSet

from ..errors import PatchError
from ..regexes import regex
from .header import headers, shown
from .hunk import MARKER, FilePatch, Hunk
from .lines import split

_RANGES = regex(rb"@@ -\d{1,9}(,\d{1,9})? \+\d{1,9}(,\d{1,9})? @@")


def read(data: bytes) -> tuple[FilePatch, ...]:
    """What a patch file says, in its order; a file can come twice.

    Any text may stand before the first file, comments also between files. PatchError, with the number of the hunk in
    its file, for what is no patch, for wrong counts, hunks without context (diff -U0), out of order or overlapping,
    for names that lead out of the folder, and for renames, links, mode changes and binary patches.
    """
    lines = split(data.removeprefix(b"\xef\xbb\xbf"))
    if lines and not lines[-1].endswith(b"\n"):
        lines[-1] += b"\n"
    first = _first(lines)
    parsed = _parsed(lines, first)
    inside = {line.diff_line_no for file in parsed for hunk in file for line in hunk if line.diff_line_no}
    found = list(headers(lines, first, inside))
    if len(found) != len(parsed):
        raise PatchError("not a patch: its file headers make no sense")
    patches = []
    for header, file in zip(found, parsed, strict=True):
        hunks = tuple(_hunk(hunk, header.name, number) for number, hunk in enumerate(file, 1))
        patches.append(FilePatch(header.name, hunks, header.kind, header.mode))
        _check(patches[-1])
    return tuple(patches)


def _first(lines: Sequence[bytes]) -> int:
    """The index of the line where the first file begins; what is before it is prose."""
    for at, line in enumerate(lines):
        below = lines[at + 1] if at + 1 < len(lines) else b""
        if line.startswith(b"diff --git ") or (line.startswith(b"--- ") and below.startswith(b"+++ ")):
            return at
        if _RANGES.match(line):
            raise PatchError(f"line {at + 1} of the patch: a hunk before any file header")
    raise PatchError("not a patch: no file header in it", hint="a unified diff has lines that begin with --- and +++")


def _parsed(lines: Sequence[bytes], first: int) -> PatchSet:
    """unidiff's answer. It counts; headers other than ---, +++ and @@ are hidden from it, for it guesses at them."""
    seen: list[bytes] = []
    try:
        return PatchSet(_fed(lines, first, seen))
    except UnidiffParseError as error:
        what = str(error).partition(":")[0].lower()
        hint = "the counts in the hunk header are wrong, or the patch was cut" if what.startswith("hunk") else ""
        raise PatchError(f"line {len(seen)} of the patch: {what}", hunk=_number(seen), hint=hint) from None


def _fed(lines: Sequence[bytes], first: int, seen: list[bytes]) -> Iterator[str]:
    """The lines that unidiff is to see; each is also put into `seen` when it is asked for."""
    for at, line in enumerate(lines):
        seen.append(line)
        if at < first or line[:1] not in (b" ", b"+", b"-", b"\\", b"@", b"\n", b"\r"):
            yield "#\n"
        elif line.startswith(b"@") and not _RANGES.match(line):
            raise PatchError(f"line {at + 1} of the patch: malformed hunk header", hunk=_number(seen))
        else:
            yield line.decode("utf8", "surrogateescape")


def _number(seen: Sequence[bytes]) -> int:
    """The number, in its file, of the last hunk that begins in these lines."""
    number = 0
    for above, line in zip([b"", *seen], seen, strict=False):
        if above.startswith(b"--- ") and line.startswith(b"+++ "):
            number = 0
        number += line.startswith(b"@@")
    return number


def _hunk(parsed: ParsedHunk, name: str, number: int) -> Hunk:
    body: list[bytes] = []
    for line in parsed:
        text = (line.line_type + line.value).encode("utf8", "surrogateescape")
        if line.line_type == "\\":
            # The marker takes the line feed off the line above it, once, and is English: elsewhere it is refused.
            if text != MARKER or not body or not body[-1].endswith(b"\n"):
                raise PatchError(f"{shown(name)}: hunk {number} has a malformed end-of-file marker", hunk=number)
            body[-1] = body[-1][:-1]
        elif line.line_type:  # without a type: an empty line after the hunk
            body.append(text)
    section = parsed.section_header.encode("utf8", "surrogateescape")
    return Hunk(parsed.source_start, parsed.target_start, tuple(body), section)


def _check(patch: FilePatch) -> None:
    """Raise PatchError for hunks that could be applied wrongly."""
    at = 1
    for number, hunk in enumerate(patch.hunks, 1):
        problem = _problem(hunk, at, last=number == len(patch.hunks))
        if problem:
            raise PatchError(f"{shown(patch.name)}: hunk {number} {problem}", hunk=number)
        at = hunk.start + len(hunk.old)
    only = patch.hunks[0]
    if patch.kind != "change" and (len(patch.hunks) > 1 or (only.old if patch.kind == "create" else only.new)):
        raise PatchError(f"{shown(patch.name)}: a file to {patch.kind} must be one hunk of one side", hunk=1)


def _problem(hunk: Hunk, at: int, *, last: bool) -> str:
    """Why a hunk is refused; "" when it is not. `at` is the line after the hunk before it."""
    if not hunk.has_change:
        return "changes nothing"
    # At line 1 it may be a whole file, which has no context; whether it is shows when it is applied.
    if not hunk.has_context and (hunk.start > 1 or at > 1):
        return "has no context (made by diff -U0?)"
    if (hunk.start < at and hunk.old) or (hunk.start and not hunk.old):
        return "is out of order or overlaps the one before it"
    for side in (hunk.old, hunk.new):
        unended = [number for number, line in enumerate(side, 1) if not line.endswith(b"\n")]
        if unended and not (last and unended == [len(side)]):
            return "has an end-of-file marker before the end"
    return ""
