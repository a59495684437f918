"""What is to become of one file, and the check that it can."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from pathlib import Path

from ..datatype import dataclass
from ..errors import InputError, PatchError


@dataclass(frozen=True, slots=True)
class Change:
    """What a file must hold now, and what it shall hold; None where there is no file.

    `mode`: the permission bits of a file that comes, less the umask; any other keeps its own.
    """

    path: Path
    before: bytes | None
    after: bytes | None
    mode: int = 0o644


@dataclass(frozen=True, slots=True)
class Place:
    """A file by the name it was given, for people, and by the one that no link is part of."""

    given: Path
    real: Path


def root_of(paths: Sequence[Path]) -> Path:
    """The folder that a run on these files and folders is about: the current one, or the deepest that has them all."""
    here = Path.cwd().resolve()
    named = [path for path in paths if "\0" not in str(path)]  # no file has such a name, whatever is said of it later
    around = [Path(os.path.realpath(path if path.is_dir() else path.parent)) for path in named]
    if all(folder.is_relative_to(here) for folder in around):
        return here
    return Path(os.path.commonpath(around))


def placed(path: Path, root: Path, *, links: bool) -> Place:
    """Where a file is, below the real path `root`. InputError when it is not there or must not be touched.

    A folder on the way may be a symbolic link only if `links` says so, and only to a place inside root.
    """
    parent = Path(os.path.abspath(path.parent))
    if links:
        real = Path(os.path.realpath(parent)) / path.name
    else:
        if ".." in path.parts:
            raise untouched(path, "has .. in its name")
        real = _below(parent, root) / path.name
    if path.name in ("", "..") or not real.is_relative_to(root) or real == root:
        raise untouched(path, f"is not inside of {shown(root)}")
    folders = real.relative_to(root).parts[:-1]
    if ".git" in (part.casefold() for part in real.relative_to(root).parts):
        raise untouched(path, "belongs to git")
    for depth in range(1, len(folders) + 1):
        _demand_folder(path, root.joinpath(*folders[:depth]))
    return Place(path, real)


def content(path: Path, root: Path, *, links: bool = False) -> bytes | None:
    """What a file holds, None where there is none. InputError when it lies outside of root or is no regular file."""
    place = placed(path, Path(os.path.realpath(root)), links=links)
    try:
        regular(place)
        return read(place.real)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise untouched(path, f"cannot be read: {reason(error)}") from error


def check(change: Change, place: Place) -> os.stat_result | None:
    """What the target is (None: nothing), once it is sure that it can be replaced: never waits, never follows a link.

    InputError or PatchError says why it cannot.
    """
    about: os.stat_result | None = None
    try:
        about = regular(place)
        found = read(place.real, None if change.before is None else len(change.before) + 1)
    except FileNotFoundError as error:
        if change.before is not None:
            raise untouched(change.path, f"cannot be read: {reason(error)}") from error
        found = None
    except OSError as error:
        raise untouched(change.path, f"cannot be read: {reason(error)}") from error
    if found != change.before:
        if change.before is None:
            raise untouched(change.path, "exists already")
        raise PatchError(f"{shown(change.path)} has changed since it was read; nothing was changed", hint="run again")
    folder = next(f for f in place.real.parents if f.exists())
    if not os.access(folder, os.W_OK | os.X_OK):
        raise untouched(change.path, "cannot be replaced: its folder is not writable")
    return about


def regular(place: Place) -> os.stat_result:
    about = place.real.lstat()
    if stat.S_ISLNK(about.st_mode):
        raise untouched(place.given, "is a symbolic link", "name the file it leads to")
    if not stat.S_ISREG(about.st_mode):
        raise untouched(place.given, "is not a regular file")
    return about


def read(path: Path, most: int | None = None) -> bytes:
    """At most so many bytes of a file. A FIFO or link that has taken its place is opened without waiting, or not."""
    with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK | os.O_NOFOLLOW)) as file:
        return file.read(-1 if most is None else most)


def _below(parent: Path, root: Path) -> Path:
    """The folder as it is reached from root, whatever links lead to root itself; unchanged when root is not above."""
    for folder in (*reversed(parent.parents), parent):
        if folder.exists() and folder.samefile(root):
            return root / parent.relative_to(folder)
    return parent


def _demand_folder(path: Path, folder: Path) -> None:
    try:
        mode = folder.lstat().st_mode
    except FileNotFoundError:
        return
    except OSError as error:
        raise untouched(path, f"cannot be reached: {reason(error)}") from error
    if stat.S_ISLNK(mode):
        raise untouched(path, "is reached through a symbolic link", f"{shown(folder)} is one")
    if not stat.S_ISDIR(mode):
        raise untouched(path, f"cannot be there: {shown(folder)} is not a folder")


def untouched(path: Path, problem: str, hint: str = "") -> InputError:
    return InputError(f"{shown(path)} {problem}; nothing was changed", hint=hint)


def reason(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()


def shown(path: Path) -> str:
    return str(path) if str(path).isprintable() else ascii(str(path))
