"""One writer at a time: while a run writes below a folder, no other run may write there, above it or below it."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from ..errors import InputError
from .change import shown

_BUSY = (errno.EWOULDBLOCK, errno.EACCES)


@contextmanager
def alone(root: Path) -> Iterator[None]:
    """Holds the folder for this run alone. InputError when another run is at work in it, or in one around it.

    The folder itself is locked, and the folders around it are marked as having a run below. The system lets go of
    these locks when the process ends, however it ends, and no file is left. Where a file system cannot lock folders
    (some network ones) they are not locked; the journal then still keeps two runs in one folder apart.
    """
    with ExitStack() as held:
        for folder in (*reversed(root.parents), root):
            if not _locked(folder, fcntl.LOCK_EX if folder == root else fcntl.LOCK_SH, held):
                raise busy(root)
        yield


def busy(root: Path) -> InputError:
    hint = "wait until it has ended, then run again"
    return InputError(f"another nodemend is writing in {shown(root)}; nothing was changed", hint=hint)


def _locked(folder: Path, how: int, held: ExitStack) -> bool:
    """Whether nobody else has the folder; it is then ours as far as it can be locked."""
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return True
    held.callback(os.close, handle)
    try:
        fcntl.flock(handle, how | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno not in _BUSY
    return True
