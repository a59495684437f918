"""The verdicts as tables: a line for each rule and a total for people, everything for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.evidence.judge import LIKENESSES, Verdict
from tests.evidence.pairs import Pair

FOUND, SILENT = 0.85, 0.95  # what the rules that have a page are held to
LEGEND = """\
found    a finding of the rule in the function of the pair's line, or within a few lines of it, in the bad release;
         so is one that begins elsewhere in the file if its trace leads through there
silent   none in that function of the good release; where upstream's fix is known to be incomplete it does not count
file     none in the whole file of the good release: what is found elsewhere in it may be a defect upstream left there
clean    applying the safe fixes, and then the suggested ones too, leaves nothing that had such a fix
parses   Node takes every file that those fixes changed (node --check)
like     how the fix at the place compares with upstream's, as far as a program can say: text: the function is
         upstream's word for word; change: each word the fix adds is one that upstream added there; guard: the rule
         is satisfied by upstream's function as by ours, how was not compared; other: upstream's is not comparable
         or not silent
"""


@dataclass(frozen=True, slots=True)
class Share:
    """How many of how many; one that asks nothing of anybody is met."""

    yes: int
    of: int

    @classmethod
    def count(cls, answers: Sequence[bool | None]) -> Share:
        asked = [answer for answer in answers if answer is not None]
        return cls(sum(asked), len(asked))

    @property
    def rate(self) -> float:
        return self.yes / self.of if self.of else 1.0

    def __str__(self) -> str:
        return f"{self.yes}/{self.of}" if self.of else "-"


@dataclass(frozen=True, slots=True)
class Tally:
    """What the verdicts on some pairs add up to; pairs of rules without a page are left out."""

    pairs: int
    found: Share
    silent: Share
    file: Share
    clean: Share
    parses: Share
    like: tuple[int, ...]  # how many of each of LIKENESSES

    @classmethod
    def of(cls, verdicts: Sequence[Verdict]) -> Tally:
        known = [v for v in verdicts if v.has_rule]
        complete = [v for v in known if not v.pair.incomplete]
        return cls(
            len(known), Share.count([v.found is not None for v in known]), Share.count([v.silent for v in complete]),
            Share.count([v.file_silent for v in complete]), Share.count([v.clean for v in known]),
            Share.count([v.parses for v in known]), tuple(sum(v.like == kind for v in known) for kind in LIKENESSES),
        )  # fmt: skip

    def cells(self) -> list[str]:
        likes = [f"{count} {kind}" for count, kind in zip(self.like, LIKENESSES, strict=True) if count]
        shares = (self.found, self.silent, self.file, self.clean, self.parses)
        return [str(self.pairs), *map(str, shares), ", ".join(likes) or "-"]


def lines(verdicts: Sequence[Verdict], left_out: Sequence[Pair]) -> Iterator[str]:
    """The table, and below it each miss, each good release that is not silent, and each fix that fails."""
    rules = sorted({v.pair.rule for v in verdicts})
    ours = [rule for rule in rules if any(v.has_rule for v in verdicts if v.pair.rule == rule)]
    rows = [["rule", "pairs", "found", "silent", "file", "clean", "parses", "like upstream's"]]
    rows += [[rule, *Tally.of([v for v in verdicts if v.pair.rule == rule]).cells()] for rule in ours]
    rows.append(["in total", *Tally.of(verdicts).cells()])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    yield from ("  ".join(f"{c:{w}}" for c, w in zip(row, widths, strict=True)).rstrip() for row in rows)
    yield from ("", *LEGEND.splitlines(), "")
    yield from _summary(verdicts, left_out)
    for verdict in verdicts:
        yield from _troubles(verdict)


def _summary(verdicts: Sequence[Verdict], left_out: Sequence[Pair]) -> Iterator[str]:
    total = Tally.of(verdicts)
    yield f"found {total.found} ({total.found.rate:.1%}, wanted {FOUND:.0%})"
    yield f"silent {total.silent} ({total.silent.rate:.1%}, wanted {SILENT:.0%})"
    missing = [v.pair.rule for v in verdicts if not v.has_rule]
    names = ", ".join(f"{rule} ({missing.count(rule)})" for rule in dict.fromkeys(missing))
    yield f"no rule: {len(missing)} pairs" + (f": {names}" if names else "")
    yield f"left out, not on npm any more: {len(left_out)}" + "".join(f"\n  {pair.rule}: {pair}" for pair in left_out)


def _troubles(verdict: Verdict) -> Iterator[str]:
    pair = verdict.pair
    if not verdict.has_rule:
        return
    if verdict.found is None:
        yield f"missed: {pair.rule}: {pair}: {verdict.reason}"
    if not verdict.silent:
        note = " (upstream's fix is incomplete)" if pair.incomplete else ""
        yield f"not silent: {pair.rule}: {pair.good_package} {pair.good}: {', '.join(verdict.residue)}{note}"
    elif not verdict.file_silent:
        yield f"elsewhere: {pair.rule}: {pair.good_package} {pair.good}: {', '.join(verdict.residue)}"
    if verdict.clean is False:
        yield f"not clean: {pair.rule}: {pair}: a fix was applied and its rule still speaks"
    if verdict.parses is False:
        yield f"broken: {pair.rule}: {pair}: {', '.join(verdict.unparsed)}"


def as_json(verdicts: Sequence[Verdict], left_out: Sequence[Pair]) -> str:
    """One object: `pairs`, a verdict for each, and `left_out`. Places are FILE:LINE."""
    rows = [
        {
            "rule": v.pair.rule, "package": v.pair.package, "bad": v.pair.bad, "good_package": v.pair.good_package,
            "good": v.pair.good, "file": v.pair.file, "line": v.pair.lines[0], "incomplete": v.pair.incomplete,
            "has_rule": v.has_rule, "found": v.found.span.line if v.found else None, "reason": v.reason,
            "silent": v.silent, "file_silent": v.file_silent, "residue": v.residue, "safety": v.safety,
            "clean": v.clean, "parses": v.parses, "like": v.like,
        }
        for v in verdicts
    ]  # fmt: skip
    return json.dumps({"pairs": rows, "left_out": [f"{pair.rule}: {pair}" for pair in left_out]}, indent=2) + "\n"
