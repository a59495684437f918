"""A tree as a scan left it: the signatures of all that the result depends on, and what became of each package."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from ..datatype import dataclass, field
from ..finding import Report, Skipped
from ..packages import Package
from .records import Json, Row, ShapeError, dumped, loaded, report_read, report_written, skipped_of, skipped_written
from .signature import WIDTH, Signature, changed, name, signatures

if TYPE_CHECKING:
    from .store import Tree


@dataclass(frozen=True, slots=True)
class Known:
    """What became of a package on disk. `key` is that of its analysis, "" where no rule's words occur in it.

    `parsed` is for an analysis that found nothing to tell of, -1 for one that did.
    """

    files: int
    bytes: int
    omitted: int
    key: str
    parsed: int
    skipped: tuple[Skipped, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """A package as it was found, in few bytes: there may be a great many."""

    path: str
    identity: tuple[str, ...]
    names: bytes  # of its files
    count: int  # how many those are

    @classmethod
    def of(cls, package: Package, base: str) -> Seen:
        who = package.name, package.version, package.engines, package.root_engines
        names = [name(str(file.disk), base) for file in package.files]
        return cls(package.path, who, b"\0".join(names), len(names))


@dataclass(slots=True)
class Snapshot:
    """A tree as it was kept, and what of it is as it was."""

    base: str
    names: Sequence[bytes]
    columns: Sequence[array[int]]
    changed: Sequence[int]
    kept: Tree
    _rows: Mapping[str, tuple[Row, int]] | None = field(default=None, repr=False)

    @classmethod
    def of(cls, kept: Tree, base: str) -> Snapshot:
        """Looks at all that the tree depended on. Raises ShapeError, and OSError when the base is gone."""
        names = kept.names.split(b"\0") if kept.names else []
        columns = tuple(array("q") for _ in range(WIDTH))
        if len(kept.signatures) != len(names) * WIDTH * columns[0].itemsize:
            raise ShapeError
        each = len(kept.signatures) // WIDTH
        for number, column in enumerate(columns):
            column.frombytes(kept.signatures[number * each : (number + 1) * each])
        return cls(base, names, columns, changed(names, base, columns), kept)

    def report(self) -> Report | None:
        """The whole report, when nothing has changed. Raises ShapeError."""
        return report_read(self.kept.report) if self.kept.report and not self.changed else None

    def known(self, seen: Seen) -> Known | None:
        """What became of this package, when it and its files are as they were. Raises ShapeError."""
        row, start = self._packages().get(seen.path, (None, 0))
        if row is None or row.items[3] is None or row.texts(1) != seen.identity:
            return None
        end = start + row.number(2)
        at = bisect_left(self.changed, start)
        if at < len(self.changed) and self.changed[at] < end:
            return None
        if b"\0".join(self.names[start:end]) != seen.names:
            return None
        return _known_of(row.items[3])

    def holding(self) -> dict[bytes, Signature]:
        """The names that are as they were, with their signatures."""
        gone = set(self.changed)
        signed = zip(*self.columns, strict=True)
        return {
            each: (mode, size, modified, changed, inode)
            for number, (each, (mode, size, modified, changed, inode)) in enumerate(
                zip(self.names, signed, strict=True)
            )
            if number not in gone
        }

    def analyses(self) -> list[str]:
        """The keys of all in it. Raises ShapeError."""
        rows = (row.items[3] for row, _ in self._packages().values())
        return [key for item in rows if item is not None and (key := _known_of(item).key)]

    def _packages(self) -> Mapping[str, tuple[Row, int]]:
        """The rows by the paths of the packages, each with the place of its first file among the names."""
        if self._rows is None:
            listed = Row.of(loaded(self.kept.packages))
            rows = [Row.of(item, 4) for item in listed.items]
            start = len(self.names) - sum(row.number(2) for row in rows)
            self._rows = {}
            for row in rows:
                self._rows[row.text(0)] = row, start
                start += row.number(2)
        return self._rows


def written(
    done: Iterable[tuple[Seen, Known | None]],
    others: Iterable[str],
    report: Report | None,
    base: str,
    known: Mapping[bytes, Signature],
    begun: int,
) -> Tree:
    """The tree to be kept of a scan that began then (in ns since the epoch).

    `done` has each package on disk, and None where nothing can be said of it for later; `others` are the paths on which
    it depends that these are all; `report` is None when it may be another the next time, with nothing changed.
    `known` are the signatures that are known to hold.
    """
    names = [name(path, base) for path in others]
    rows: list[Json] = []
    for seen, result in done:
        names += seen.names.split(b"\0") if seen.count else ()
        rows.append([seen.path, [*seen.identity], seen.count, _known(result) if result else None])
    from .store import Tree

    columns = signatures(names, base, known, begun)
    return Tree(
        place=base,
        names=b"\0".join(names),
        signatures=b"".join(column.tobytes() for column in columns),
        report=report_written(report) if report else b"",
        packages=dumped(rows),
    )


def _known(one: Known) -> Json:
    return [one.files, one.bytes, one.omitted, one.key, one.parsed, [skipped_written(each) for each in one.skipped]]


def _known_of(item: Json) -> Known:
    row = Row.of(item, 6)
    return Known(row.number(0), row.number(1), row.number(2), row.text(3), row.number(4), row.each(5, skipped_of))
