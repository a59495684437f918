"""A kept tree in which few files have changed: their packages are all that has to be looked at.

That is so while each folder holds what it held: the same packages are made of the same files. Where that is not sure,
as where a folder, a link or a manifest came or went, packages are looked for anew.
"""

from __future__ import annotations

import os
import stat
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from ..datatype import replace
from ..finding import Finding, Gated, Omitted, Report, Skipped, Stats
from ..packages import File, Package
from ..packages.layout import holds_scripts, is_closed, is_source
from ..packages.package import Folder
from ..packages.project import below, prefix
from ..pipeline import Outcome
from ..work import Work
from .records import Row, ShapeError
from .snapshot import Known, Snapshot

MANY = 64  # changed files and folders; from more on packages are looked for anew
Find: TypeAlias = "Callable[[str, Sequence[File]], Work | None]"  # what is kept under a key, told of these files
# The findings of packages as they are told, and the paths that were skipped before packages were analysed.
Tell: TypeAlias = "Callable[[Sequence[tuple[Package, Work]], Sequence[str]], Iterable[Finding]]"


class Amendment:
    """What it takes to bring a tree's report up to date.

    `packages` are those with a changed file, in the order of the tree. Raises ShapeError when it cannot be done.
    """

    def __init__(self, kept: Snapshot, find: Find) -> None:
        report = kept.whole_report()
        self._kept, self._find = kept, find
        if report is None or len(kept.rows) != report.stats.packages:  # what is in archives is in no row
            raise ShapeError
        self._report = report
        changed = self._changed_rows()
        self._before = {number: self._result(number) for number in changed}
        self.packages = [self._package(number) for number in changed]
        self._names = {package.name for package in self.packages}
        # Whether a newer copy is free of a finding is said of all copies, so those of the same names are told anew.
        alike = [number for number, (row, _) in enumerate(kept.rows) if Row.of(row.items[1], 4).text(0) in self._names]
        self._alike = {number: self._package(number) for number in alike}
        self._near = {number: self._result(number)[1] for number in alike if number not in self._before}

    def report(self, outcomes: Sequence[Outcome], tell: Tell) -> Report:
        """The report with these outcomes for `packages`. `tell` is given packages of some names, all that there are."""
        after = dict(zip(self._before, outcomes, strict=True))
        works = self._near | {number: outcome.work for number, outcome in after.items()}
        group = [(package, works[number]) for number, package in self._alike.items()]
        old, new = [work for _, work in self._before.values()], [outcome.work for outcome in outcomes]
        return Report(
            findings=(
                *(finding for finding in self._report.findings if finding.package not in self._names),
                *tell(group, self._passed_over(after)),
            ),
            skipped=self._skipped(old, outcomes),
            gated=tuple(_gated(self._report.gated, old, new)),
            omitted=self._omitted(outcomes),
            stats=self._stats(after),
        )

    def known(self, outcomes: Sequence[Outcome]) -> dict[int, Known]:
        """What is to be kept of the outcomes, by the number of the row."""
        after = dict(zip(self._before, outcomes, strict=True))
        parsed = self._parsed(after)
        return {
            number: Known.of(outcome, parsed.get(outcome.key, outcome.work.parsed)) for number, outcome in after.items()
        }

    # -- which packages have changed -------------------------------------------------------------

    def _changed_rows(self) -> list[int]:
        kept = self._kept
        first = len(kept.names) - sum(row.number(2) for row, _ in kept.rows)
        if len(kept.changed) > MANY:
            raise ShapeError
        for number in kept.changed:
            if number < first:
                self._check_folder(kept.names[number], kept.names[:first], kept.names[first:])
            elif not _is(stat.S_ISREG, self._place(kept.names[number])):
                raise ShapeError
        files = [number for number in kept.changed if number >= first]
        ends = [start + row.number(2) for row, start in kept.rows]
        return sorted({bisect_right(ends, number) for number in files})

    def _check_folder(self, name: bytes, others: Sequence[bytes], files: Sequence[bytes]) -> None:
        """Raises ShapeError unless it is a folder, with what matters in it as it was when it was entered."""
        path = self._place(name)
        start = b"" if name == b"." else name.rstrip(b"/") + b"/"
        known, sources = _directly(others, start), set[bytes]()
        if not _is(stat.S_ISDIR, path) or holds_scripts(os.fsdecode(path)):
            raise ShapeError
        try:
            with os.scandir(path) as entries:
                for entry in entries:
                    called = os.fsdecode(entry.name)
                    if entry.is_symlink() or called == ".yarn":
                        raise ShapeError
                    if entry.is_dir() and is_closed(called):
                        continue
                    if (entry.is_dir() or called == "package.json") and entry.name not in known:
                        raise ShapeError
                    if is_source(called) and not entry.is_dir():
                        sources.add(entry.name)
                        if not entry.is_file():
                            raise ShapeError
        except OSError:
            raise ShapeError from None
        if sources != _directly(files, start):
            raise ShapeError

    def _place(self, name: bytes) -> bytes:
        base = os.fsencode(self._kept.base)
        return base if name == b"." else os.path.join(base, name)

    def _package(self, number: int) -> Package:
        row, start = self._kept.rows[number]
        name, version, engines, root_engines = row.texts(1)
        path, root = row.text(0), os.fsencode(row.text(4))
        places = [os.fsdecode(self._place(each)) for each in self._kept.names[start : start + row.number(2)]]
        if places and not root:
            raise ShapeError
        real = os.fsdecode(self._place(root)) if places else ""
        folder = Folder(prefix(path), "", below(real))
        if not all(place.startswith(folder.disk) for place in places):
            raise ShapeError
        files = tuple(File(folder, place[len(folder.disk) :]) for place in places)
        return Package(name, version, path, engines, files, None, root_engines, real)

    def _result(self, number: int) -> tuple[Known, Work]:
        known = self._kept.known_at(number)
        if known is None:
            raise ShapeError
        if not known.key or known.parsed >= 0:
            return known, Work(parsed=max(0, known.parsed))
        work = self._find(known.key, self._package(number).files)
        if work is None:  # it was taken out to make room
            raise ShapeError
        return known, work

    # -- the report ------------------------------------------------------------------------------

    def _passed_over(self, after: Mapping[int, Outcome]) -> list[str]:
        """The paths of what was skipped while packages were looked for, and their files read."""
        found = [one.path for one in self._kept.skipped]
        for number, (_, _, skipped) in enumerate(self._kept.told):
            now = after[number].skipped if number in after else skipped
            found += [one.path for one in now]
        return found

    def _skipped(self, old: Sequence[Work], outcomes: Sequence[Outcome]) -> tuple[Skipped, ...]:
        gone = Counter(one for known, _ in self._before.values() for one in known.skipped)
        gone.update(one for work in old for one in work.skipped)
        left: list[Skipped] = []
        for one in self._report.skipped:
            if gone[one]:
                gone[one] -= 1
            else:
                left.append(one)
        new = (one for outcome in outcomes for one in (*outcome.skipped, *outcome.work.skipped))
        return tuple(sorted((*left, *new), key=lambda one: one.path))

    def _omitted(self, outcomes: Sequence[Outcome]) -> tuple[Omitted, ...]:
        counts = Counter({one.by: one.count for one in self._report.omitted})
        counts["paths"] += sum(outcome.omitted for outcome in outcomes)
        counts["paths"] -= sum(known.omitted for known, _ in self._before.values())
        return tuple(Omitted(by, count) for by, count in sorted(counts.items()) if count)

    def _stats(self, after: Mapping[int, Outcome]) -> Stats:
        stats, known = self._report.stats, [known for known, _ in self._before.values()]
        parsed = self._parsed(after)
        before = [(key, files) for key, files, _ in self._kept.told]
        now = [(after[n].key, after[n].files) if n in after else each for n, each in enumerate(before)]
        (parsed_before, copied_before), (parsed_now, copied_now) = (_counted(each, parsed) for each in (before, now))
        return replace(
            stats,
            files=stats.files + sum(o.files for o in after.values()) - sum(one.files for one in known),
            bytes=stats.bytes + sum(o.bytes for o in after.values()) - sum(one.bytes for one in known),
            parsed=stats.parsed + parsed_now - parsed_before,
            duplicates=stats.duplicates + copied_now - copied_before,
        )

    def _parsed(self, after: Mapping[int, Outcome]) -> dict[str, int]:
        """How many files are parsed for each of the contents that came or went, by its key."""
        parsed: dict[str, int] = {}
        for outcome in after.values():
            if outcome.key:
                parsed[outcome.key] = max(parsed.get(outcome.key, 0), outcome.work.parsed)
        parsed.update({known.key: work.parsed for known, work in self._before.values() if known.key})
        return parsed


