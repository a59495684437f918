"""The bytes of one file on disk, or why they cannot be had."""

from __future__ import annotations

import errno
import os
import stat

from ..finding import Skipped

_FIRST_LINE = 256
_PIECE = 1 << 16
# ENXIO: a socket, or a device without a driver.
_REASONS = {errno.ENOENT: "vanished", errno.ENOTDIR: "vanished", errno.ELOOP: "loop", errno.ENXIO: "special"}


def read(path: str | os.PathLike[str], shown: str, limit: int) -> bytes | Skipped:
    """The whole file, or what to say of it: vanished, unreadable, special, loop, or over `limit` bytes.

    It never waits: a FIFO or device that took the place of a file is seen before a byte is read.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        return refused(shown, error)
    try:
        about = os.fstat(handle)
        if not stat.S_ISREG(about.st_mode):
            return Skipped(shown, "special", "a folder" if stat.S_ISDIR(about.st_mode) else "")
        data = b"" if about.st_size > limit else _data(handle, about.st_size, limit)
    except OSError as error:
        return refused(shown, error)
    finally:
        os.close(handle)
    size = max(about.st_size, len(data))
    return Skipped(shown, "too-large", over(size, limit)) if size > limit else data


def _data(handle: int, size: int, limit: int) -> bytes:
    """All the bytes of an open file that is said to have so many, or the first `limit` + 1 of them."""
    data = os.read(handle, size + 1)
    if len(data) == size:  # one more was asked for
        return data
    pieces, size = [data], len(data)  # the size lied: a file that grows or shrinks, one in /proc
    while data and size <= limit:
        data = os.read(handle, min(max(size, _PIECE), limit + 1 - size))
        pieces.append(data)
        size += len(data)
    return b"".join(pieces)


def runs_node(path: str) -> bool:
    """Whether the first line of a file calls for node, as that of an executable script does."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return stat.S_ISREG(os.fstat(handle).st_mode) and calls_node(os.read(handle, _FIRST_LINE))
    except OSError:
        return False
    finally:
        os.close(handle)


def calls_node(data: bytes) -> bool:
    """Whether data begins with a `#!` line that names node."""
    return data.startswith(b"#!") and b"node" in data[:_FIRST_LINE].partition(b"\n")[0]


def refused(shown: str, error: OSError) -> Skipped:
    """What to say of a path that the system would not open."""
    reason = _REASONS.get(error.errno or 0, "unreadable")
    return Skipped(shown, reason, (error.strerror or type(error).__name__).lower())


def over(size: int, limit: int) -> str:
    """How far something is over its limit, for people."""
    return f"{size / (1 << 20):.1f} MiB, the limit is {limit / (1 << 20):g} MiB"
