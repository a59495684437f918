"""Packages analysed in worker processes: what kills or stalls a worker costs the file it was on, not the scan.

Workers are forked on Linux, from a process with one thread: that takes milliseconds, and they have the parser and the
list of rules already. Elsewhere (macOS, whose libraries do not bear it; a host program with threads, whose locks would
be copied as they are held) they are spawned. An executor of concurrent.futures does not serve: it breaks as a whole
when one of its processes dies, does not say on what, and runs threads in the process that forks.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import suppress
from multiprocessing import connection, get_context
from multiprocessing.context import ForkContext, SpawnContext
from multiprocessing.process import BaseProcess
from typing import TYPE_CHECKING, Literal

from .datatype import dataclass, field, replace
from .finding import Skipped
from .meter import Meter
from .orders import Orders
from .pipeline import Outcome
from .rule import Rule
from .work import Settings, Work, Works
from .worker import BUG, NO_ROOM, Job, serve

if TYPE_CHECKING:
    from .orders import Task
    from .packages import Package
    from .worker import ToWorker

CPU_SECONDS = 120.0  # of the processor for one file, far above the budgets that the analysis keeps by itself
CLOCK_SECONDS = 900.0  # the same for a worker that waits for ever, on a disk that does not answer, say
# Bytes that a worker may take, beyond those that it was born with: a forked one has all that its host holds.
MEMORY = 2 << 30  # for one file and what it needs besides
WORN = 32 << 20  # from here on it is replaced when it has done an order: what large files took is never all free
# What a spawned one comes to have before its first file by its imports, at most. It counts as born with, so that they
# do not wear it out; this process has made the same ones.
_BARE = 64 << 20
DEATHS = 20  # so many files of one package may end a worker; then the rest of it is given up
_GLANCE = 0.02  # seconds for which workers are left alone while packages are looked for
_WATCH = 0.25  # seconds after which it is looked at how much memory they have


@dataclass(slots=True)
class Crew:
    """What workers are given once. `meter` is where their figures go, `hired` how many there were at a time."""

    rules: Sequence[Rule]
    settings: Settings
    mends: bool
    meter: Meter | None = None
    tell: Callable[[str], None] = lambda _path: None
    works: Works | None = None
    hired: int = 0

    def analysed(
        self, tasks: Iterable[Task], size: Callable[[Task], int], jobs: int
    ) -> Generator[tuple[int, Outcome], None, None]:
        """The outcome of each package, as they come; work begins while packages are still being found.

        `size` says about how many bytes a package has, `jobs` is the greatest number of workers. Closing the iterator
        ends them.
        """
        from . import analysis  # noqa: F401  (else each worker, and each that takes the place of one, imports the parser)

        return _Workers(self, jobs).outcomes(tasks, size)


def usable_cpus() -> int:
    """How many processors this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    else:  # noqa: RET505  (what follows a check of the platform is no dead code)
        return os.cpu_count() or 1


@dataclass(slots=True, eq=False)
class _Worker:
    number: int
    process: BaseProcess
    link: ToWorker
    born: int  # how many bytes it had in memory when it began, with those of its imports
    tasks: dict[int, Package] = field(default_factory=dict)  # of which nothing was heard yet, in order
    path: str = ""  # of the file that it is on; "" while it reads packages
    new: bool = True  # it has done no package yet
    since: float = field(default_factory=time.monotonic)  # the last sign of life
    ended: Literal["stalled", "memory", ""] = ""  # what it was ended for

    def taken(self) -> int:
        """How many bytes it has in memory beyond those that it began with; 0 where the system does not tell."""
        return max(0, _resident(self.process.pid or 0) - self.born)


