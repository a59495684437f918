"""Many files: package by package, each content once, every installed copy reported."""

from __future__ import annotations

import os
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from .finding import Finding, Gated, Omitted, Report, Skipped, Stats
from .meter import Meter, measuring, phase, timed
from .packages import File, Package, discover, unfit
from .pipeline import Outcome, Pipeline
from .repository import below_root
from .rule import Rule
from .work import STDIN, Settings, Work

if TYPE_CHECKING:
    from .dependencies import Dependencies
    from .workers import Task

__all__ = ["STDIN", "Progress", "Settings", "check", "fix"]

# Bytes beside the largest package for which workers pay. Two cost about 25 ms to start and 0.4 s of the processor for
# what each has to find out anew about the rules; a second of it goes through about 280 kB. (Measured before the pages
# of rules were compiled on demand.)
_PAYS = 1 << 18


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a scan is. `left`: about so many seconds to go, None while that cannot be told."""

    files: int
    packages: int
    findings: int
    path: str
    of_files: int
    of_packages: int
    left: float | None = None


def check(
    paths: Sequence[str],
    rules: Sequence[Rule],
    settings: Settings,
    *,
    stdin: Callable[[], bytes],
    progress: Callable[[Progress], None] | None = None,
    stats: bool = False,
    jobs: int | None = 1,
) -> Report:
    """What the rules find at these paths. `stats` asks for a profile in the report's stats.

    `jobs` is the greatest number of worker processes; 1: no other than this one; None: as many as there are processors,
    where that pays. The report is the same. Raises InputError for a path that cannot be scanned at all.
    """
    return _Scan(rules, settings, progress, jobs, mends=False).measured(paths, stdin, Meter() if stats else None)


def fix(
    paths: Sequence[str],
    rules: Sequence[Rule],
    settings: Settings,
    *,
    stdin: Callable[[], bytes],
    progress: Callable[[Progress], None] | None = None,
    stats: bool = False,
    jobs: int | None = 1,
) -> Report:
    """The same findings, and the patches that mend them: nothing is written. Raises InputError."""
    return _Scan(rules, settings, progress, jobs, mends=True).measured(paths, stdin, Meter() if stats else None)


class _Scan:
    def __init__(
        self,
        rules: Sequence[Rule],
        settings: Settings,
        progress: Callable[[Progress], None] | None,
        jobs: int | None,
        *,
        mends: bool,
    ) -> None:
        self.rules, self.settings, self.progress, self.jobs, self.mends = rules, settings, progress, jobs, mends
        self.processes = 1
        self.skipped: list[Skipped] = []
        self.outcomes: dict[int, Outcome] = {}  # by the place of the package in the order of discovery
        self.done: Counter[Literal["files", "findings", "bytes"]] = Counter()
        self.omitted: Counter[Literal["packages", "production", "paths"]] = Counter()

    def measured(self, paths: Sequence[str], stdin: Callable[[], bytes], meter: Meter | None) -> Report:
        with measuring(meter):
            report = self.report(paths, stdin, meter)
        profile = meter.profile(self.processes) if meter else None
        return replace(report, stats=replace(report.stats, profile=profile))

    def report(self, paths: Sequence[str], stdin: Callable[[], bytes], meter: Meter | None) -> Report:
        self.start = time.monotonic()
        first = [read] if STDIN in paths and (read := self._read(stdin())) else []
        packages = [package for package, _ in first]
        packages += timed("walk", self._packages([path for path in paths if path != STDIN]))
        self.packages, self.files = packages, sum(len(package.files) for package in packages)
        self.sizes = [_size(package) for package in packages] if self.progress or self.jobs != 1 else []
        self.bytes = sum(self.sizes)
        pipeline = Pipeline(self.rules, self.settings, self.mends, self._tell)
        for number, (package, files) in enumerate(first):
            self._take(number, pipeline.on(package, files))
        rest = list(enumerate(packages[len(first) :], len(first)))
        groups = self._groups(rest)
        if jobs := self._workers(groups):
            from .workers import Crew

            self.processes = jobs + 1
            crew = Crew(self.rules, self.settings, self.mends, meter, self._tell)
            with closing(crew.analysed(groups, jobs)) as outcomes:  # whatever ends this ends the workers
                for number, outcome in outcomes:
                    self._take(number, outcome)
        else:
            for number, package in rest:
                self._take(number, pipeline.of(package))
        with phase("report"):
            return self._assembled([self.outcomes[number] for number in range(len(packages))])

    def _assembled(self, outcomes: Sequence[Outcome]) -> Report:
        works = [outcome.work for outcome in outcomes]
        self.skipped.extend(skipped for outcome in outcomes for skipped in outcome.skipped)
        self.omitted["paths"] += sum(outcome.omitted for outcome in outcomes)
        told_of = self._told(list(zip(self.packages, works, strict=True)))
        kept, suppressed = self.settings.scope.parted(sorted(map(_placed, told_of), key=_order))
        return Report(
            findings=tuple(kept),
            patches=tuple(sorted((p for w in works for p in w.patches), key=lambda p: p.path)),
            skipped=tuple(sorted((*self.skipped, *(s for w in works for s in w.skipped)), key=lambda s: s.path)),
            gated=tuple(_summed(g for w in works for g in w.gated)),
            suppressed=tuple(suppressed),
            omitted=tuple(Omitted(by, count) for by, count in sorted(self.omitted.items()) if count),
            stats=Stats(
                len(outcomes), sum(o.files for o in outcomes), sum(o.bytes for o in outcomes),
                sum(w.parsed for w in works), sum(o.duplicates for o in outcomes), time.monotonic() - self.start,
            ),
        )  # fmt: skip

    @cached_property
    def dependencies(self) -> Dependencies:
        from .dependencies import Dependencies  # a scan that finds nothing asks about none

        return Dependencies()

    def _told(self, done: Sequence[tuple[Package, Work]]) -> Iterator[Finding]:
        if not any(work.findings for _, work in done):
            return iter(())
        from .provenance import told

        scope = self.settings.scope
        whole = not scope.paths and not (self.mends and scope.suppress)  # whether each package was looked at as a whole
        return told(done, self.dependencies, [s.path for s in self.skipped] if whole else None)

    def _read(self, data: bytes) -> tuple[Package, dict[File, bytes]] | None:
        """What stdin holds, as a package of one file."""
        file = File(STDIN, STDIN, None)
        if (why := unfit(STDIN, data)) is not None:
            self.skipped.append(why)
            return None
        return Package("", "", STDIN, "", (file,)), {file: data}

    def _packages(self, paths: Sequence[str]) -> Iterator[Package]:
        for package in discover(paths, self.skipped.append) if paths else ():
            if by := self.settings.scope.omits(package, lambda: self.dependencies):
                self.omitted[by] += 1
            else:
                yield package

    def _groups(self, numbered: Sequence[Task]) -> list[list[Task]]:
        """What may be copies of one another together, in order; the groups with most to look at first."""
        groups: dict[tuple[str, str], list[Task]] = defaultdict(list)
        for number, package in numbered if self.jobs != 1 else ():
            groups[package.name, package.version].append((number, package))
        return sorted(groups.values(), key=self._weight, reverse=True)

    def _weight(self, group: Sequence[Task]) -> int:
        return sum(self.sizes[number] for number, _ in group)

    def _workers(self, groups: Sequence[Sequence[Task]]) -> int:
        """How many workers there are to be; 0: this process does it all."""
        if self.jobs is not None:
            return min(self.jobs, len(groups)) if self.jobs > 1 else 0
        aside = sum(map(self._weight, groups[1:]))  # what can be done beside the largest group
        if aside < _PAYS:
            return 0
        from .workers import usable_cpus  # only now, for it brings multiprocessing

        return min(usable_cpus(), len(groups)) if usable_cpus() > 1 else 0

    def _take(self, number: int, outcome: Outcome) -> None:
        self.outcomes[number] = outcome
        self.done.update(files=outcome.files, findings=len(outcome.work.findings))
        if self.sizes:
            self.done.update(bytes=self.sizes[number])
        self._tell(self.packages[number].path)

    def _tell(self, path: str) -> None:
        if self.progress is None:
            return
        done, left = self.done, self._left()
        all_files, packages = self.files, len(self.packages)
        self.progress(Progress(done["files"], len(self.outcomes), done["findings"], path, all_files, packages, left))

    def _left(self) -> float | None:
        """The seconds that the rest takes, if it goes on as it went so far, byte for byte."""
        done = self.done["bytes"]
        return (time.monotonic() - self.start) * (self.bytes - done) / done if done else None


def _size(package: Package) -> int:
    """About how many bytes there are to be looked at."""
    if package.archive is not None:
        return _bytes_of(package.archive)
    return sum(_bytes_of(file.disk) for file in package.files if file.disk is not None)


def _bytes_of(path: Path) -> int:
    with suppress(OSError):
        return os.stat(path).st_size
    return 0


def _placed(finding: Finding) -> Finding:
    """A file of no package is told apart by its place in the repository, from wherever the scan began."""
    if finding.package or finding.path == STDIN:
        return finding
    from .fingerprint import fingerprint

    place = below_root(finding.path) or finding.file
    return replace(finding, fingerprint=fingerprint(finding.fingerprint, place))


def _summed(gated: Iterable[Gated]) -> Iterator[Gated]:
    counts: dict[tuple[str, str, str], int] = defaultdict(int)
    for one in gated:
        counts[one.rule, one.node, one.outside] += one.count
    for (rule, node, outside), count in sorted(counts.items()):
        yield Gated(rule, node, count, outside)


def _order(finding: Finding) -> tuple[str, int, int, str]:
    return finding.path, finding.span.start, finding.span.end, finding.rule
