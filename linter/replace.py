"""Putting new bytes in the place of old ones on disk: all files or none, and never through a hard link."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

from .errors import InputError, NodemendError, PatchError

# Whoever finds such a file, after a power cut say, knows whose it is and that it can go.
PREFIX = ".nodemend-"


@dataclass(frozen=True, slots=True)
class Change:
    """What a file must hold now, and what it shall hold."""

    path: Path
    before: bytes
    after: bytes


@dataclass(frozen=True, slots=True)
class _Staged:
    """A change whose new bytes are on disk, in a file beside the target."""

    change: Change
    about: os.stat_result  # of the target, before anything was done
    temp: Path


def write_all(changes: Sequence[Change]) -> None:
    """Write every change, or leave every file as it was.

    Everything is checked first: each path must be a regular file, not a symbolic link, with exactly the bytes
    `before`, in a folder that can be written. Then the new bytes go to files beside the targets, all is checked again,
    and they are renamed over the targets. Mode and, where permitted, owner are kept; other hard links of a file keep
    the old bytes. A failure on the way puts back what was renamed already.

    InputError or PatchError says in one line that nothing was changed, or, when putting back failed too, which files
    hold the new bytes.
    """
    found = [(change, _checked(change)) for change in changes]
    _check_distinct(changes)
    staged: list[_Staged] = []
    try:
        for change, about in found:
            if change.before != change.after:
                staged.append(_Staged(change, about, _temp(change.path, change.after, about)))
        for item in staged:
            _checked(item.change)
        for item in staged:
            os.replace(item.temp, item.change.path)
    except (OSError, NodemendError, KeyboardInterrupt) as error:
        stuck = _put_back(staged)
        if stuck or isinstance(error, OSError):
            raise PatchError(_account(error, stuck)) from error
        raise
    _sync({item.change.path.parent for item in staged})


def _checked(change: Change) -> os.stat_result:
    """What the target is, once it is sure that it can be replaced. It never waits and never follows a link."""
    path = change.path
    try:
        about = path.lstat()
        if stat.S_ISLNK(about.st_mode):
            raise _untouched(path, "is a symbolic link", "name the file it leads to")
        if not stat.S_ISREG(about.st_mode):
            raise _untouched(path, "is not a regular file")
        # A FIFO or link that has taken its place since is opened without waiting, or not at all.
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK | os.O_NOFOLLOW)) as file:
            found = file.read(len(change.before) + 1)
    except OSError as error:
        raise _untouched(path, f"cannot be read: {_reason(error)}") from error
    if found != change.before:
        raise PatchError(f"{_shown(path)} has changed since it was read; nothing was changed", hint="run again")
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise _untouched(path, "cannot be replaced: its folder is not writable")
    return about


def _check_distinct(changes: Sequence[Change]) -> None:
    seen: set[Path] = set()
    for change in changes:
        # Only the folder is resolved: two hard links of one file are two files here.
        place = change.path.parent.resolve() / change.path.name
        if place in seen:
            raise _untouched(change.path, "is to be changed twice")
        seen.add(place)


def _temp(path: Path, data: bytes, about: os.stat_result) -> Path:
    """A new file beside path with these bytes, safely on disk, with the mode and owner of the file it is to replace."""
    with ExitStack() as on_failure:
        handle, name = tempfile.mkstemp(prefix=PREFIX, dir=path.parent)
        on_failure.callback(_remove, Path(name))
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            with suppress(PermissionError):
                os.fchown(handle, about.st_uid, about.st_gid)
            # After the owner, because a change of owner takes set-user-id away.
            os.fchmod(handle, stat.S_IMODE(about.st_mode))
            os.fsync(handle)
        on_failure.pop_all()
    return Path(name)


def _put_back(staged: Iterable[_Staged]) -> list[str]:
    """Undo the renames that happened and remove the other temporary files; what could not be undone, and why."""
    stuck: list[str] = []
    for item in staged:
        path = item.change.path
        try:
            if not item.temp.exists() and path.read_bytes() == item.change.after:
                _restore(item)
        except FileNotFoundError:
            pass  # somebody took the file or its folder away: nothing of ours is there
        except OSError as error:
            stuck.append(f"{_shown(path)} ({_reason(error)})")
        _remove(item.temp)
    return stuck


def _restore(item: _Staged) -> None:
    temp = _temp(item.change.path, item.change.before, item.about)
    try:
        os.replace(temp, item.change.path)
    finally:
        _remove(temp)


def _account(error: BaseException, stuck: Sequence[str]) -> str:
    if isinstance(error, OSError):
        cause = f"{_shown(Path(os.fsdecode(error.filename2 or error.filename or '?')))}: {_reason(error)}"
    else:
        cause = error.message if isinstance(error, NodemendError) else "interrupted"
    if not stuck:
        return f"{cause}; nothing was changed"
    return f"{cause}; putting back failed, so these hold the new bytes: {', '.join(stuck)}; all others the old ones"


def _sync(folders: Iterable[Path]) -> None:
    """Make the renames last through a power cut, where the file system knows how to."""
    for folder in folders:
        with suppress(OSError):
            handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)


def _remove(temp: Path) -> None:
    with suppress(OSError):
        temp.unlink()


def _untouched(path: Path, problem: str, hint: str = "") -> InputError:
    return InputError(f"{_shown(path)} {problem}; nothing was changed", hint=hint)


def _reason(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()


def _shown(path: Path) -> str:
    return str(path) if str(path).isprintable() else ascii(str(path))
