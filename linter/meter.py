"""Where the time of a scan goes, by phase, file and rule: measured only while somebody asks."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from typing import Literal, TypeVar

from .datatype import dataclass, field

T = TypeVar("T")
Phase = Literal["walk", "read", "gate", "parse", "match", "prove", "report"]
PHASES: tuple[Phase, ...] = ("walk", "read", "gate", "parse", "match", "prove", "report")
Gate = Literal["read", "words", "once", "parsed", "findings"]
GATES: tuple[Gate, ...] = ("read", "words", "once", "parsed", "findings")
SLOWEST = 5


@dataclass(frozen=True, slots=True)
class Gauge:
    """How much came as far as a gate."""

    gate: Gate
    files: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Reuse:
    """What a cache spared: packages with nothing changed, those of known contents, and those that had to be analysed.

    What in a package no rule has anything to do with is none of the latter two.
    """

    unchanged: int
    known: int
    analysed: int


@dataclass(frozen=True, slots=True)
class Profile:
    """Where the time went. Seconds are those of a clock, those of all `processes` added up."""

    seconds: Mapping[Phase, float]
    gates: tuple[Gauge, ...]
    files: tuple[tuple[str, float], ...]  # the slowest by path, slowest first
    rules: tuple[tuple[str, float], ...]  # the slowest by id
    processes: int = 1
    reuse: Reuse | None = None  # without a cache: None


@dataclass(slots=True)
class Meter:
    """The figures of one process. Each moment counts for one phase: the innermost, but all within `prove` for that.

    What several rules share (a parse, the functions of a file) counts for the first that asks for it.
    """

    clock: Callable[[], float] = time.perf_counter
    seconds: dict[Phase, float] = field(default_factory=dict)
    files: dict[str, float] = field(default_factory=dict)
    rules: dict[str, float] = field(default_factory=dict)
    gates: dict[Gate, tuple[int, int]] = field(default_factory=dict)  # files and bytes
    _since: float = 0.0
    _phase: Phase | None = None
    _file: str = ""
    _rule: str = ""

    def passed(self, gate: Gate, size: int) -> None:
        files, total = self.gates.get(gate, (0, 0))
        self.gates[gate] = files + 1, total + size

    def add(self, other: Meter) -> None:
        """The figures of another process, or of a later part of the work, on top."""
        for mine, more in ((self.seconds, other.seconds), (self.files, other.files), (self.rules, other.rules)):
            _pile(mine, more)  # type: ignore[arg-type]
        for gate, (files, size) in other.gates.items():
            before = self.gates.get(gate, (0, 0))
            self.gates[gate] = before[0] + files, before[1] + size
        self.files = dict(_slowest(self.files))

    def profile(self, processes: int = 1) -> Profile:
        return Profile(
            {phase: self.seconds.get(phase, 0.0) for phase in PHASES},
            tuple(Gauge(gate, *self.gates.get(gate, (0, 0))) for gate in GATES),
            _slowest(self.files), _slowest(self.rules), processes,
        )  # fmt: skip

    def _turn(self, phase: Phase | None, file: str, rule: str) -> None:
        """Charges the time since the last turn to what it was spent on, and begins something else."""
        now = self.clock()
        spent, self._since = now - self._since, now
        if self._phase is not None:
            self.seconds[self._phase] = self.seconds.get(self._phase, 0.0) + spent
            if self._file:
                self.files[self._file] = self.files.get(self._file, 0.0) + spent
            if self._rule and self._phase != "parse":
                self.rules[self._rule] = self.rules.get(self._rule, 0.0) + spent
        self._phase, self._file, self._rule = phase, file, rule

    @contextmanager
    def on(self, phase: Phase | None = None, file: str = "", rule: str = "") -> Iterator[None]:
        before = self._phase, self._file, self._rule
        inner = self._phase if self._phase == "prove" else phase or self._phase
        self._turn(inner, file or self._file, rule or self._rule)
        try:
            yield
        finally:
            self._turn(*before)


_METER: ContextVar[Meter | None] = ContextVar("meter", default=None)
_OFF = nullcontext()


@contextmanager
def measuring(meter: Meter | None) -> Iterator[None]:
    """Has the meter measure what happens meanwhile; None: nothing is measured."""
    token = _METER.set(meter)
    try:
        yield
    finally:
        _METER.reset(token)


def phase(name: Phase) -> AbstractContextManager[None]:
    """What is done meanwhile counts for that phase."""
    meter = _METER.get()
    return _OFF if meter is None else meter.on(name)


def of_file(path: str) -> AbstractContextManager[None]:
    """What is done meanwhile is the analysis of that file: matching, where nothing else is said."""
    meter = _METER.get()
    return _OFF if meter is None else meter.on("match", file=path)


def of_rule(rule: str) -> AbstractContextManager[None]:
    meter = _METER.get()
    return _OFF if meter is None else meter.on(rule=rule)


def passed(gate: Gate, size: int) -> None:
    """A file of so many bytes came through a gate."""
    meter = _METER.get()
    if meter is not None:
        meter.passed(gate, size)


def timed(name: Phase, things: Iterable[T]) -> Iterator[T]:
    """The same things: the time it takes to get each of them counts for that phase."""
    if _METER.get() is None:
        yield from things
        return
    rest = iter(things)
    while True:
        with phase(name):
            try:
                thing = next(rest)
            except StopIteration:
                return
        yield thing


def _pile(mine: dict[str, float], more: Mapping[str, float]) -> None:
    for name, seconds in more.items():
        mine[name] = mine.get(name, 0.0) + seconds


def _slowest(seconds: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
    return tuple(sorted(seconds.items(), key=lambda item: (item[1], item[0]), reverse=True)[:SLOWEST])
