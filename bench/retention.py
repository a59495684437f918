"""python -m bench.retention [PACKAGE@VERSION ...]: what the analysis of retention costs beside parsing.

For each package of the labelled set: the CPU seconds of parsing the files that pass the gate of the rules about upgrade
heads, those of the two rules on the package (parsing included), and the ratio. The packages with most bytes come first.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

from linter.dialect import dialect_of
from linter.library import check
from linter.rule import Due, Rule, load_rules
from linter.source import Source
from tests.npm import unpacked
from tests.truth import RULES, fetchable, rows

_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Cost:
    package: str
    files: int
    size: int  # bytes that pass the gate
    parse: float  # CPU seconds
    rules: float

    @property
    def line(self) -> str:
        ratio = self.rules / self.parse if self.parse else 0.0
        return f"{self.package:<40} {self.files:>5} {self.size:>10} {self.parse:>8.3f} {self.rules:>8.3f} {ratio:>7.1f}"


def costs(specs: list[tuple[str, str]], rules: list[Rule]) -> Iterator[Cost]:
    for name, version in specs:
        folder = unpacked(name, version)
        files = dict(_contents(folder))
        due = Due[str](rules)
        for path, data in files.items():
            due.look(path, data)
        gated = [(path, files[path]) for path in due.found()]
        yield Cost(
            f"{name}@{version}", len(gated), sum(len(data) for _, data in gated),
            _seconds(partial(_parse, gated)), _seconds(partial(check, folder, rules=rules, node="all")),
        )  # fmt: skip


def _parse(files: Sequence[tuple[str, bytes]]) -> None:
    for path, data in files:
        _ = Source(path, data, dialect_of(path)).root


def _contents(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*.js")):
        if path.is_file():
            yield str(path), path.read_bytes()


def _seconds(work: Callable[[], object]) -> float:
    """CPU seconds: the median of a few rounds, for other work on the machine disturbs wall time more."""
    taken: list[float] = []
    for _ in range(_ROUNDS):
        start = time.process_time()
        work()
        taken.append(time.process_time() - start)
    return median(taken)


def main() -> int:
    have, _ = fetchable(rows())
    asked = set(sys.argv[1:])
    specs = sorted({row.spec for row in have if not asked or f"{row.package}@{row.version}" in asked})
    rules = [rule for rule in load_rules() if rule.id in RULES]
    print(f"{'package':<40} {'files':>5} {'bytes':>10} {'parse s':>8} {'rules s':>8} {'ratio':>7}")
    for cost in sorted(costs(specs, rules), key=lambda cost: -cost.size):
        print(cost.line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
