"""The lines of a file: where they begin, how they end, and what people call a place in them."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate

from .finding import Span


class Lines:
    """What can be said of the bytes of a file without its grammar."""

    data: bytes

    @cached_property
    def newline(self) -> bytes:
        """The line end most of the file uses."""
        crlf = self.data.count(b"\r\n")
        return b"\r\n" if crlf * 2 > self.data.count(b"\n") else b"\n"

    @cached_property
    def valid_utf8(self) -> bool:
        try:
            self.data.decode("utf8")
        except UnicodeDecodeError:
            return False
        return True

    @cached_property
    def _line_starts(self) -> Sequence[int]:
        ends = accumulate((len(line) + 1 for line in self.data.split(b"\n")), initial=0)
        return array("I", ends)[:-1]  # there is none behind the last

    def line_of(self, offset: int) -> int:
        """The 1-based line a byte offset is on; only a line feed ends a line."""
        return bisect_right(self._line_starts, offset)

    def point(self, offset: int) -> tuple[int, int]:
        """The row and the column (in bytes) of an offset, as tree-sitter counts them: from 0."""
        row = self.line_of(offset) - 1
        return row, offset - self._line_starts[row]

    def line_start(self, line: int) -> int:
        """The byte offset of a 1-based line's first byte; the end of the file when there is no such line."""
        return self._line_starts[line - 1] if line <= len(self._line_starts) else len(self.data)

    def line(self, line: int) -> str:
        """The text of a 1-based line without its line end: the same one each time, for a line can be all of a file."""
        if line not in self._texts:
            raw = self.data[self.line_start(line) : self.line_start(line + 1)]
            self._texts[line] = raw.decode("utf8", "replace").rstrip("\r\n").removeprefix("\ufeff")
        return self._texts[line]

    @cached_property
    def _texts(self) -> dict[int, str]:
        return {}

    def indentation(self, offset: int) -> bytes:
        """The blanks that the line of this offset begins with."""
        start = self.line_start(self.line_of(offset))
        start += 3 if start == 0 and self.data.startswith(b"\xef\xbb\xbf") else 0
        line = self.data[start:offset]
        return line[: len(line) - len(line.lstrip(b" \t"))]

    def _column(self, offset: int) -> int:
        start = self.line_start(self.line_of(offset))
        before = self.data[start:offset].decode("utf8", "replace").removeprefix("\ufeff")
        return len(before.encode("utf-16-le", "surrogatepass")) // 2 + 1

    def span(self, start: int, end: int) -> Span:
        """Lines and columns of the bytes [start, end)."""
        return Span(start, end, self.line_of(start), self._column(start), self.line_of(end), self._column(end))
