"""Figures of a run as Markdown: medians, ratios within a round, the aims and whether they are reached."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

START, END = "<!-- written by make bench -->", "<!-- end of what make bench writes -->"
HEAD = (
    "what", "rules", "on", "rounds", "wall s", "CPU s", "memory MB", "findings", "files", "× base", "least", "most"
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Key:
    """What was measured and on what: a part of the tree by its name, or a file by its path."""

    tool: str
    case: str
    rules: str
    target: str

    @property
    def name(self) -> str:
        return f"{self.tool}, {self.case}" if self.case else self.tool


@dataclass(frozen=True, slots=True)
class Sample:
    """One command of one round. Seconds, bytes; `files` is None where the tool does not say how many it looked at."""

    round: int
    wall: float
    cpu: float
    memory: int
    findings: int
    files: int | None


Results = Mapping[Key, Sequence[Sample]]


@dataclass(frozen=True, slots=True)
class Aim:
    """A figure that is to be at most, or at least, so much."""

    what: str
    figure: Callable[[Results], float | None]
    limit: float
    most: bool = True
    unit: str = "×"

    def line(self, results: Results) -> list[str]:
        asked = f"{'≤' if self.most else '≥'} {self.limit:g} {self.unit}"
        figure = self.figure(results)
        if figure is None:
            return [self.what, asked, "not measured", ""]
        reached = figure <= self.limit if self.most else figure >= self.limit
        return [self.what, asked, f"{figure:.2f} {self.unit}", "yes" if reached else "no"]


def ratios(top: Sequence[Sample], base: Sequence[Sample]) -> list[float]:
    """The wall times of one thing divided by those of another in the same round, for the rounds that both have."""
    of = {sample.round: sample.wall for sample in base}
    return [sample.wall / of[sample.round] for sample in top if of.get(sample.round)]


def ratio(results: Results, top: Key, base: Key) -> float | None:
    """The median of the ratios of two things; None when they have no round in common."""
    found = ratios(results.get(top, ()), results.get(base, ()))
    return median(found) if found else None


def peak(samples: Sequence[Sample]) -> float:
    """The most memory of all rounds, in MB."""
    return max(sample.memory for sample in samples) / 1e6


def comparison(results: Results, bases: Mapping[str, Key]) -> list[str]:
    """A row for each thing measured; `bases` has what the ratios of a target are to."""
    return table(HEAD, (_row(key, samples, results.get(bases[key.target], ())) for key, samples in results.items()))


def _row(key: Key, samples: Sequence[Sample], base: Sequence[Sample]) -> list[str]:
    found = ratios(samples, base)
    last, target = samples[-1], key.target.rpartition("node_modules/")[2]
    spread = [f"{of(found):.2f}" for of in (median, min, max)] if found else ["", "", ""]
    return [
        key.name, key.rules, target, str(len(samples)), f"{median(s.wall for s in samples):.3f}",
        f"{median(s.cpu for s in samples):.3f}", f"{peak(samples):.0f}", str(last.findings),
        "" if last.files is None else str(last.files), *spread,
    ]  # fmt: skip


def growth(results: Results, megabytes: Mapping[str, float], keys: Callable[[str], Sequence[Key]]) -> list[str]:
    """A row for each part of the tree and each of the things that `keys` gives for it: seconds and memory by size."""

    def rows() -> Iterator[list[str]]:
        for part, size in megabytes.items():
            for key in keys(part):
                samples = results.get(key, ())
                if samples:
                    wall, cpu = (median(getattr(s, what) for s in samples) for what in ("wall", "cpu"))
                    yield [
                        key.name, part, f"{size:.0f}", f"{wall:.3f}", f"{1000 * wall / size:.2f}",
                        f"{1000 * cpu / size:.2f}", f"{peak(samples):.0f}",
                    ]  # fmt: skip

    return table(("what", "tree", "MB", "wall s", "wall ms for a MB", "CPU ms for a MB", "memory MB"), rows())


def aims(wanted: Sequence[Aim], results: Results) -> list[str]:
    return table(("aim", "asked", "measured", "reached"), (aim.line(results) for aim in wanted))


def table(head: Sequence[str], rows: Iterator[list[str]]) -> list[str]:
    return [*map(_line, (head, ["---"] * len(head))), *map(_line, rows)]


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def placed(page: str, written: str) -> str:
    """The page with this between its markers. ValueError when it has them not, or not once each."""
    if page.count(START) != 1 or page.count(END) != 1 or page.index(START) > page.index(END):
        raise ValueError(f"the page must have {START!r} and {END!r}, once each and in this order")
    return f"{page.partition(START)[0]}{START}\n\n{written}\n\n{END}{page.partition(END)[2]}"
