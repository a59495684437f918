"""A process that analyses the packages it is sent, and says where it is and what became of them."""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
import time
from collections.abc import Collection, Sequence
from multiprocessing import connection
from multiprocessing.connection import Connection
from multiprocessing.process import parent_process
from typing import TYPE_CHECKING, NamedTuple

from .datatype import dataclass
from .meter import Meter, measuring
from .pipeline import Outcome, Pipeline
from .rule import Rule
from .work import Settings, Works

if TYPE_CHECKING:
    from .orders import Task

    Order = tuple[Sequence[Task], Collection[str]]  # with the paths of files to pass over
    ToWorker = Connection[Order, "Said"]
    ToFirst = Connection["Said", Order]

BUG, NO_ROOM = 1, 70  # exit codes: that of multiprocessing for a traceback, and ours
_SILENCE = 0.1  # seconds for which outcomes may be kept back


class Said(NamedTuple):
    """What became of packages since the last time, and the file that the worker is on now: "" between two of them.

    `meter` comes with the last package of an order, if somebody measures.
    """

    outcomes: Sequence[tuple[int, Outcome]]
    path: str = ""
    meter: Meter | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker is given once; `seconds` is the time of the processor that it may take for one file."""

    rules: Sequence[Rule]
    settings: Settings
    mends: bool
    measures: bool
    seconds: float
    works: Works | None = None


def serve(link: ToFirst, foreign: Sequence[ToWorker], job: Job) -> None:
    """Analyses what it is sent until nobody is there any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it goes to all of a terminal's processes; the first ends the others
    gc.freeze()  # what it shares with the first process stays shared: looking for garbage would write to it
    for end in foreign:  # or the death of the first process would not be seen
        end.close()
    threading.Thread(target=_leave_with_the_first, daemon=True).start()
    voice = _Voice(link, job.seconds)
    pipeline = Pipeline(job.rules, job.settings, job.mends, voice.on, job.works)
    try:
        while True:
            tasks, without = link.recv()
            meter = Meter() if job.measures else None
            with measuring(meter):
                for number, package in tasks:
                    voice.begins()
                    voice.done(number, pipeline.of(package, without), last=number == tasks[-1][0], meter=meter)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return
    except MemoryError:
        os._exit(NO_ROOM)


class _Voice:
    """Says what has to be said before a file is worked on, as it may be the last word; the rest when it is time."""

    def __init__(self, link: ToFirst, seconds: float) -> None:
        self._link = link
        self._seconds = seconds
        self._kept: list[tuple[int, Outcome]] = []
        self._path = ""
        self._since = time.monotonic()

    def begins(self) -> None:
        """A package is being read from now on."""
        if sys.platform != "win32":  # time of the processor, and nothing in the worker can keep it from ending
            signal.setitimer(signal.ITIMER_PROF, self._seconds)

    def on(self, path: str) -> None:
        """A file is being worked on from now on."""
        self.begins()
        self._say(path)

    def done(self, number: int, outcome: Outcome, *, last: bool, meter: Meter | None) -> None:
        self._kept.append((number, outcome))
        if last:
            self._say("", meter)
        elif self._path or time.monotonic() - self._since > _SILENCE:
            self._say("")

    def _say(self, path: str, meter: Meter | None = None) -> None:
        self._link.send(Said(self._kept, path, meter))
        self._kept, self._path, self._since = [], path, time.monotonic()


def _leave_with_the_first() -> None:
    """Ends the worker when the first process is killed, whatever the worker is busy with."""
    first = parent_process()
    if first is not None:
        connection.wait([first.sentinel])
        os._exit(0)
