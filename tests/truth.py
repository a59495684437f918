"""What nodemend says of real functions that receive an upgrade head, against what is known of each.

python -m tests.truth [NAME[@VERSION] ...]   the table by idiom, then each miss and each false alarm

fixtures/truth/upgrade-head.jsonl has a row for each function: package, version, file, lines, `label`, idiom. The labels
`retained`, `released`, `copied`, `passed` and `unused` say what becomes of the head there; a `trap` is a line that only
looks like one. Most were settled by running the package and looking at what the garbage collector leaves.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from linter import check
from linter.finding import Finding
from tests.npm import ROOT, NpmError, integrities, unpacked

ROWS = ROOT / "fixtures" / "truth" / "upgrade-head.jsonl"
RULES = ("upgrade-head-retained", "upgrade-head-captured")
QUIET = ("passed", "unused", "copied", "released")
LEAST_FOUND, MOST_FALSE = 0.90, 0.02


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled function, or, for a trap, one labelled line."""

    package: str
    version: str
    file: str
    label: str
    line: int
    first: int
    last: int
    idiom: str
    function: str

    @property
    def spec(self) -> tuple[str, str]:
        return self.package, self.version

    def holds(self, line: int) -> bool:
        return self.first <= line <= self.last


@dataclass(frozen=True, slots=True)
class Verdict:
    """A row with what was reported in it: the findings of the innermost labelled function around them."""

    row: Row
    findings: tuple[Finding, ...]

    @property
    def right(self) -> bool:
        return bool(self.findings) == (self.row.label == "retained")


def rows() -> list[Row]:
    """The labelled functions and the traps."""
    return [_row(json.loads(line)) for line in ROWS.read_text("utf8").splitlines()]


def verdicts(wanted: Sequence[Row]) -> tuple[list[Verdict], list[Finding]]:
    """Each row with what is reported in it, and the findings that lie in no labelled function."""
    by_package: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in wanted:
        by_package[row.spec].append(row)
    found: dict[Row, list[Finding]] = {row: [] for row in wanted}
    elsewhere: list[Finding] = []
    for spec, labelled in by_package.items():
        folder = unpacked(*spec)
        for finding in findings(folder):
            around = _innermost(finding, Path(finding.path).relative_to(folder).as_posix(), labelled)
            (elsewhere if around is None else found[around]).append(finding)
    return [Verdict(row, tuple(found[row])) for row in wanted], elsewhere


def findings(folder: Path) -> Iterator[Finding]:
    """What the rules about upgrade heads report in a package, whatever Node it is about."""
    yield from (one for one in check(folder, node="all").findings if one.rule in RULES)


def _innermost(finding: Finding, file: str, labelled: Iterable[Row]) -> Row | None:
    around = [row for row in labelled if row.file == file and row.holds(finding.span.line)]
    return min(around, key=lambda row: row.last - row.first, default=None)


def fetchable(wanted: Iterable[Row]) -> tuple[list[Row], list[Row]]:
    """The rows whose package npm has and whose file is in it, and those that are left out."""
    settled = integrities()
    have: list[Row] = []
    gone: list[Row] = []
    for row in wanted:
        there = row.spec in settled and (unpacked(*row.spec) / row.file).is_file()
        (have if there else gone).append(row)
    return have, gone


def table(seen: Sequence[Verdict]) -> Iterator[str]:
    """A line for each idiom: how many rows it has, how many are found, missed, or reported though nothing is kept."""
    by_idiom: dict[str, list[Verdict]] = defaultdict(list)
    for verdict in seen:
        by_idiom[f"{verdict.row.label:<9}{verdict.row.idiom}"].append(verdict)
    yield f"{'idiom':<74} {'rows':>5} {'found':>6} {'missed':>7} {'false':>6}"
    for idiom, group in sorted(by_idiom.items(), key=lambda item: (not item[0].startswith("retained"), item[0])):
        yield f"{idiom:<74} {_counts(group)}"
    yield f"{'in all':<74} {_counts(seen)}"


def _counts(group: Sequence[Verdict]) -> str:
    kept = [verdict for verdict in group if verdict.row.label == "retained"]
    found = sum(verdict.right for verdict in kept)
    wrong = sum(not verdict.right for verdict in group if verdict.row.label != "retained")
    return f"{len(group):>5} {found:>6} {len(kept) - found:>7} {wrong:>6}"


def shares(seen: Sequence[Verdict]) -> Mapping[str, tuple[int, int]]:
    """For `found`, `false` and `trapped`: how many rows are so, of how many."""
    kept = [verdict for verdict in seen if verdict.row.label == "retained"]
    quiet = [verdict for verdict in seen if verdict.row.label in QUIET]
    traps = [verdict for verdict in seen if verdict.row.label == "trap"]
    return {
        "found": (sum(verdict.right for verdict in kept), len(kept)),
        "false": (sum(not verdict.right for verdict in quiet), len(quiet)),
        "trapped": (sum(not verdict.right for verdict in traps), len(traps)),
    }


def main(arguments: Sequence[str]) -> int:
    try:
        have, gone = fetchable(_chosen(rows(), arguments))
        seen, elsewhere = verdicts(have)
    except NpmError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print("\n".join(table(seen)))
    for verdict in seen:
        if not verdict.right:
            print(f"{'missed' if verdict.row.label == 'retained' else 'false'}: {_place(verdict.row)}")
    for finding in elsewhere:
        print(f"no label: {finding.package}@{finding.version} {finding.file}:{finding.span.line} {finding.symbol}")
    if gone:
        print(f"left out, for npm does not have them: {', '.join(sorted({_place(row) for row in gone}))}")
    return int(not _good(shares(seen)))


def _good(parts: Mapping[str, tuple[int, int]]) -> bool:
    found, false, trapped = parts["found"], parts["false"], parts["trapped"]
    return found[0] >= LEAST_FOUND * found[1] and false[0] <= MOST_FALSE * false[1] and not trapped[0]


def _chosen(known: Iterable[Row], names: Sequence[str]) -> list[Row]:
    return [row for row in known if not names or {row.package, f"{row.package}@{row.version}"} & set(names)]


def _place(row: Row) -> str:
    return f"{row.package}@{row.version} {row.file}:{row.line} {row.function} ({row.label})"


def _row(data: Mapping[str, str | int]) -> Row:
    line = int(data["line"])
    return Row(
        package=str(data["package"]), version=str(data["version"]), file=str(data["file"]), label=str(data["label"]),
        line=line, first=int(data.get("function_line", line)), last=int(data.get("end_line", line)),
        idiom=str(data.get("idiom", "")), function=str(data.get("function", "")),
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
