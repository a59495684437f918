"""Many files: package by package, each content once, every installed copy reported."""

from __future__ import annotations

import os
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from .datatype import replace
from .finding import Finding, Gated, Omitted, Report, Skipped, Stats
from .meter import Meter, measuring, phase, timed
from .packages import File, Package, discover, unfit
from .pipeline import Outcome, Pipeline
from .progress import Progress
from .repository import below_root
from .rule import Rule
from .work import STDIN, Settings, Work

if TYPE_CHECKING:
    from .cache import Cache
    from .cache.memory import Memory
    from .dependencies import Dependencies
    from .orders import Task

__all__ = ["STDIN", "Progress", "Settings", "check", "fix"]

# Bytes beside the largest package for which workers pay. With the recommended rules 257 KiB in 36 packages cost one
# process 1.4 s of the processor, and two workers 1.6 s together.
_PAYS = 1 << 18


def check(
    paths: Sequence[str],
    rules: Sequence[Rule],
    settings: Settings,
    *,
    stdin: Callable[[], bytes],
    progress: Callable[[Progress], None] | None = None,
    stats: bool = False,
    jobs: int | None = 1,
    cache: Cache | None = None,
) -> Report:
    """What the rules find at these paths. `stats` asks for a profile in the report's stats.

    With a `cache` what has not changed since an earlier scan is not looked at again; the report is the same.
    `jobs` is the greatest number of worker processes; 1: no other than this one; None: as many as there are processors,
    where that pays. The report is the same. Raises InputError for a path that cannot be scanned at all.
    """
    memory = cache.memory(paths, rules, settings, mends=False) if cache else None
    scan = _Scan(rules, settings, progress, jobs, mends=False, memory=memory)
    report = scan.measured(paths, stdin, Meter() if stats else None)
    if cache and memory:
        cache.trouble = memory.works.trouble
    return report


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
        memory: Memory | None = None,
    ) -> None:
        self.memory = memory
        self.rules, self.settings, self.progress, self.jobs, self.mends = rules, settings, progress, jobs, mends
        self.processes = 1
        self.skipped: list[Skipped] = []
        self.outcomes: dict[int, Outcome] = {}  # by the place of the package in the order of discovery
        self.packages: list[Package] = []  # in the order of discovery, without their files
        self.sizes: dict[int, int] = {}  # about how many bytes, where that was asked
        self.whole = False  # whether all packages are known
        self.found: Counter[Literal["files", "bytes"]] = Counter()
        self.done: Counter[Literal["files", "findings", "bytes"]] = Counter()
        self.omitted: Counter[Literal["packages", "production", "paths"]] = Counter()

    def measured(self, paths: Sequence[str], stdin: Callable[[], bytes], meter: Meter | None) -> Report:
        self.start = time.monotonic()
        with measuring(meter):
            before = self._remembered()
            report = self._judged(before) if before else self.report(paths, stdin, meter)
        if self.memory:
            self.memory.close()
        reuse = self.memory.reuse if self.memory else None
        profile = replace(meter.profile(self.processes), reuse=reuse) if meter else None
        return replace(report, stats=replace(report.stats, profile=profile))

    def report(self, paths: Sequence[str], stdin: Callable[[], bytes], meter: Meter | None) -> Report:
        works = self.memory.works if self.memory else None
        pipeline = Pipeline(self.rules, self.settings, self.mends, self._tell, works)
        if STDIN in paths and (read := self._read(stdin())):
            package, files = read
            self._take(self._numbered(package)[0], pipeline.on(package, files))
        with phase("walk"):
            few = self.memory.few() if self.memory else None
        found = timed("walk", self._packages([path for path in paths if path != STDIN]))
        tasks = self._changed(map(self._numbered, found)) if few is None else map(self._numbered, few)
        begun, jobs = self._begun(tasks)
        if jobs:
            from .workers import Crew

            crew = Crew(self.rules, self.settings, self.mends, meter, self._tell, works)
            todo = self._known(chain(begun, tasks))
            with closing(crew.analysed(todo, self._size, jobs)) as outcomes:  # whatever ends this ends the workers
                for number, outcome in outcomes:
                    self._learn(number, outcome)
            self.processes = crew.hired + 1
        else:
            todo = self._known(chain(begun, tasks))
            for number, package in list(todo) if self.progress else todo:  # how much there is, is known only at its end
                self._learn(number, pipeline.of(package))
        with phase("report"):
            done = [self.outcomes[number] for number in range(len(self.packages))]
            if self.memory and few is not None:
                return self._judged(self.memory.amended(done, self._told))
            return self._assembled(done)

    def _numbered(self, package: Package) -> Task:
        """The package with its number. Of many packages the files are not kept longer than they are needed."""
        self.packages.append(replace(package, files=()))
        self.found["files"] += len(package.files)
        number = len(self.packages) - 1
        if self.progress:
            self.found["bytes"] += self._size((number, package))
        return number, package

    def _known(self, tasks: Iterable[Task]) -> Iterator[Task]:
        yield from tasks
        self.whole = True

    def _remembered(self) -> Report | None:
        """What was told of before and holds still, when nothing at all has changed."""
        with phase("walk"):
            return self.memory.whole() if self.memory else None

    def _changed(self, tasks: Iterable[Task]) -> Iterator[Task]:
        """The packages that have to be looked at; of the others it is known what became of them."""
        for number, package in tasks:
            outcome = self.memory.outcome(package) if self.memory else None
            if outcome:
                self._take(number, outcome)
            else:
                yield number, package

    def _learn(self, number: int, outcome: Outcome) -> None:
        self._take(number, self.memory.learnt(outcome) if self.memory else outcome)

    def _assembled(self, outcomes: Sequence[Outcome]) -> Report:
        outcomes = self.memory.counted(outcomes) if self.memory else outcomes
        on_the_way = tuple(self.skipped)
        works = [outcome.work for outcome in outcomes]
        self.skipped.extend(skipped for outcome in outcomes for skipped in outcome.skipped)
        self.omitted["paths"] += sum(outcome.omitted for outcome in outcomes)
        report = Report(
            findings=tuple(self._told(list(zip(self.packages, works, strict=True)), [s.path for s in self.skipped])),
            patches=tuple(sorted((p for w in works for p in w.patches), key=lambda p: p.path)),
            skipped=tuple(sorted((*self.skipped, *(s for w in works for s in w.skipped)), key=lambda s: s.path)),
            gated=tuple(_summed(g for w in works for g in w.gated)),
            omitted=tuple(Omitted(by, count) for by, count in sorted(self.omitted.items()) if count),
            stats=Stats(
                len(outcomes), sum(o.files for o in outcomes), sum(o.bytes for o in outcomes),
                sum(w.parsed for w in works), sum(o.duplicates for o in outcomes),
            ),
        )  # fmt: skip
        if self.memory:
            self.memory.keep(outcomes, on_the_way, report)
        return self._judged(report)

    def _judged(self, report: Report) -> Report:
        """The report as the project's decisions, and the time, have it."""
        kept, suppressed = self.settings.scope.parted(sorted(map(_placed, report.findings), key=_order))
        stats = replace(report.stats, seconds=time.monotonic() - self.start)
        return replace(report, findings=tuple(kept), suppressed=tuple(suppressed), stats=stats)

    @cached_property
    def dependencies(self) -> Dependencies:
        from .dependencies import Dependencies  # a scan that finds nothing asks about none

        return Dependencies(self.memory.met if self.memory else None)

    def _told(self, done: Sequence[tuple[Package, Work]], skipped: Sequence[str]) -> Iterator[Finding]:
        if not any(work.findings for _, work in done):
            return iter(())
        from .provenance import told

        scope = self.settings.scope
        whole = not scope.paths and not (self.mends and scope.suppress)  # whether each package was looked at as a whole
        return told(done, self.dependencies, skipped if whole else None)

    def _read(self, data: bytes) -> tuple[Package, list[tuple[File, bytes]]] | None:
        """What stdin holds, as a package of one file."""
        file = File.single(STDIN, STDIN, "")
        if (why := unfit(STDIN, data)) is not None:
            self.skipped.append(why)
            return None
        return Package("", "", STDIN, "", (file,)), [(file, data)]

    def _packages(self, paths: Sequence[str]) -> Iterator[Package]:
        met = self.memory.met if self.memory else None
        for package in discover(paths, self.skipped.append, met) if paths else ():
            if by := self.settings.scope.omits(package, lambda: self.dependencies):
                self.omitted[by] += 1
            else:
                yield package

    def _begun(self, tasks: Iterator[Task]) -> tuple[list[Task], int]:
        """How many workers there are to be, 0 for none but this process, and the tasks it took to know that."""
        if self.jobs is not None:
            return [], self.jobs if self.jobs > 1 else 0
        begun: list[Task] = []
        sizes: Counter[tuple[str, str]] = Counter()  # of what may be copies of one another, and so is for one worker
        whole = largest = 0
        for task in tasks:
            begun.append(task)
            name, size = (task[1].name, task[1].version), self._size(task)
            sizes[name] += size
            whole, largest = whole + size, max(largest, sizes[name])
            if whole - largest >= _PAYS:
                from .workers import usable_cpus  # only now, for it brings multiprocessing

                return begun, usable_cpus() if usable_cpus() > 1 else 0
        return begun, 0

    def _size(self, task: Task) -> int:
        """About how many bytes there are to be looked at."""
        number, package = task
        if number not in self.sizes:
            on_disk = (file.disk for file in package.files)
            self.sizes[number] = sum(map(_bytes_of, on_disk if package.archive is None else [package.archive]))
        return self.sizes[number]

    def _take(self, number: int, outcome: Outcome) -> None:
        self.outcomes[number] = outcome
        self.done.update(files=outcome.files, findings=len(outcome.work.findings), bytes=self.sizes.get(number, 0))
        self._tell(self.packages[number].path)

    def _tell(self, path: str) -> None:
        if self.progress is None:
            return
        done, left = self.done, self._left() if self.whole else None
        of_files, of_packages = (self.found["files"], len(self.packages)) if self.whole else (None, None)
        self.progress(
            Progress(done["files"], len(self.outcomes), done["findings"], path, of_files, of_packages, left)
        )  # fmt: skip

    def _left(self) -> float | None:
        """The seconds that the rest takes, if it goes on as it went so far, byte for byte."""
        done = self.done["bytes"]
        return (time.monotonic() - self.start) * (self.found["bytes"] - done) / done if done else None


def _bytes_of(path: str | Path) -> int:
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
