"""A path as the user gave it: there, readable, and a folder, an archive, a file or something else."""

from __future__ import annotations

import os
import stat
from typing import Literal

from ..datatype import dataclass
from ..errors import InputError
from .layout import is_archive


@dataclass(frozen=True, slots=True)
class Target:
    """A path as given. `real` is where it is."""

    given: str
    real: str
    sort: Literal["folder", "archive", "file", "special"]

    @property
    def absolute(self) -> bool:
        return os.path.isabs(self.given)


def located(given: str) -> Target:
    """What is at this path. Raises InputError when it is not there or cannot be read at all."""
    try:
        real = os.path.realpath(given, strict=True)
        mode = os.stat(given).st_mode
        if stat.S_ISDIR(mode):
            os.scandir(given).close()
            return Target(given, real, "folder")
        if not stat.S_ISREG(mode):
            return Target(given, real, "special")
        with open(given, "rb"):
            return Target(given, real, "archive" if is_archive(given) else "file")
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise _input_error(given, error) from None


def _input_error(given: str, error: OSError | ValueError) -> InputError:
    name = given if given.isprintable() and given else ascii(given)
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return InputError(f"{name}: no such file or folder", hint="check the path and the current folder")
    what = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return InputError(f"{name}: cannot be read: {what.lower()}", hint="check what it is and who may read it")
