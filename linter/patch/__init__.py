"""Unified diffs: made from the bytes before and after, and applied to bytes, exactly or not at all."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ..errors import PatchError
from .header import shown
from .hunk import FilePatch, Hunk, git_line, printed
from .lines import Difference, differences, run, split
from .reader import read

__all__ = ["FilePatch", "Hunk", "applied", "diff", "printed", "read", "stripped", "unified"]

CONTEXT = 3
_SHOWN = 60
# git's own idea of a function start.
_STARTS = frozenset(bytes([byte]) for byte in (string.ascii_letters + "_$").encode())
# ASCII only, because readers written in JavaScript end a line at U+2028.
_HEADING = re.compile(rb"[\x20-\x7e]{1,80}")


def unified(name: str, before: bytes, after: bytes, *, header: Sequence[str] = (), git: bool = True) -> bytes:
    """The diff of one file in the form that git, GNU patch and the six patch tools of the npm world take.

    Each line of `header` comes first as a comment. b"" when nothing changed. `name` is relative, with `/` between;
    PatchError when it has no UTF-8 form. git=False leaves out the `diff --git` line: with it, `git apply` counts names
    from the top of the work tree, without it from the current folder.
    """
    if before == after:
        return b""
    text = printed(diff(name, before, after))
    return b"".join(_comments(header)) + (text if git else text.removeprefix(git_line(name)))


def diff(name: str, before: bytes, after: bytes) -> FilePatch:
    """What turns before into after: hunks with true line numbers and 3 lines of context."""
    old, new = split(before), split(after)
    hunks: list[Hunk] = []
    end = 0
    for group in _groups(differences(old, new)):
        hunk = _hunk(group, old, new)
        # Like git, look no further up than the last hunk, and then say again what it said.
        heading = _heading(old[end : max(hunk.start - 1, 0)]) or (hunks[-1].section if hunks else b"")
        end = max(hunk.start - 1, 0)
        hunks.append(replace(hunk, section=heading))
    return FilePatch(name, tuple(hunks))


def applied(patch: FilePatch, before: bytes) -> bytes:
    """The file after the patch.

    Old lines must be there to the byte, at the line the hunk states; or anywhere after the hunk before it, if they
    occur exactly once in the file. PatchError names the first hunk that does not fit, with both texts.
    """
    if patch.kind == "create" and before:
        raise PatchError(f"{shown(patch.name)}: the patch creates this file, but it exists and is not empty", hunk=1)
    lines = split(before)
    out: list[bytes] = []
    at = 0
    for number, hunk in enumerate(patch.hunks, 1):
        place = _place(hunk, lines, at)
        if place is None:
            raise _misfit(patch, number, lines)
        out += lines[at:place] + hunk.new
        at = place + len(hunk.old)
    out += lines[at:]
    if not all(line.endswith(b"\n") for line in out[:-1]):
        raise PatchError(f"{shown(patch.name)}: the file goes on where the patch ends it", hunk=len(patch.hunks))
    return b"".join(out)


def stripped(patch: FilePatch, folder: str) -> FilePatch:
    """The same patch seen from a folder, such as `node_modules/NAME` that patch-package writes in front of names.

    PatchError when the file is not in that folder.
    """
    inside = folder.rstrip("/") + "/"
    if not patch.name.startswith(inside):
        raise PatchError(f"{shown(patch.name)}: the patch is for a file outside of {folder}")
    return replace(patch, name=patch.name.removeprefix(inside))


def _comments(header: Sequence[str]) -> Iterator[bytes]:
    """Comment lines: a line feed in the text starts another one, so nothing in it can be taken for a patch."""
    for line in "\n".join(header).split("\n") if header else ():
        clean = line.replace("\r", " ").encode("utf8", "replace")
        yield (clean if clean.startswith(b"#") else b"# " + clean).rstrip() + b"\n"


def _groups(found: Sequence[Difference]) -> Iterator[list[Difference]]:
    """Differences so near to each other that their contexts meet."""
    group: list[Difference] = []
    for part in found:
        if group and part.start - group[-1].end > 2 * CONTEXT:
            yield group
            group = []
        group.append(part)
    if group:
        yield group


def _hunk(group: Sequence[Difference], old: Sequence[bytes], new: Sequence[bytes]) -> Hunk:
    above = min(CONTEXT, group[0].start)
    start, new_start = group[0].start - above, group[0].new_start - above
    body: list[bytes] = []
    at = start
    for part in group:
        body += [b" " + line for line in old[at : part.start]]
        body += [b"-" + line for line in old[part.start : part.end]]
        body += [b"+" + line for line in new[part.new_start : part.new_end]]
        at = part.end
    body += [b" " + line for line in old[at : at + CONTEXT]]
    # Without context the hunk is the whole file: a side without lines then is an empty file, numbered 0.
    return Hunk(start + bool(old), new_start + bool(new), tuple(body))


def _heading(lines: Sequence[bytes]) -> bytes:
    found = _HEADING.match(next((line for line in reversed(lines) if line[:1] in _STARTS), b""))
    return found[0].rstrip() if found else b""


def _place(hunk: Hunk, lines: Sequence[bytes], at: int) -> int | None:
    """The 0-based line where a hunk goes, not before `at`; None when there is none, or more than one to choose from."""
    old = hunk.old
    if not hunk.has_context:
        # Nothing would show that a hunk without context is at the right place, unless it is the whole file.
        return 0 if at == 0 and old == lines else None
    stated = hunk.start - 1
    if stated >= at and lines[stated : stated + len(old)] == old:
        return stated
    places = _occurrences(old, lines)
    first = next(places, None)
    return first if first is not None and first >= at and next(places, None) is None else None


def _occurrences(old: Sequence[bytes], lines: Sequence[bytes]) -> Iterator[int]:
    return (i for i, line in enumerate(lines) if line == old[0] and lines[i : i + len(old)] == old)


def _misfit(patch: FilePatch, number: int, lines: Sequence[bytes]) -> PatchError:
    hunk = patch.hunks[number - 1]
    old, stated = hunk.old, max(hunk.start - 1, 0)
    there = lines[stated : stated + len(old)]
    off = next((i for i, pair in enumerate(zip(old, there, strict=False)) if pair[0] != pair[1]), len(there))
    where = f"{shown(patch.name)}: hunk {number} does not apply"
    if off >= len(old):
        return PatchError(f"{where} at line {hunk.start}: it has no context, or overlaps the hunk before", hunk=number)
    expected, found = old[off], there[off] if off < len(there) else None
    texts = f"expected {_excerpt(expected, found or b'')}, found {_excerpt(found, expected)}"
    many = hunk.has_context and len([i for i, _ in zip(_occurrences(old, lines), range(2), strict=False)]) > 1
    hint = "its lines occur more than once elsewhere" if many else "its lines are nowhere else in the file either"
    return PatchError(f"{where} at line {stated + off + 1}: {texts}", hunk=number, hint=hint)


def _excerpt(line: bytes | None, other: bytes) -> str:
    """A line as a message shows it: escaped, and of a long one the part where it begins to differ from the other."""
    if line is None:
        return "the end of the file"
    start = max(0, run(line, 0, other, 0) - _SHOWN // 2) if len(line) > _SHOWN else 0
    piece = line[start : start + _SHOWN]
    more = "…" if start else "", "…" if start + _SHOWN < len(line) else ""
    return more[0] + repr(piece.decode("utf8", "backslashreplace")) + more[1]
