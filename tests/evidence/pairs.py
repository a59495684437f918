"""The table of verified pairs: which rule is about which line of which release, and which release mended it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from tests import npm

TABLE = npm.ROOT / "fixtures" / "evidence" / "pairs.jsonl"


@dataclass(frozen=True, slots=True)
class Pair:
    """The defect stands at `lines` of `file` in package@bad, and is gone or guarded in good_package@good.

    `incomplete`: upstream's own mending left a way open, so a rule may well speak up about the good release too.
    """

    rule: str
    package: str
    bad: str
    good_package: str
    good: str
    file: str
    lines: tuple[int, ...]
    evidence: str
    incomplete: bool

    def __str__(self) -> str:
        other = f" {self.good_package}" if self.good_package != self.package else ""
        return f"{self.package} {self.bad} ->{other} {self.good}, {self.file}:{self.lines[0]}"

    @property
    def specs(self) -> tuple[npm.Spec, npm.Spec]:
        return (self.package, self.bad), (self.good_package, self.good)


def pairs(table: Path = TABLE) -> tuple[list[Pair], list[Pair]]:
    """The pairs that can be fetched, and those of which a release is not on npm any more (none is settled for it)."""
    rows = [_pair(json.loads(line)) for line in table.read_text("utf8").splitlines() if line.strip()]
    settled = npm.integrities()
    here = [pair for pair in rows if all(spec in settled for spec in pair.specs)]
    return here, [pair for pair in rows if pair not in here]


def _pair(row: dict[str, object]) -> Pair:
    lines = row["lines"]
    assert isinstance(lines, list)
    return Pair(
        rule=str(row["rule"]), package=str(row["package"]), bad=str(row["bad"]),
        good_package=str(row.get("good_package", row["package"])), good=str(row["good"]), file=str(row["file"]),
        lines=tuple(int(line) for line in lines), evidence=str(row["evidence"]),
        incomplete=bool(row.get("upstream_fix_incomplete", False)),
    )  # fmt: skip
