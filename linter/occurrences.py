"""Where words occur in one file: each searched for by itself, until writing all of them down is the cheaper way."""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_left
from collections.abc import Iterable

from .regexes import regex
from .spellings import offsets

_NAME = regex(rb"[\w$]+")
# How many searches of all the bytes take the time that an index of them takes: 80 or so, measured on 11 MB.
_SEARCHES = 40


class Occurrences:
    """The offsets of the words of one file, each in order, as `spellings.offsets` has them."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._left = _SEARCHES * len(data)  # bytes that may be searched before there is an index
        self._index: dict[bytes, array[int]] | None = None

    def of(self, word: bytes, start: int = 0, end: int = sys.maxsize) -> Iterable[int]:
        """Where the word occurs as a whole word in [start, end), in order."""
        if self._index is None:
            self._left -= min(end, len(self._data)) - start
            if self._left >= 0:
                return offsets(self._data, word, start, end)
            self._index = _indexed(self._data)
        if _NAME.fullmatch(word) is None:
            return offsets(self._data, word, start, end)
        found = self._index.get(word)
        if found is None:
            return ()
        first, last = bisect_left(found, start), bisect_left(found, end - len(word) + 1)
        return found[first:last]


def _indexed(data: bytes) -> dict[bytes, array[int]]:
    found: dict[bytes, array[int]] = {}
    for name in _NAME.finditer(data):
        word = name[0]
        if word in found:
            found[word].append(name.start())
        else:
            found[word] = array("I", (name.start(),))
    return found
