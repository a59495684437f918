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
from collections import deque
from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from multiprocessing import connection, get_context
from multiprocessing.connection import Connection
from multiprocessing.context import ForkContext, SpawnContext
from multiprocessing.process import BaseProcess, parent_process
from typing import TYPE_CHECKING

from .finding import Skipped
from .meter import Meter, measuring
from .packages import Package
from .pipeline import Outcome, Pipeline
from .rule import Rule
from .work import Settings, Work

if TYPE_CHECKING:
    Order = tuple[list["Task"], frozenset[str]]
    Said = str | Outcome | Meter | None
    ToWorker = Connection[Order, Said]
    ToFirst = Connection[Said, Order]

CPU_SECONDS = 120.0  # of the processor for one file, far above the budgets that the analysis keeps by itself
CLOCK_SECONDS = 900.0  # the same for a worker that waits for ever, on a disk that does not answer, say
DEATHS = 20  # so many files of one package may end a worker; then the rest of it is given up
_BUG, _NO_ROOM = 1, 70  # exit codes: that of multiprocessing for a traceback, and ours

Task = tuple[int, Package]  # a package and its number


@dataclass(frozen=True, slots=True)
class Crew:
    """What workers are given once. `meter` is where their figures go."""

    rules: Sequence[Rule]
    settings: Settings
    mends: bool
    meter: Meter | None = None
    tell: Callable[[str], None] = lambda _path: None

    def analysed(self, groups: Sequence[Sequence[Task]], jobs: int) -> Generator[tuple[int, Outcome], None, None]:
        """The outcome of each package, as they come; a group is for one worker, so that copies in it are seen to be.

        `jobs` is the greatest number of workers. Closing the iterator ends them.
        """
        from . import analysis  # noqa: F401  (else each worker, and each that takes the place of one, imports the parser)

        return _Workers(self, deque(_Group(deque(tasks)) for tasks in groups)).outcomes(min(jobs, len(groups)))


def usable_cpus() -> int:
    """How many processors this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    else:  # noqa: RET505  (what follows a check of the platform is no dead code)
        return os.cpu_count() or 1


@dataclass(slots=True)
class _Group:
    """What is left of a group. The first of its tasks is being worked on, or is next."""

    tasks: deque[Task]
    blamed: list[Skipped] = field(default_factory=list)  # files of the first that ended a worker


@dataclass(slots=True, eq=False)
class _Worker:
    process: BaseProcess
    link: ToWorker
    group: _Group
    path: str = ""  # of the file that it is on; "" while it reads a package
    since: float = field(default_factory=time.monotonic)  # the last sign of life
    stalled: bool = False


class _Workers:
    def __init__(self, crew: Crew, waiting: deque[_Group]) -> None:
        self.crew, self.waiting = crew, waiting
        self.busy: dict[ToWorker, _Worker] = {}

    def outcomes(self, jobs: int) -> Generator[tuple[int, Outcome], None, None]:
        try:
            while self.busy or self.waiting:
                while self.waiting and len(self.busy) < jobs:
                    self._hire(self.waiting.popleft())
                for link in connection.wait(list(self.busy), timeout=self._patience()):
                    yield from self._heard(self.busy[link])  # type: ignore[index]
                self._end_stalled()
        finally:
            self._end_all()

    def _heard(self, worker: _Worker) -> Iterator[tuple[int, Outcome]]:
        worker.since = time.monotonic()
        try:
            said = worker.link.recv()
        except (EOFError, OSError):
            yield from self._buried(worker)
            return
        if isinstance(said, str):
            worker.path = said
            self.crew.tell(said or worker.group.tasks[0][1].path)
        elif isinstance(said, Outcome):
            yield _with(worker.group, said)
        else:  # it is done with the group
            if said is not None and self.crew.meter is not None:
                self.crew.meter.add(said)
            self._next(worker)

    def _buried(self, worker: _Worker) -> Iterator[tuple[int, Outcome]]:
        """What a dead worker leaves: its file is blamed, and another worker does the rest."""
        del self.busy[worker.link]
        worker.link.close()
        worker.process.join()
        group = worker.group
        if not group.tasks:  # it had said everything but that it was done
            return
        reason, detail = _why(worker)
        path = worker.path or group.tasks[0][1].path
        group.blamed.append(Skipped(path, reason, detail))
        if not worker.path or len(group.blamed) > DEATHS:
            if worker.path:
                group.blamed.append(Skipped(group.tasks[0][1].path, reason, "too many of its files: given up"))
            yield _with(group, Outcome(Work()))
        if group.tasks:
            self.waiting.appendleft(group)

    def _next(self, worker: _Worker) -> None:
        if self.waiting:
            worker.group, worker.path = self.waiting.popleft(), ""
            with suppress(OSError):  # it died meanwhile, which is heard of next
                worker.link.send(_order(worker.group))
            return
        del self.busy[worker.link]
        worker.link.close()  # which ends it
        worker.process.join()

    def _hire(self, group: _Group) -> None:
        context = _context()
        ours, theirs = context.Pipe()
        crew = self.crew
        given = (theirs, [*self.busy, ours], crew.rules, crew.settings, crew.mends, crew.meter is not None)
        if isinstance(context, SpawnContext):
            given = (theirs, [], *given[2:])
        process = context.Process(target=_work, args=given, daemon=True)
        with _without_interrupts():
            process.start()
            self.busy[ours] = _Worker(process, ours, group)
        theirs.close()
        with suppress(OSError):
            ours.send(_order(group))

    def _patience(self) -> float:
        """Seconds until the first worker has been silent for too long."""
        return max(0.0, min(worker.since for worker in self.busy.values()) + CLOCK_SECONDS - time.monotonic())

    def _end_stalled(self) -> None:
        for worker in self.busy.values():
            if time.monotonic() - worker.since > CLOCK_SECONDS:
                worker.stalled = True
                worker.process.kill()

    def _end_all(self) -> None:
        for worker in self.busy.values():
            worker.process.kill()  # it writes nothing, so there is nothing to be finished
        for worker in self.busy.values():
            worker.process.join()
            worker.link.close()
        self.busy.clear()


def _with(group: _Group, outcome: Outcome) -> tuple[int, Outcome]:
    """The outcome of the group's first task, which is done, with the files that are blamed."""
    number, _ = group.tasks.popleft()
    blamed, group.blamed = group.blamed, []
    return number, replace(outcome, work=replace(outcome.work, skipped=(*outcome.work.skipped, *blamed)))


