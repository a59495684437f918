"""Every tool on every pair of a row: found in the bad release, still told of in the good one, with or without a fix."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from linter.edit import Safety
from linter.library import check
from linter.rule import Rule
from tests import npm
from tests.evidence.judge import NODE, Verdict, judge
from tests.evidence.pairs import Pair, pairs
from tests.evidence.places import Place, Text
from tests.peers.eslint import File, Fix, Linted, Report, lint
from tests.peers.mapping import POPULAR, Peer, Row

OURS = "nodemend"
_ENDINGS = (".js", ".cjs", ".mjs")
_FIXES: Mapping[str, Fix] = {str(Safety.SAFE): "fix", str(Safety.SUGGESTED): "suggestion"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What one tool says of one pair; `false` is None where the good release is known to have the defect still."""

    found: bool
    false: bool | None
    fix: Fix


@dataclass(frozen=True, slots=True)
class Contender:
    """One rule of one tool: an answer for each pair of its row, and its reports in the popular releases."""

    name: str
    answers: tuple[Answer, ...]
    popular: int

    @property
    def found(self) -> int:
        return sum(answer.found for answer in self.answers)

    @property
    def false(self) -> int:
        return sum(answer.false is True for answer in self.answers)

    def fixes(self, sort: Fix) -> int:
        return sum(answer.fix == sort for answer in self.answers)


@dataclass(frozen=True, slots=True)
class Compared:
    row: Row
    pairs: tuple[Pair, ...]
    contenders: tuple[Contender, ...]  # ours first


def compare(rows: Sequence[Row], rules: Sequence[Rule]) -> tuple[list[Compared], tuple[File, ...]]:
    """The comparisons, and the files that ESLint could not parse. Raises NpmError."""
    known, here = {rule.id: rule for rule in rules}, pairs()[0]
    chosen = {row.rule: tuple(pair for pair in here if pair.rule == row.pairs) for row in rows}
    npm.fetch_all([*POPULAR, *(spec for row in chosen.values() for pair in row for spec in pair.specs)])
    files = {**_popular(), **_of_pairs(pair for row in chosen.values() for pair in row)}
    linted = lint(files, {peer for row in rows for peer in row.peers})
    done = [_compared(row, chosen[row.rule], known[row.rule], linted, files) for row in rows]
    return done, linted.unparsed


def _compared(row: Row, chosen: tuple[Pair, ...], rule: Rule, linted: Linted, files: Mapping[File, bytes]) -> Compared:
    ours = Contender(OURS, tuple(_ours(judge(pair, rule)) for pair in chosen), _ours_popular(rule))
    popular = [file for file in files if file[0] in {_named(spec) for spec in POPULAR}]
    theirs = [
        Contender(
            str(peer),
            tuple(_theirs(peer, pair, linted, files) for pair in chosen),
            sum(len(linted.by(peer, file)) for file in popular),
        )
        for peer in row.peers
    ]
    return Compared(row, chosen, (ours, *theirs))


def _ours(verdict: Verdict) -> Answer:
    false = None if verdict.pair.incomplete else not verdict.silent
    return Answer(verdict.found is not None, false, _FIXES.get(verdict.safety, ""))


def _ours_popular(rule: Rule) -> int:
    reports = [check(npm.unpacked(*spec), rules=[rule], node=NODE) for spec in POPULAR]
    return sum(len(report.findings) for report in reports)


def _theirs(peer: Peer, pair: Pair, linted: Linted, files: Mapping[File, bytes]) -> Answer:
    bad, good = ((_named(spec), pair.file) for spec in pair.specs)
    before, after = Text.of(pair.file, files[bad]), Text.of(pair.file, files[good])
    there = [before.place(line) for line in pair.lines]
    here = [after.same(place, before, line) for place, line in zip(there, pair.lines, strict=True)]
    found = [report for report in linted.by(peer, bad) if _at(report, there)]
    left = [report for report in linted.by(peer, good) if _at(report, here)]
    fix: Fix = next((sort for sort in ("fix", "suggestion") if any(r.fix == sort for r in found)), "")
    return Answer(bool(found), None if pair.incomplete else bool(left), fix)


def _at(report: Report, places: Sequence[Place]) -> bool:
    return any(place.holds(report.first, report.last) for place in places)


def _popular() -> dict[File, bytes]:
    """The JavaScript of the popular releases, as the whole of each is scanned by us."""
    found = {}
    for spec in POPULAR:
        folder = npm.unpacked(*spec)
        for path in sorted(folder.rglob("*")):
            if path.suffix in _ENDINGS and path.is_file():
                found[_named(spec), path.relative_to(folder).as_posix()] = path.read_bytes()
    return found


def _of_pairs(chosen: Iterable[Pair]) -> dict[File, bytes]:
    return {
        (_named(spec), pair.file): (npm.unpacked(*spec) / pair.file).read_bytes()
        for pair in chosen
        for spec in pair.specs
    }


def _named(spec: npm.Spec) -> str:
    return "-".join(spec)
