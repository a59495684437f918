"""By what a file or folder is known to be unchanged, without looking into it."""

from __future__ import annotations

import errno
import os
import sys
from array import array
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

# Mode (with the kind of file), bytes, modified and changed in nanoseconds, inode.
Signature = tuple[int, int, int, int, int]
ABSENT: Signature = (0, 0, 0, 0, 0)
NEVER: Signature = (-1, -1, -1, -1, -1)  # that of nothing, so that it is looked at the next time
WIDTH = len(ABSENT)

# What changed so shortly before a scan may change again during it and look as if it had not: the clocks of file systems
# have steps of up to 2 s (FAT), and git leaves the same room to what it calls racy entries.
RECENT = 2_000_000_000  # nanoseconds

_MISSING = (errno.ENOENT, errno.ENOTDIR)
# Windows does not tell when a file was changed, only when its maker says that it was modified.
USABLE = sys.platform != "win32"


@contextmanager
def _at(base: str) -> Iterator[int | None]:
    """The folder that relative names begin in."""
    if os.stat not in os.supports_dir_fd:
        yield None
        return
    handle = os.open(base, os.O_RDONLY | os.O_CLOEXEC)
    try:
        yield handle
    finally:
        os.close(handle)


def name(path: str, base: str) -> bytes:
    """The path as it is kept: below `base` from there on, else absolute."""
    if path == base:
        return b"."
    start = base.rstrip(os.sep) + os.sep
    # Relative names are shorter to keep, and quicker to follow.
    inside = path[len(start) :] if path.startswith(start) and os.stat in os.supports_dir_fd else path
    return os.fsencode(inside)


def signatures(
    names: Sequence[bytes], base: str, known: Mapping[bytes, Signature], begun: int
) -> tuple[array[int], ...]:
    """The signatures of names, in WIDTH columns, after a scan that began then (in ns since the epoch).

    It is the scan's contents that they stand for: what may have changed meanwhile has none that matches. `known` are
    those found to hold in this scan.
    """
    columns = tuple(array("q") for _ in range(WIDTH))
    with _at(base) as at:
        for each in names:
            signature = known.get(each) or _signature(each, at, begun - RECENT)
            for column, value in zip(columns, signature, strict=True):
                column.append(value)
    return columns


def _signature(path: bytes, at: int | None, before: int) -> Signature:
    try:
        about = os.stat(path, dir_fd=at)
    except OSError as error:
        return ABSENT if error.errno in _MISSING else NEVER
    if max(about.st_mtime_ns, about.st_ctime_ns) >= before or not USABLE:
        return NEVER
    return about.st_mode, about.st_size, about.st_mtime_ns, about.st_ctime_ns, about.st_ino


def changed(names: Sequence[bytes], base: str, columns: Sequence[array[int]]) -> list[int]:
    """The places of the names whose signature is not what it was, in order."""
    found: list[int] = []
    stat = os.stat
    with _at(base) as at:
        for number, (each, mode, size, modified, changed, inode) in enumerate(zip(names, *columns, strict=True)):
            try:
                about = stat(each, dir_fd=at)
            except OSError as error:
                if mode or error.errno not in _MISSING:
                    found.append(number)
                continue
            if (
                about.st_mtime_ns != modified
                or about.st_ctime_ns != changed
                or about.st_size != size
                or about.st_ino != inode
                or about.st_mode != mode
            ):
                found.append(number)
    return found
