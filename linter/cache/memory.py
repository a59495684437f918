"""What one scan remembers of those before it, and leaves to those that come."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from ..datatype import dataclass, field, replace
from ..digest import sha256
from ..finding import Report, Skipped
from ..meter import Reuse
from ..packages import File, Package
from ..packages.met import Met
from ..pipeline import Outcome
from ..rule import Rule
from ..work import Settings, Work
from .place import CacheError
from .records import ShapeError, work_read, work_written
from .snapshot import Known, Seen, Snapshot, written

if TYPE_CHECKING:
    from .amending import Amendment, Tell
    from .store import Store

T = TypeVar("T")
# What is the same each time the same bytes are looked at. Anything else (a budget of time, a dead process, a file that
# vanished) may go better the next time, and is tried again.
_LASTING = frozenset({
    "binary", "too-large", "too-deep", "partial", "unparsable", "encoding", "special", "loop", "archive",
    "package-json", "unsafe-fix", "waiting",
})  # fmt: skip
_MANY, _SOON = 64, 2.0  # so many results, or seconds, after which those of a long scan are kept


@dataclass(slots=True)
class Works:
    """What became of packages, by what is in them. Each process that has one has a connection of its own.

    The store is in `folder`, of at most `limit` bytes; what else a result depends on is asked when there is one to look
    for: most files no rule has anything to do with.
    """

    folder: Path
    limit: int
    environment: Callable[[], bytes]
    trouble: str = ""  # why the store cannot be used any more
    _store: Store | None = None
    _made: bytes = b""

    @property
    def store(self) -> Store:
        if self._store is None:
            from .store import Store  # brings SQLite

            self._store = Store(self.folder, self.limit)
        return self._store

    @property
    def made(self) -> bytes:
        """What tells this environment from any other, as a hash. Raises OSError."""
        self._made = self._made or self.environment()
        return self._made

    def key(self, contents: str) -> bytes:
        return sha256(self.made + contents.encode()).digest()

    def work(self, contents: str, files: Iterable[File]) -> Work | None:
        """What became of a package with these contents (a key of Pipeline), told of these files."""
        data = self.tried(lambda: self.store.work(self.key(contents)))
        with suppress(ShapeError):
            return None if data is None else work_read(data, files)
        return None

    def record(self, work: Work, files: Iterable[File]) -> str:
        """What is to be kept of it; nothing where it may go better the next time."""
        return work_written(work, files).decode() if _lasts(work.skipped) else ""

    def tried(self, what: Callable[[], T]) -> T | None:
        """What comes of using the store; None when it cannot be used."""
        if self.trouble:
            return None
        try:
            return what()
        except (CacheError, OSError) as error:  # the latter: the program itself cannot be looked at
            self.trouble = str(error)
            return None


@dataclass(slots=True)
class Memory:
    """The memory of one scan; it begins before anything is looked at. `tree` is the key of what is scanned, and how.

    Without one it knows of contents only: a file or two are read sooner than all is asked that they depend on.
    """

    works: Works
    tree: bytes = b""
    base: str = ""  # the real folder that names are counted from
    met: Met = field(default_factory=Met)
    begun: int = field(default_factory=time.time_ns)
    unchanged: int = 0  # packages, as in Reuse
    known: int = 0
    analysed: int = 0
    _snapshot: Snapshot | None = None
    _amendment: Amendment | None = None
    _seen: list[Seen | None] = field(default_factory=list)  # the packages, in order; None for one in an archive
    _results: list[tuple[bytes, bytes]] = field(default_factory=list)
    _since: float = field(default_factory=time.monotonic)

    def whole(self) -> Report | None:
        """The report of the last scan as Scan._assembled has it, if nothing that it depends on has changed."""
        kept = self.works.tried(lambda: self.works.store.tree(self.tree)) if self.tree else None
        if kept is None:
            return None
        tree, used = kept
        with suppress(ShapeError, OSError):
            self._snapshot = Snapshot.of(tree, self.base)
            report = self._snapshot.report()
            if report is not None:
                self.unchanged = report.stats.packages
                self._tell_of_use(self._snapshot, used)
            return report
        return None

    @property
    def reuse(self) -> Reuse:
        return Reuse(self.unchanged, self.known, self.analysed)

    def outcome(self, package: Package) -> Outcome | None:
        """What became of a package, when neither it nor any of its files has changed. To be asked of each, in order."""
        if not self.tree:
            return None
        if package.archive is not None:  # looked at as a whole, and known among what else was met
            self._seen.append(None)
            return None
        seen = Seen.of(package, self.base)
        self._seen.append(seen)
        with suppress(ShapeError):
            known = self._snapshot.known(seen) if self._snapshot else None
            work = self._work(known, package) if known else None
            if known and work:
                self.unchanged += 1
                return Outcome(work, known.skipped, known.files, known.bytes, 0, known.omitted, known.key)
        return None

    def _work(self, known: Known, package: Package) -> Work | None:
        if known.key and known.parsed < 0:
            return self.works.work(known.key, package.files)
        return Work(parsed=max(0, known.parsed))

    def learnt(self, outcome: Outcome) -> Outcome:
        """The outcome for a package that was looked at, once what is to be kept of it is."""
        if not outcome.key or outcome.duplicates:
            return outcome
        if outcome.record or not _lasts(outcome.work.skipped):
            self.analysed += 1
        else:
            self.known += 1
        if outcome.record and _lasts(outcome.work.skipped):
            key = self.works.tried(lambda: self.works.key(outcome.key))
            self._results += [(key, outcome.record.encode())] if key else []
        if len(self._results) >= _MANY or time.monotonic() - self._since > _SOON:
            self._flush()
        return replace(outcome, record="")

    def counted(self, outcomes: Sequence[Outcome]) -> Sequence[Outcome]:
        """The outcomes in order, a copy counting as one of the first in the scan, whoever looked at which when."""
        seen: set[str] = set()
        counted: list[Outcome] = []
        for outcome in outcomes:
            copy = outcome.key in seen
            if outcome.key:
                seen.add(outcome.key)
            if copy and not outcome.duplicates:
                work = replace(outcome.work, parsed=0)
                counted.append(replace(outcome, work=work, duplicates=outcome.files))
            else:
                counted.append(outcome)
        return counted

    def keep(self, outcomes: Sequence[Outcome], skipped: Sequence[Skipped], report: Report) -> None:
        """Keeps the whole: what became of each package, in order; what was skipped on the way; and the report."""
        self._flush()
        if not self.tree or not self.met.complete or not _lasts(skipped):
            return
        rows = [(seen, known) for seen, known in zip(self._seen, _known(outcomes), strict=True) if seen]
        whole = all(map(_is_lasting, outcomes))
        holding = self._snapshot.holding() if self._snapshot else {}
        others = sorted({path.rstrip(os.sep) or os.sep for path in (*self.met.folders, *self.met.others)})
        with suppress(OSError):  # the base is gone
            tree = written(rows, skipped, others, report if whole else None, self.base, holding, self.begun)
            self.works.tried(lambda: self.works.store.keep([], [(self.tree, tree)]))

    def few(self) -> Sequence[Package] | None:
        """The packages with a changed file, when it is sure that nothing else has changed that matters; else None."""
        if self._snapshot is None:
            return None
        from .amending import Amendment

        with suppress(ShapeError, ValueError):
            self._amendment = Amendment(self._snapshot, self.works.work)
            self.unchanged = len(self._snapshot.rows) - len(self._amendment.packages)
            return self._amendment.packages
        return None

    def amended(self, outcomes: Sequence[Outcome], tell: Tell) -> Report:
        """The report with these outcomes for those few packages, in order; it is kept as `keep` does."""
        assert self._snapshot
        assert self._amendment
        self._flush()
        report = self._amendment.report(outcomes, tell)
        if not self.met.complete:
            return report
        lasting = [*map(_is_lasting, outcomes)]
        known = self._amendment.known(outcomes).items()
        rows = {number: one if lasts else None for (number, one), lasts in zip(known, lasting, strict=True)}
        with suppress(OSError):
            tree = self._snapshot.amended(
                rows, report if all(lasting) else None, {*self.met.folders, *self.met.others}, self.begun
            )
            self.works.tried(lambda: self.works.store.keep([], [(self.tree, tree)]))
        return report

    def close(self) -> None:
        if not (self.tree or self.known or self.analysed):
            return  # nobody asked
        figures = [("scans", 1), ("unchanged", self.unchanged), ("known", self.known), ("analysed", self.analysed)]
        self.works.tried(lambda: self.works.store.count(figures))
        self.works.store.close()

    def _flush(self) -> None:
        if self._results:
            self.works.tried(lambda: self.works.store.keep(self._results))
        self._results, self._since = [], time.monotonic()

    def _tell_of_use(self, snapshot: Snapshot, used: int) -> None:
        """Now and then, so that what is of use is not taken for old."""
        from .store import DAY

        if time.time() - used > DAY:
            works = [self.works.key(key) for key in snapshot.analyses()]
            self.works.tried(lambda: self.works.store.used([self.tree], works))


def environment(rules: Sequence[Rule], settings: Settings, mends: bool) -> bytes:
    """As linter/cache/identity.py has it. Raises OSError."""
    from . import identity  # looks into each file of the program, and brings what it takes for that

    return identity.environment(rules, settings, mends=mends)


def _known(outcomes: Sequence[Outcome]) -> list[Known | None]:
    parsed: dict[str, int] = {}  # by the first of its copies, which alone counts as parsed
    known: list[Known | None] = []
    for outcome in outcomes:
        first = parsed.setdefault(outcome.key, outcome.work.parsed)
        known.append(Known.of(outcome, first) if _is_lasting(outcome) else None)
    return known


def _is_lasting(outcome: Outcome) -> bool:
    return _lasts(outcome.skipped) and _lasts(outcome.work.skipped)


def _lasts(skipped: Sequence[Skipped]) -> bool:
    return all(one.reason in _LASTING for one in skipped)