def _order(group: _Group) -> Order:
    return list(group.tasks), frozenset(one.path for one in group.blamed)


def _why(worker: _Worker) -> tuple[str, str]:
    code = worker.process.exitcode or 0
    if worker.stalled:
        return "stalled", f"no sign of life for {CLOCK_SECONDS:g} s"
    if sys.platform != "win32" and code == -signal.SIGPROF:
        return "stalled", f"{CPU_SECONDS:g} s of processor time"
    if code == _BUG:
        return "crash", ""
    if code == _NO_ROOM:
        return "died", "out of memory"
    with suppress(ValueError):
        return "died", signal.Signals(-code).name
    return "died", f"exit code {code}"


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


# -- in the worker -------------------------------------------------------------------------------


def _work(
    link: ToFirst,
    foreign: Sequence[ToWorker],
    rules: Sequence[Rule],
    settings: Settings,
    mends: bool,
    measures: bool,
) -> None:
    """Analyses what it is sent until nobody is there any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it goes to all of a terminal's processes; the first ends the others
    for end in foreign:  # or the death of the first process would not be seen
        end.close()
    threading.Thread(target=_leave_with_the_first, daemon=True).start()

    def on(path: str) -> None:
        if sys.platform != "win32":  # time of the processor, and nothing in the worker can keep it from ending
            signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)
        link.send(path)

    try:
        while True:
            tasks, without = link.recv()
            _group(tasks, without, Pipeline(rules, settings, mends, on), link, Meter() if measures else None)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return
    except MemoryError:
        os._exit(_NO_ROOM)


def _leave_with_the_first() -> None:
    """Ends the worker when the first process is killed, whatever the worker is busy with."""
    first = parent_process()
    if first is not None:
        connection.wait([first.sentinel])
        os._exit(0)


def _group(
    tasks: Sequence[Task], without: Collection[str], pipeline: Pipeline, link: ToFirst, meter: Meter | None
) -> None:
    with measuring(meter):
        for _, package in tasks:
            pipeline.tell("")
            link.send(pipeline.of(package, without))
    link.send(meter)
