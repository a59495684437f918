"""The members of an archive, tarball or zip, with their places in the package; unsafe ones are marked."""

from __future__ import annotations

import re
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path

from ..datatype import replace
from .layout import MAX_BYTES, is_source, may_be_script
from .tar import BrokenArchiveError, Member, members

MAX_SOURCES = 512 << 20  # bytes of JavaScript in one archive
MAX_UNPACKED = 2 << 30  # bytes of anything; a bomb unpacks a thousandfold
MAX_MEMBERS = 200_000
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError)

Wanted = Callable[[str, int], bool]


def placed(path: Path, wanted: Wanted) -> Iterator[tuple[str, Member]]:
    """Each member with its place in the package, and its data where wanted(place, size).

    Raises BrokenArchiveError where the archive cannot be read further, or is over one of the limits above.
    """
    sources = 0
    reader, strip = (_zip_members, False) if _is_zip(path) else (_tar_members, True)
    for count, member in enumerate(reader(path, lambda name, size: wanted(_place(name, strip), size))):
        place = _place(member.name, strip)
        if may_run(place) and member.size <= MAX_BYTES:
            sources += member.size
        if sources > MAX_SOURCES or count == MAX_MEMBERS:
            what = f"{MAX_MEMBERS} files" if count == MAX_MEMBERS else f"{MAX_SOURCES >> 20} MiB of JavaScript"
            raise BrokenArchiveError(f"holds more than {what}; the rest is left out", "too-large")
        yield place, replace(member, refused=member.refused or _unsafe(member.name))


@lru_cache(maxsize=1)
def sources(path: Path, stamp: tuple[int, int]) -> dict[str, bytes | str]:
    """The sources in an archive by member name, or why one cannot be had.

    Of two members of one name it is the last, which is the one that installs.

    `stamp` is its time and size: the packages in one archive are asked for one by one, but it is unpacked once.
    """
    del stamp
    found: dict[str, bytes | str] = {}
    try:
        for _, member in placed(path, lambda place, size: size <= MAX_BYTES and may_run(place)):
            if member.data is not None or member.refused:
                found[member.name] = member.refused or member.data or b""
    except BrokenArchiveError:
        pass  # whoever listed the archive has said so
    return found


def may_run(place: str) -> bool:
    """Whether a member can be a source file, by its path."""
    folder, _, name = place.rpartition("/")
    return is_source(name) or may_be_script(folder, name)


def _place(name: str, strip: bool) -> str:
    """The path of a member inside the package; npm drops the first folder, whatever it is called."""
    segments = [segment for segment in name.split("/") if segment not in ("", ".")]
    return "/".join(segments[1:] if strip and len(segments) > 1 else segments)


def _unsafe(name: str) -> str:
    if name.startswith(("/", "\\")) or re.match(r"[A-Za-z]:[/\\]", name):
        return "an absolute path"
    if ".." in re.split(r"[/\\]", name):
        return "a path that leads out of the package"
    return "" if name and "\0" not in name else "not a name for a file"


def _is_zip(path: Path) -> bool:
    # By its first bytes: a zip may also be recognised by its last ones, and those a tarball can have.
    try:
        with path.open("rb") as file:
            return file.read(4) in (b"PK\x03\x04", b"PK\x05\x06")
    except OSError:
        return False


def _tar_members(path: Path, wanted: Wanted) -> Iterator[Member]:
    try:
        with path.open("rb") as file:
            yield from members(file, wanted, MAX_UNPACKED)
    except OSError as error:
        raise BrokenArchiveError(f"cannot be read: {(error.strerror or str(error)).lower()}", "unreadable") from None


def _zip_members(path: Path, wanted: Wanted) -> Iterator[Member]:
    try:
        with zipfile.ZipFile(path) as archive:
            for info in archive.infolist():
                if not info.is_dir():
                    yield _zip_member(archive, info, wanted)
    except _DAMAGED as error:
        raise BrokenArchiveError(f"damaged: {error}") from None


def _zip_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, wanted: Wanted) -> Member:
    mode = info.external_attr >> 16
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        return Member(info.filename, info.file_size, refused="a link" if stat.S_ISLNK(mode) else "not a regular file")
    if not wanted(info.filename, info.file_size):
        return Member(info.filename, info.file_size)
    try:
        with archive.open(info) as file:
            return Member(info.filename, info.file_size, file.read(info.file_size))
    except _DAMAGED as error:
        return Member(info.filename, info.file_size, refused=f"damaged: {error}")
