"""Unified diffs: made from the bytes before and after, and applied to bytes, exactly or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ..datatype import replace
from ..errors import PatchError
from ..regexes import regex
from .application import applied, result, standing
from .header import shown
from .hunk import FilePatch, Hunk, git_line, printed, reverse
from .lines import Difference, differences, run, split

__all__ = [
    "FilePatch", "Hunk", "applied", "diff", "printed", "read", "result", "reverse", "standing", "stripped", "unified",
]  # fmt: skip

CONTEXT = 3
# git's own idea of a function start.
_STARTS = frozenset(bytes([byte]) for byte in b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_$")
# ASCII only, because readers written in JavaScript end a line at U+2028.
_HEADING = regex(rb"[\x20-\x7e]{1,80}")


def read(data: bytes) -> tuple[FilePatch, ...]:
    """What a patch file says, as linter/patch/reader.py has it. Raises PatchError."""
    from . import reader  # brings a parser of diffs, which nobody needs to make one

    return reader.read(data)


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
    start, rest = _around(before, after)
    above = before.count(b"\n", 0, start)
    old, new = split(before[start : len(before) - rest]), split(after[start : len(after) - rest])
    hunks: list[Hunk] = []
    end = 0
    for group in _groups(differences(old, new)):
        hunk = _hunk(group, old, new, above)
        # Like git, look no further up than the last hunk, and then say again what it said.
        top = max(group[0].start - CONTEXT, 0)
        heading = _heading(reversed(old[end:top]))
        if not heading:
            heading = hunks[-1].section if hunks else _heading(_upwards(before, start))
        end = top
        hunks.append(replace(hunk, section=heading))
    return FilePatch(name, tuple(hunks))


def _around(before: bytes, after: bytes) -> tuple[int, int]:
    """How many bytes at the beginning and at the end are whole lines that are equal, but for the lines of context."""
    start = before.rfind(b"\n", 0, run(before, 0, after, 0)) + 1
    same = run(before[start:][::-1], 0, after[start:][::-1], 0)
    end = len(before) - same
    for _ in range(CONTEXT + 1):  # the first line of what is equal may not be so as a whole
        start = before.rfind(b"\n", 0, max(start - 1, 0)) + 1
        end = before.find(b"\n", end) + 1 or len(before)
    return start, len(before) - end


def _upwards(data: bytes, end: int) -> Iterator[bytes]:
    """The whole lines before an offset at which one begins, the last first."""
    while end:
        start = data.rfind(b"\n", 0, end - 1) + 1
        yield data[start:end]
        end = start


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


def _hunk(group: Sequence[Difference], old: Sequence[bytes], new: Sequence[bytes], skipped: int) -> Hunk:
    """Of files without the first `skipped` lines, which are the same in both."""
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
    return Hunk(skipped + start + bool(old), skipped + new_start + bool(new), tuple(body))


def _heading(lines: Iterable[bytes]) -> bytes:
    """That of the first line that may have one."""
    found = _HEADING.match(next((line for line in lines if line[:1] in _STARTS), b""))
    return found[0].rstrip() if found else b""
