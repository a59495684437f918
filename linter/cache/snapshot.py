"""A tree as a scan left it: the signatures of all that the result depends on, and what became of each package."""

from __future__ import annotations

import os
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from ..datatype import dataclass, field
from ..finding import Report, Skipped
from ..packages import Package
from ..packages.package import Folder
from ..packages.project import below, prefix
from ..pipeline import Outcome
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

    @classmethod
    def of(cls, outcome: Outcome, parsed: int) -> Known:
        """What is known of it later; `parsed` is for the first of its copies, which alone counts as parsed."""
        work = outcome.work
        blank = not (work.findings or work.skipped or work.gated)
        parsed = parsed if blank else -1
        return cls(outcome.files, outcome.bytes, outcome.omitted, outcome.key, parsed, outcome.skipped)


@dataclass(frozen=True, slots=True)
class Seen:
    """A package as it was found, in few bytes: there may be a great many."""

    path: str
    identity: tuple[str, ...]
    names: bytes  # of its files
    count: int  # how many those are
    root: str  # its real folder, where each file is in that as it is shown in `path`; else ""

    @classmethod
    def of(cls, package: Package, base: str) -> Seen:
        who = package.name, package.version, package.engines, package.root_engines
        names = [name(str(file.disk), base) for file in package.files]
        root = os.fsdecode(name(package.root, base)) if _is_plain(package) else ""
        return cls(package.path, who, b"\0".join(names), len(names), root)


def _is_plain(package: Package) -> bool:
    if not package.root:
        return False
    shown, real = prefix(package.path), below(package.root)
    last: Folder | None = None
    for folder, _, _ in package.files:
        if folder is not last and (folder.shown != shown + folder.inside or folder.disk != real + folder.inside):
            return False
        last = folder
    return True


@dataclass(slots=True)
class Snapshot:
    """A tree as it was kept, and what of it is as it was."""

    base: str
    names: Sequence[bytes]
    columns: Sequence[array[int]]
    changed: Sequence[int]
    kept: Tree
    _rows: list[tuple[Row, int]] | None = field(default=None, repr=False)
    _named: Mapping[str, int] | None = field(default=None, repr=False)
    _told: list[tuple[str, int, tuple[Skipped, ...]]] | None = field(default=None, repr=False)

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
        return self.whole_report() if not self.changed else None

    def whole_report(self) -> Report | None:
        """The report as it was, whatever has changed since. Raises ShapeError."""
        return report_read(self.kept.report) if self.kept.report else None

    def known(self, seen: Seen) -> Known | None:
        """What became of this package, when it and its files are as they were. Raises ShapeError."""
        if self._named is None:
            self._named = {row.text(0): number for number, (row, _) in enumerate(self.rows)}
        number = self._named.get(seen.path)
        if number is None:
            return None
        row, start = self.rows[number]
        if row.items[3] is None or row.texts(1) != seen.identity:
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
        return [key for key, _, _ in self.told if key]

    def amended(
        self, known: Mapping[int, Known | None], report: Report | None, others: Iterable[str], begun: int
    ) -> Tree:
        """The tree to be kept of a scan that began then, in which nothing is new but what is said of some rows."""
        from .store import Tree

        added = sorted({name(path, self.base) for path in others} - set(self.names))
        names = [*added, *self.names]
        again = signatures([*added, *(self.names[number] for number in self.changed)], self.base, {}, begun)
        columns = [new[: len(added)] + old for new, old in zip(again, self.columns, strict=True)]
        for at, number in enumerate(self.changed, len(added)):
            for new, column in zip(again, columns, strict=True):
                column[len(added) + number] = new[at]
        rows: list[Json] = [
            [*row.items[:3], _written(known[number]), row.items[4]] if number in known else row.items
            for number, (row, _) in enumerate(self.rows)
        ]
        return Tree(
            place=self.base,
            names=b"\0".join(names),
            signatures=b"".join(column.tobytes() for column in columns),
            report=report_written(report) if report else b"",
            packages=dumped([[skipped_written(one) for one in self.skipped], rows]),
        )

    def known_at(self, number: int) -> Known | None:
        """What became of a package, by its number in order, whatever has changed since. Raises ShapeError."""
        item = self.rows[number][0].items[3]
        return None if item is None else _known_of(item)

    @property
    def told(self) -> list[tuple[str, int, tuple[Skipped, ...]]]:
        """Of each package the key of its analysis, the number of its files, and what was skipped. Raises ShapeError."""
        if self._told is None:
            known = [self.known_at(number) for number in range(len(self.rows))]
            self._told = [(one.key, one.files, one.skipped) if one else ("", 0, ()) for one in known]
        return self._told

    @property
    def skipped(self) -> tuple[Skipped, ...]:
        """What was skipped on the way to the packages. Raises ShapeError."""
        return self._listed().each(0, skipped_of)

    @property
    def rows(self) -> list[tuple[Row, int]]:
        """What is kept of each package, with the place of its first file among the names. Raises ShapeError."""
        if self._rows is None:
            rows = [Row.of(item, 5) for item in Row.of(self._listed().items[1]).items]
            start = len(self.names) - sum(row.number(2) for row in rows)
            self._rows = []
            for row in rows:
                self._rows.append((row, start))
                start += row.number(2)
        return self._rows

    def _listed(self) -> Row:
        return Row.of(loaded(self.kept.packages), 2)


def written(
    done: Iterable[tuple[Seen, Known | None]],
    skipped: Iterable[Skipped],
    others: Iterable[str],
    report: Report | None,
    base: str,
    known: Mapping[bytes, Signature],
    begun: int,
) -> Tree:
    """The tree to be kept of a scan that began then (in ns since the epoch).

    `done` has each package on disk, and None where nothing can be said of it for later; `skipped` is what was on the
    way to them; `others` are the paths on which it depends that these are all; `report` is None when it may be another
    the next time, with nothing changed. `known` are the signatures that are known to hold.
    """
    names = [name(path, base) for path in others]
    rows: list[Json] = []
    for seen, result in done:
        names += seen.names.split(b"\0") if seen.count else ()
        rows.append([seen.path, [*seen.identity], seen.count, _written(result), seen.root])
    from .store import Tree

    columns = signatures(names, base, known, begun)
    return Tree(
        place=base,
        names=b"\0".join(names),
        signatures=b"".join(column.tobytes() for column in columns),
        report=report_written(report) if report else b"",
        packages=dumped([[skipped_written(one) for one in skipped], rows]),
    )


def _written(one: Known | None) -> Json:
    if one is None:
        return None
    return [one.files, one.bytes, one.omitted, one.key, one.parsed, [skipped_written(each) for each in one.skipped]]


def _known_of(item: Json) -> Known:
    row = Row.of(item, 6)
    return Known(row.number(0), row.number(1), row.number(2), row.text(3), row.number(4), row.each(5, skipped_of))
