"""The members of a tarball, read as a stream: nothing is extracted, and whatever it claims, memory stays bounded.

tarfile reads the headers; its own loop is not used, for it takes an extended header of any size into memory.
"""

from __future__ import annotations

import gzip
import tarfile
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO

from ..datatype import dataclass

_BLOCK = 512
_CHUNK = 1 << 20
_MAX_EXTENSION = 1 << 20  # bytes of one long name or pax header
_FILES = (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE)
_WITHOUT_DATA = (tarfile.LNKTYPE, tarfile.SYMTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE)


class BrokenArchiveError(Exception):
    """An archive that cannot be read further. `reason` is one of finding.REASONS, the message is for people."""

    def __init__(self, message: str, reason: str = "archive") -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Member:
    """A member of an archive; folders are left out. `data` is None when it was not asked for or `refused` says why."""

    name: str
    size: int
    data: bytes | None = None
    refused: str = ""


def members(file: BinaryIO, wanted: Callable[[str, int], bool], limit: int) -> Iterator[Member]:
    """The members of a tar stream, gzipped or not, in order; the data of those for which wanted(name, size).

    Raises BrokenArchiveError where the stream ends too early, makes no sense, or unpacks to more than `limit` bytes.
    """
    stream = _Stream(_unpacked(file), limit)
    zeros, extra = 0, _Extra()
    while block := stream.header():
        if not block.strip(b"\0"):
            zeros += 1
            if zeros == 2:  # as node-tar: one empty block alone does not end an archive
                return
            continue
        zeros, header = 0, _header(block)
        if header.type in (tarfile.XHDTYPE, tarfile.GNUTYPE_LONGNAME):
            extra = extra.with_header(header.type, stream.extension(header.size))
        elif header.type in (tarfile.XGLTYPE, tarfile.GNUTYPE_LONGLINK):
            stream.extension(header.size)
        else:
            member = _member(header, extra, stream, wanted)
            extra = _Extra()
            if member is not None:
                yield member


def _unpacked(file: BinaryIO) -> BinaryIO:
    magic = file.read(2)
    file.seek(0)
    return gzip.GzipFile(fileobj=file) if magic == b"\x1f\x8b" else file  # type: ignore[return-value]


def _header(block: bytes) -> tarfile.TarInfo:
    try:
        header = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    except tarfile.HeaderError as error:
        raise BrokenArchiveError(f"not a tar header: {error}") from None
    if header.size < 0:
        raise BrokenArchiveError("a member of negative size")
    return header


def _member(
    header: tarfile.TarInfo, extra: _Extra, stream: _Stream, wanted: Callable[[str, int], bool]
) -> Member | None:
    name = extra.name or header.name
    size = 0 if header.type in _WITHOUT_DATA else header.size if extra.size is None else extra.size
    if header.type == tarfile.DIRTYPE:
        return None
    if header.type not in _FILES:
        stream.skip(size)
        return Member(name, size, refused="a link" if header.islnk() or header.issym() else "not a regular file")
    if wanted(name, size):
        return Member(name, size, stream.data(size))
    stream.skip(size)
    return Member(name, size)


@dataclass(frozen=True, slots=True)
class _Extra:
    """What extended headers say of the member that follows them."""

    name: str = ""
    size: int | None = None

    def with_header(self, kind: bytes, data: bytes) -> _Extra:
        if kind == tarfile.GNUTYPE_LONGNAME:
            return _Extra(_decoded(data.partition(b"\0")[0]), self.size)
        records = _records(data)
        path, size = records.get(b"path"), records.get(b"size")
        if size is not None and not (size.isdigit() and len(size) < 20):
            raise BrokenArchiveError("a pax header whose size is no number")
        return _Extra(_decoded(path) if path else self.name, int(size) if size is not None else self.size)


def _records(data: bytes) -> dict[bytes, bytes]:
    """The records of a pax header, each `length key=value` and a line feed; the length counts all of it."""
    found: dict[bytes, bytes] = {}
    at = 0
    while at < len(data) and data[at] != 0:
        digits, _, _ = data[at : at + 20].partition(b" ")
        length = int(digits) if digits.isdigit() else 0
        key, equals, value = data[at + len(digits) + 1 : at + length].partition(b"=")
        if length == 0 or not equals or not value.endswith(b"\n"):
            raise BrokenArchiveError("a malformed pax header")
        found[key] = value[:-1]
        at += length
    return found


def _decoded(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")


class _Stream:
    """The unpacked bytes, counted; what goes wrong below it becomes BrokenArchiveError."""

    def __init__(self, file: BinaryIO, limit: int) -> None:
        self._file = file
        self._limit = limit
        self._left = limit

    def header(self) -> bytes:
        """The next block; empty at the end."""
        block = self._read(_BLOCK)
        if not block and self._left == self._limit:
            raise BrokenArchiveError("empty")
        if block and len(block) < _BLOCK:
            raise BrokenArchiveError("ends in the middle of a header")
        return block

    def extension(self, size: int) -> bytes:
        if size > _MAX_EXTENSION:
            raise BrokenArchiveError("an extended header of over 1 MiB")
        return self.data(size)

    def data(self, size: int) -> bytes:
        data = self._read(size)
        if len(data) < size:
            raise BrokenArchiveError("ends in the middle of a member")
        self.skip(0, padding=-size % _BLOCK)
        return data

    def skip(self, size: int, padding: int | None = None) -> None:
        left = size + (-size % _BLOCK if padding is None else padding)
        while left > 0:
            read = len(self._read(min(left, _CHUNK)))
            if read == 0:
                raise BrokenArchiveError("ends in the middle of a member")
            left -= read

    def _read(self, size: int) -> bytes:
        if size > self._left:
            limit = f"{self._limit / (1 << 20):g} MiB"
            raise BrokenArchiveError(f"unpacks to more than {limit}; the rest is left out", "too-large")
        try:
            data = self._file.read(size)
        except (OSError, EOFError, zlib.error) as error:
            raise BrokenArchiveError(f"damaged: {error}") from None
        self._left -= len(data)
        return data
