"""Where words occur in one file: each searched for by itself, until writing all of them down is the cheaper way.

Rules ask for the same few words again and again, in one function after the other.
"""

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
        self._left = _SEARCHES * len(data)  # bytes that may be searched; below 0 all words are found
        self._searched: dict[bytes, int] = {}  # bytes that were, by word
        self._found: dict[bytes, array[int]] = {}  # of words that were asked for in as much as the whole file

    def of(self, word: bytes, start: int = 0, end: int = sys.maxsize) -> Iterable[int]:
        """Where the word occurs as a whole word in [start, end), in order."""
        if word not in self._found and self._left >= 0:
            whole, asked = len(self._data), min(end, len(self._data)) - start
            searched = self._searched[word] = self._searched.get(word, 0) + asked
            self._left -= asked if searched < whole else whole
            if self._left < 0:
                self._found.update(_indexed(self._data))
            elif searched >= whole:
                self._found[word] = array("I", offsets(self._data, word))
        found = self._found.get(word)
        if found is None:
            return () if self._left < 0 and _NAME.fullmatch(word) else offsets(self._data, word, start, end)
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