def _counted(packages: Iterable[tuple[str, int]], parsed: Mapping[str, int]) -> tuple[int, int]:
    """The files parsed, and those of copies, among the packages whose keys are asked about; the first is no copy."""
    seen: set[str] = set()
    copied = 0
    for key, files in packages:
        if key in parsed:
            copied += files if key in seen else 0
            seen.add(key)
    return sum(parsed[key] for key in seen), copied


def _gated(before: Iterable[Gated], old: Iterable[Work], new: Iterable[Work]) -> Iterator[Gated]:
    counts = Counter({(one.rule, one.node, one.outside): one.count for one in before})
    for works, sign in ((old, -1), (new, 1)):
        for one in (gated for work in works for gated in work.gated):
            counts[one.rule, one.node, one.outside] += sign * one.count
    for (rule, node, outside), count in sorted(counts.items()):
        if count:
            yield Gated(rule, node, count, outside)


def _directly(names: Iterable[bytes], start: bytes) -> set[bytes]:
    """Of these names those in the folder that they start with, as they are called in it."""
    inside = (name[len(start) :] for name in names if name.startswith(start))
    return {name for name in inside if name and b"/" not in name}


def _is(kind: Callable[[int], bool], path: bytes) -> bool:
    """Whether what lies there itself is of this kind; a link is none of the others."""
    try:
        return kind(os.lstat(path).st_mode)
    except OSError:
        return False
