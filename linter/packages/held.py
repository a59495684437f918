"""The bytes of a package's files: as many as may be are held, the others are read again when they are asked for."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping

from ..finding import Skipped
from .disk import read
from .layout import MAX_BYTES
from .package import File

HELD = 16 << 20  # bytes of one package


class Held(MutableMapping[File, bytes]):
    """Files by the order in which they came, each with its bytes.

    Of files on disk no more than `limit` bytes are held at a time, those that were asked for last. What was taken away
    meanwhile is empty then.
    """

    def __init__(self, limit: int = HELD) -> None:
        self._limit = limit
        self._sizes: dict[File, int] = {}
        self._held: dict[File, bytes] = {}  # what was asked for last at the end
        self._pinned: dict[File, bytes] = {}  # what is not on disk as it is here
        self._total = 0

    def add(self, file: File, data: bytes) -> None:
        """One more file, as it was read."""
        self._sizes[file] = len(data)
        if file.disk:
            self._hold(file, data)
        else:
            self._pinned[file] = data

    def size(self, file: File) -> int:
        """How many bytes it had when it was read."""
        return self._sizes[file]

    def __getitem__(self, file: File) -> bytes:
        if (data := self._pinned.get(file)) is not None:
            return data
        data = self._held.pop(file, None)
        if data is None:
            if file not in self._sizes:
                raise KeyError(file)
            again = read(file.disk, file.path, MAX_BYTES)
            data = b"" if isinstance(again, Skipped) else again
        else:
            self._total -= len(data)
        self._hold(file, data)
        return data

    def __setitem__(self, file: File, data: bytes) -> None:
        self._sizes.setdefault(file, len(data))
        self._total -= len(self._held.pop(file, b""))
        self._pinned[file] = data

    def __delitem__(self, file: File) -> None:
        del self._sizes[file]
        self._total -= len(self._held.pop(file, b""))
        self._pinned.pop(file, None)

    def __iter__(self) -> Iterator[File]:
        return iter(self._sizes)

    def __len__(self) -> int:
        return len(self._sizes)

    def _hold(self, file: File, data: bytes) -> None:
        self._held[file] = data
        self._total += len(data)
        while self._total > self._limit and len(self._held) > 1:
            self._total -= len(self._held.pop(next(iter(self._held))))
