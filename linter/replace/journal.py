"""What a run is about to do, on disk before it does it, so that a run that was cut off can be undone."""

from __future__ import annotations

import base64
import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path, PurePosixPath

from ..datatype import dataclass
from ..errors import InputError
from .change import reason, shown
from .disk import fill, sync

# Whoever finds a file that begins like this, after a power cut say, knows whose it is.
PREFIX = ".nodemend-"
NAME = f"{PREFIX}journal"
_FORM = 1
_BEGINNING = b'{"nodemend": '


@dataclass(frozen=True, slots=True)
class Entry:
    """One file: `path` counts from the root, `temp` is the file beside it that its new bytes go to first.

    `before`: the old bytes, None where there was no file; `after`: the SHA-256 of the new ones in hex, None where
    there is to be no file. `mode`, `uid` and `gid` are those of the old file.
    """

    path: str
    temp: str
    before: bytes | None
    after: str | None
    mode: int = 0
    uid: int = -1
    gid: int = -1


@dataclass(frozen=True, slots=True)
class Journal:
    """A run: its files in the order in which they change, and the folders it makes, outer ones first."""

    root: Path
    entries: tuple[Entry, ...]
    folders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """A journal that an earlier run left. `whole` is False when the run was cut off while writing it: before anything
    else was done. `ours` is False when it is a copy, or was put there by something other than a run."""

    file: Path
    journal: Journal
    whole: bool
    ours: bool


def journal_file(root: Path, folder: Path | None) -> Path:
    """Where the journal of a run in root is kept: there, or in a folder that may hold those of many roots."""
    if folder is None:
        return root / NAME
    return Path(os.path.realpath(folder)) / f"{NAME}-{hashlib.sha256(os.fsencode(root)).hexdigest()[:16]}"


@contextmanager
def kept(journal: Journal, file: Path) -> Iterator[None]:
    """Writes the journal and holds it; it stays there until `remove`.

    InputError when it cannot be written, or one is there. The process has it locked as long as this lasts.
    """
    try:
        handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise _unwritable(file, error) from error
    try:
        with suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        try:
            fill(handle, _text(journal, os.fstat(handle).st_ino))
            os.fsync(handle)
        except OSError as error:
            remove(file)
            raise _unwritable(file, error) from error
        sync([file.parent])
        yield
    finally:
        os.close(handle)


def found(root: Path, file: Path) -> Found | None:
    """What an earlier run left in this journal; None when there is none of this user's.

    InputError when the run that writes it is still alive, or nothing can be made of it.
    """
    try:
        handle = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InputError(f"{shown(file)} cannot be read: {reason(error)}", hint="remove it by hand") from error
    with os.fdopen(handle, "rb") as stream:
        about = os.fstat(handle)
        if about.st_uid != os.geteuid():
            return None
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            from .lock import busy

            raise busy(root) from None
        except OSError:
            pass
        return _read(stream.read(), root, file, about.st_ino)


def remove(file: Path) -> None:
    with suppress(OSError):
        file.unlink()


def _unwritable(file: Path, error: OSError) -> InputError:
    if isinstance(error, FileExistsError):
        return InputError(f"{shown(file)} is in the way; nothing was changed", hint="another run left or holds it")
    hint = "--journal names another folder for it"
    return InputError(f"no journal can be kept at {shown(file)}: {reason(error)}; nothing was changed", hint=hint)


def _text(journal: Journal, inode: int) -> bytes:
    head = {"nodemend": _FORM, "root": str(journal.root), "inode": inode, "folders": journal.folders}
    lines = [json.dumps(head), *(json.dumps(_packed(entry)) for entry in journal.entries)]
    text = "".join(f"{line}\n" for line in lines).encode()
    return text + b"end %s\n" % hashlib.sha256(text).hexdigest().encode()


def _packed(entry: Entry) -> dict[str, object]:
    return asdict(entry) | {"before": None if entry.before is None else base64.b64encode(entry.before).decode()}


def _read(data: bytes, root: Path, file: Path, inode: int) -> Found:
    text, _, end = data.rpartition(b"end ")
    if end != hashlib.sha256(text).hexdigest().encode() + b"\n":
        if _BEGINNING.startswith(data[: len(_BEGINNING)]):
            return Found(file, Journal(root, ()), whole=False, ours=True)
        raise _meaningless(file)
    try:
        head, *rows = [json.loads(line) for line in text.splitlines()]
        entries = tuple(_entry(row) for row in rows)
        folders = tuple(_inside(name) for name in head["folders"])
        fine = head["nodemend"] == _FORM and bool(entries)
        there = root if file.name == NAME else Path(head["root"])
        ours = head["inode"] == inode
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise _meaningless(file) from error
    if not fine or there != root:
        raise _meaningless(file)
    return Found(file, Journal(root, entries, folders), whole=True, ours=ours)


def _entry(row: dict[str, object]) -> Entry:
    before, after = row["before"], row["after"]
    numbers = [row[name] for name in ("mode", "uid", "gid")]
    if not all(isinstance(number, int) for number in numbers) or not isinstance(after, str | None):
        raise TypeError
    mode, uid, gid = (int(str(number)) for number in numbers)
    temp = str(row["temp"])
    if "/" in temp or not temp.startswith(PREFIX):
        raise ValueError
    data = None if before is None else base64.b64decode(str(before), validate=True)
    return Entry(_inside(str(row["path"])), temp, data, after, mode, uid, gid)


def _inside(name: str) -> str:
    """The name, if it can only be one below a folder, and not git's."""
    parts = PurePosixPath(name).parts
    if not parts or name.startswith("/") or ".." in parts or ".git" in (part.casefold() for part in parts):
        raise ValueError
    return name


def _meaningless(file: Path) -> InputError:
    return InputError(f"{shown(file)} is no journal that can be read", hint="if nothing is half done, remove it")


def described(names: Sequence[str], most: int = 3) -> str:
    """Some of the names, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(shown(Path(name)) for name in names[:most]) + more
