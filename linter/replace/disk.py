"""Bytes that are on disk when a call returns: new files, and the folders that name them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path


def create(path: Path, data: bytes, mode: int, owner: tuple[int, int] | None) -> None:
    """A file that was not there, safely on disk, with these bytes. Raises OSError and leaves nothing.

    With an owner (user, group; given as far as permitted) it has exactly this mode, without one less the umask.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    handle = os.open(path, flags, mode if owner is None else 0o600)
    try:
        fill(handle, data)
        if owner is not None:
            with suppress(PermissionError):
                os.fchown(handle, *owner)
            # After the owner, because a change of owner takes set-user-id away.
            os.fchmod(handle, mode)
        os.fsync(handle)
    except BaseException as error:
        discard(path)
        if isinstance(error, OSError) and error.filename is None:
            error.filename = os.fspath(path)
        raise
    finally:
        os.close(handle)


def fill(handle: int, data: bytes) -> None:
    """Writes all of it. Raises OSError."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(handle, rest) :]


def sync(folders: Iterable[Path]) -> None:
    """Make what happened in these folders last through a power cut, where the file system knows how to."""
    for folder in folders:
        with suppress(OSError):
            handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)


def discard(path: Path) -> None:
    with suppress(OSError):
        path.unlink()
