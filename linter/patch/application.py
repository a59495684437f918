"""Applying a patch to bytes: exactly or not at all, forwards or backwards, and saying what is applied already."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..errors import PatchError
from .header import shown
from .hunk import FilePatch, Hunk, reverse
from .lines import run, split

_SHOWN = 60


def applied(patch: FilePatch, before: bytes, *, drift: bool = True) -> bytes:
    """The file after the patch.

    Old lines must be there to the byte, at the line the hunk states; or anywhere after the hunk before it, if they
    occur exactly once in the file and `drift` allows it. PatchError names the first hunk that does not fit, with both
    texts.
    """
    if patch.kind == "create" and before:
        raise PatchError(f"{shown(patch.name)}: the patch creates this file, but it exists and is not empty", hunk=1)
    lines = split(before)
    out: list[bytes] = []
    at = 0
    for number, hunk in enumerate(patch.hunks, 1):
        place = _place(hunk, lines, at, drift=drift)
        if place is None:
            raise _misfit(patch, number, lines)
        out += lines[at:place] + hunk.new
        at = place + len(hunk.old)
    out += lines[at:]
    if not all(line.endswith(b"\n") for line in out[:-1]):
        raise PatchError(f"{shown(patch.name)}: the file goes on where the patch ends it", hunk=len(patch.hunks))
    return b"".join(out)


def result(patch: FilePatch, content: bytes | None, *, drift: bool = True) -> bytes | None:
    """As `applied`, of a file that may come or go: None where there is none."""
    if content is None and patch.kind != "create":
        raise PatchError(f"{shown(patch.name)}: there is no such file", hunk=1)
    after = applied(patch, content or b"", drift=drift)
    return None if patch.kind == "delete" else after


def standing(patches: Sequence[FilePatch], content: bytes | None) -> int:
    """How many of the patches of one file, which belong one upon the other, it has already: the first so many.

    That is how many can be taken off again, exactly, such that the rest can be applied. Lines at the places the hunks
    state count before lines elsewhere. PatchError when no number will do, with the reason why the first does not
    apply, and when more than one will.
    """
    for drift in (False, True):
        found = [n for n in range(len(patches) + 1) if _stands(patches, n, content, drift=drift)]
        if len(found) == 1:
            return found[0]
        if found:
            name = shown(patches[0].name)
            raise PatchError(f"{name}: it cannot be told whether the file has the patch already: it fits both ways")
    for patch in patches:
        content = result(patch, content)
    raise AssertionError  # or else all could have been applied


def _stands(patches: Sequence[FilePatch], count: int, content: bytes | None, *, drift: bool) -> bool:
    back = [reverse(patch) for patch in reversed(patches[:count])]
    try:
        for some in (back, patches[count:]):
            now = content
            for patch in some:
                now = result(patch, now, drift=drift)
    except PatchError:
        return False
    return True


def _place(hunk: Hunk, lines: Sequence[bytes], at: int, *, drift: bool) -> int | None:
    """The 0-based line where a hunk goes, not before `at`; None when there is none, or more than one to choose from."""
    old = hunk.old
    if not hunk.has_context:
        # Nothing would show that a hunk without context is at the right place, unless it is the whole file.
        return 0 if at == 0 and old == lines else None
    stated = hunk.start - 1
    if stated >= at and lines[stated : stated + len(old)] == old and _is_at_edge(hunk, stated, lines):
        return stated
    places = (place for place in _occurrences(old, lines) if _is_at_edge(hunk, place, lines)) if drift else iter(())
    first = next(places, None)
    return first if first is not None and first >= at and next(places, None) is None else None


def _is_at_edge(hunk: Hunk, place: int, lines: Sequence[bytes]) -> bool:
    """Whether a hunk without context above is at the beginning, and one without context below at the end, as in git.

    Or else lines that were put at the end of a file could be put there again and again.
    """
    above, below = (line[:1] == b" " for line in (hunk.body[0], hunk.body[-1]))
    return (above or place == 0) and (below or place + len(hunk.old) == len(lines))


def _occurrences(old: Sequence[bytes], lines: Sequence[bytes]) -> Iterator[int]:
    return (i for i, line in enumerate(lines) if line == old[0] and lines[i : i + len(old)] == old)


def _misfit(patch: FilePatch, number: int, lines: Sequence[bytes]) -> PatchError:
    hunk = patch.hunks[number - 1]
    old, stated = hunk.old, max(hunk.start - 1, 0)
    there = lines[stated : stated + len(old)]
    off = next((i for i, pair in enumerate(zip(old, there, strict=False)) if pair[0] != pair[1]), len(there))
    where = f"{shown(patch.name)}: hunk {number} does not apply"
    if off >= len(old) and hunk.has_context and not _is_at_edge(hunk, stated, lines):
        why = "no context above or below puts it at an end of the file, but the file goes on there"
        return PatchError(f"{where} at line {hunk.start}: {why}", hunk=number)
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
