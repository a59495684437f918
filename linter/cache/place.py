"""Where results are kept: the user's folder for caches, or one that was asked for."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

NAME = "nodemend"
DATABASE = "results.sqlite3"
# Backup programs leave a folder out that has the first, git one that has the second.
_MARKS = {
    "CACHEDIR.TAG": "Signature: 8a477f597d28d172789f06886806bc55\n# Results of nodemend, which can be made again.\n",
    ".gitignore": "*\n",
}


class CacheError(Exception):
    """Why a cache cannot be used; the scan goes on without it."""


def usual(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> Path | None:
    """The folder of this user; None where the user has no home."""
    asked = environment.get("XDG_CACHE_HOME", "")
    if os.path.isabs(asked):
        return Path(asked, NAME)
    if platform == "win32" and environment.get("LOCALAPPDATA"):
        return Path(environment["LOCALAPPDATA"], NAME, "cache")
    try:
        home = Path.home()
    except RuntimeError:
        return None
    return home / "Library" / "Caches" / NAME if platform == "darwin" else home / ".cache" / NAME


def made(folder: Path) -> None:
    """Makes the folder, for its owner only. Raises CacheError where it cannot be, or where others may write."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:
            trusted(folder)
            return
        for name, text in _MARKS.items():
            (folder / name).write_text(text, "ascii")
    except OSError as error:
        raise CacheError(f"{folder} cannot be made: {error.strerror or error}") from None


def trusted(folder: Path) -> None:
    """Raises CacheError unless the folder is ours alone to write to: whoever writes there says what is found."""
    about = folder.stat()
    if not stat.S_ISDIR(about.st_mode):
        raise CacheError(f"{folder} is no folder")
    _only_ours(folder, about)


def trusted_file(path: Path) -> None:
    """The same for a file in it, which has to be one: a pipe would be waited for."""
    about = path.stat()
    if not stat.S_ISREG(about.st_mode):
        raise CacheError(f"{path} is no file")
    _only_ours(path, about)


def _only_ours(path: Path, about: os.stat_result) -> None:
    if sys.platform == "win32":
        return
    if about.st_uid != os.geteuid():
        raise CacheError(f"{path} belongs to another user")
    if about.st_mode & 0o022:
        raise CacheError(f"{path} can be written to by others")


def removed(folder: Path) -> int:
    """Removes what is ours from the folder, and the folder when nothing is left; how many bytes that were.

    Raises OSError.
    """
    size = 0
    for name in (f"{DATABASE}-journal", DATABASE, *_MARKS):  # a journal that is left would spoil the next database
        with suppress(FileNotFoundError):
            size += (folder / name).lstat().st_size
            (folder / name).unlink()
    with suppress(OSError):
        folder.rmdir()
    return size