class _Workers:
    def __init__(self, crew: Crew, jobs: int) -> None:
        self.crew, self.jobs = crew, jobs
        self.orders = Orders()
        self.closed = False  # whether all packages are known
        self.there: dict[int, _Worker] = {}
        self.watched = 0.0  # when it was last looked after them
        self.blamed: dict[int, list[Skipped]] = defaultdict(list)  # files that ended a worker, by package

    def outcomes(
        self, tasks: Iterable[Task], size: Callable[[Task], int]
    ) -> Generator[tuple[int, Outcome], None, None]:
        try:
            looked = time.monotonic()
            for task in tasks:
                self.orders.add(task)
                if time.monotonic() - looked > _GLANCE:
                    yield from self._turn(0)
                    looked = time.monotonic()
            self.orders.close(size)
            self.closed = True
            self._hand_out()
            while self.there:
                yield from self._turn(_WATCH)
        finally:
            self._end_all()

    def _turn(self, seconds: float) -> Iterator[tuple[int, Outcome]]:
        """What is heard within so many seconds."""
        self._hand_out()
        by_link = {worker.link: worker for worker in self.there.values()}
        for link in connection.wait(list(by_link), timeout=seconds) if by_link else ():
            yield from self._heard(by_link[link])  # type: ignore[index]
        self._hand_out()
        if time.monotonic() - self.watched > _WATCH:
            self._watch()

    def _hand_out(self) -> None:
        for number in range(self.jobs):
            worker = self.there.get(number)
            if worker is not None and worker.tasks:
                continue
            if worker is not None and self._is_worn(worker):
                self._part_with(worker)
                worker = None
            if order := self.orders.next(number, self.jobs):
                worker = worker or self._hire(number)
                worker.tasks, worker.since = dict(order), time.monotonic()
                without = frozenset(skipped.path for task, _ in order for skipped in self.blamed.get(task, ()))
                with suppress(OSError):  # it died meanwhile, which is heard of next
                    worker.link.send((order, without))
            elif worker is not None and self.closed:
                self._part_with(worker)  # its end of the link is closed, so that it leaves

    def _is_worn(self, worker: _Worker) -> bool:
        """Whether another may as well take its place, with nothing in its memory from files before.

        It is kept while there may be packages for it of which it has done a copy: only it knows that one.
        """
        mine = not self.closed or self.orders.has_own(worker.number)
        return not mine and worker.taken() > WORN

    def _heard(self, worker: _Worker) -> Iterator[tuple[int, Outcome]]:
        try:
            said = worker.link.recv()
        except (EOFError, OSError):
            yield from self._buried(worker)
            return
        worker.since, worker.path = time.monotonic(), said.path
        for number, outcome in said.outcomes:
            worker.new = False
            del worker.tasks[number]
            yield number, self._with_blame(number, outcome)
        if said.meter is not None and self.crew.meter is not None:
            self.crew.meter.add(said.meter)
        if worker.path:
            self.crew.tell(worker.path)

    def _buried(self, worker: _Worker) -> Iterator[tuple[int, Outcome]]:
        """What a dead worker leaves: its file is blamed, and another worker does the rest."""
        self._part_with(worker)
        if not worker.tasks:  # it had said everything
            return
        (number, package), *rest = tasks = list(worker.tasks.items())
        reason, detail = _why(worker)
        if rest and not worker.path:  # one of several: which, is seen when each comes alone
            self.orders.again(worker.number, [[task] for task in tasks])
            return
        if reason == "died" and not worker.new:  # it may be that what it did before had used up the memory
            self.orders.again(worker.number, [tasks[:1], rest])
            return
        blamed = self.blamed[number]
        blamed.append(Skipped(worker.path or package.path, reason, detail))
        if worker.path and len(blamed) <= DEATHS:
            self.orders.again(worker.number, [tasks])
            return
        if worker.path:
            blamed.append(Skipped(package.path, reason, "too many of its files: given up"))
        self.orders.again(worker.number, [rest])
        yield number, self._with_blame(number, Outcome(Work()))

    def _with_blame(self, number: int, outcome: Outcome) -> Outcome:
        """The outcome of a package, with its files that are blamed."""
        blamed = self.blamed.pop(number, None)
        if not blamed:
            return outcome
        return replace(outcome, work=replace(outcome.work, skipped=(*outcome.work.skipped, *blamed)))

    def _hire(self, number: int) -> _Worker:
        context = _context()
        ours, theirs = context.Pipe()
        crew = self.crew
        job = Job(crew.rules, crew.settings, crew.mends, crew.meter is not None, CPU_SECONDS, crew.works)
        others = [] if isinstance(context, SpawnContext) else [*(one.link for one in self.there.values()), ours]
        process = context.Process(target=serve, args=(theirs, others, job), daemon=True)
        with _without_interrupts():
            process.start()
            born = max(_resident(process.pid or 0), min(_resident(os.getpid()), _BARE))
            worker = self.there[number] = _Worker(number, process, ours, born)
        theirs.close()
        crew.hired = max(crew.hired, len(self.there))
        return worker

    def _part_with(self, worker: _Worker) -> None:
        del self.there[worker.number]
        worker.link.close()
        worker.process.join()

    def _watch(self) -> None:
        """Ends those that are over a budget that they cannot be trusted to keep by themselves."""
        self.watched = time.monotonic()
        for worker in self.there.values():
            if not worker.tasks:
                continue
            if self.watched - worker.since > CLOCK_SECONDS:
                worker.ended = "stalled"
            elif worker.taken() > MEMORY:
                worker.ended = "memory"
            if worker.ended:
                worker.process.kill()

    def _end_all(self) -> None:
        for worker in self.there.values():
            worker.process.kill()  # it writes nothing, so there is nothing to be finished
        for worker in list(self.there.values()):
            self._part_with(worker)


def _why(worker: _Worker) -> tuple[str, str]:
    code = worker.process.exitcode or 0
    if worker.ended == "memory":
        return "died", f"over {MEMORY / (1 << 30):g} GiB of memory"
    if worker.ended:
        return "stalled", f"no sign of life for {CLOCK_SECONDS:g} s"
    if sys.platform != "win32" and code == -signal.SIGPROF:
        return "stalled", f"{CPU_SECONDS:g} s of processor time"
    if code == BUG:
        return "crash", ""
    if code == NO_ROOM:
        return "died", "out of memory"
    with suppress(ValueError):
        return "died", signal.Signals(-code).name
    return "died", f"exit code {code}"


def _resident(process: int) -> int:
    """How many bytes a process has in memory; 0 where the system does not tell."""
    with suppress(OSError), open(f"/proc/{process}/statm", "rb") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return 0


def _context() -> ForkContext | SpawnContext:
    if sys.platform == "linux" and threading.active_count() == 1:
        return get_context("fork")
    return get_context("spawn")


class _without_interrupts:
    """Ctrl-C waits meanwhile: a worker is not to meet it before it ignores it, nor to be born unnoticed."""

    def __enter__(self) -> None:
        if sys.platform != "win32":
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})

    def __exit__(self, *_: object) -> None:
        if sys.platform != "win32":
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
