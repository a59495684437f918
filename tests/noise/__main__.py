"""python -m tests.noise: scans the popular packages and compares each hit with what a reader said of it.

Prints every hit with its verdict, then a line for each rule and one for each package with hits. Answers 1 when a hit
has no verdict, a verdict has no hit, or more than one hit in ten packages is false.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from linter.sets import DEFAULT
from tests.noise.hits import Scanned, chosen, popular, scan
from tests.noise.verdicts import WORDS, Weighed, verdicts, weigh

_WIDTH = 100


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.noise", description=__doc__)
    parser.add_argument("--select", action="append", metavar="RULE|SET", help="as nodemend check has it")
    parser.add_argument("--rules", type=Path, action="append", default=[], metavar="DIR", help="more rule pages")
    parser.add_argument("--jobs", type=int, default=1, help="processes to scan with (default: 1)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write every hit and verdict to FILE")
    parser.add_argument("package", nargs="*", help="only these: NAME or NAME@VERSION")
    asked = parser.parse_args()
    select = asked.select or list(DEFAULT)
    rules = [rule.id for rule in chosen(select, asked.rules)]
    packages = [p for p in popular() if not asked.package or {p.name, str(p)} & set(asked.package)]
    scanned, known = [], verdicts()
    for one in scan(packages, select, asked.rules, asked.jobs):
        scanned.append(one)
        for line in hits(weigh([one], known, rules)):
            print(line, flush=True)
    weighed = weigh(scanned, known, rules)
    if asked.json:
        rows = [{**asdict(hit), "verdict": word, "why": why} for hit, word, why in weighed.said]
        asked.json.write_text(json.dumps(rows, indent=1) + "\n", "utf8")
    print("\n".join(summary(weighed, scanned, rules)))
    return 0 if weighed.holds else 1


def hits(weighed: Weighed) -> Iterator[str]:
    """Each hit with what was said of it, and the code."""
    for hit, word, why in weighed.said:
        yield f"{hit.package}/{hit.file}:{hit.line}: {hit.rule}: {word or 'NO VERDICT'}{f': {why}' if why else ''}"
        yield f"    {hit.snippet[:_WIDTH]}"


def summary(weighed: Weighed, scanned: Sequence[Scanned], rules: Sequence[str]) -> Iterator[str]:
    """What is stale and what was given up, the tables and the total."""
    for stale in weighed.stale:
        where = ", ".join(map(str, stale.lines))
        yield f"STALE: {stale.package}/{stale.file}:{where}: {stale.rule}: nothing is found at one of these lines"
    for one in scanned:
        yield from (f"GIVEN UP: {one.package}/{what}" for what in one.given_up)
    yield ""
    yield from _by_rule(weighed, rules)
    yield ""
    yield from _by_package(weighed)
    yield ""
    yield from _total(weighed, scanned)


def _by_rule(weighed: Weighed, rules: Sequence[str]) -> Iterator[str]:
    rows = [["rule", "hits", "packages", *WORDS, "unread"]]
    for rule in rules:
        hits = [hit for hit, *_ in weighed.said if hit.rule == rule]
        counts = [weighed.count(word, rule) for word in (*WORDS, "")]
        rows.append([rule, *map(str, (len(hits), len({hit.package for hit in hits}), *counts))])
    yield from _table(rows)


def _by_package(weighed: Weighed) -> Iterator[str]:
    counts = Counter(hit.package for hit, *_ in weighed.said)
    false = Counter(hit.package for hit, word, _ in weighed.said if word == "false")
    yield from _table([["package", "hits", "false"], *([p, str(n), str(false[p])] for p, n in counts.most_common())])


def _total(weighed: Weighed, scanned: Sequence[Scanned]) -> Iterator[str]:
    files, gated = sum(one.files for one in scanned), sum(one.gated for one in scanned)
    yield (
        f"{len(scanned)} packages, {files} files: {len(weighed.said)} hits, {gated} more gated by the package's engines"
    )
    words = ", ".join(f"{weighed.count(word)} {word}" for word in WORDS)
    yield f"{words}, {len(weighed.unread)} without a verdict, {len(weighed.stale)} verdicts without a hit"
    yield f"false hits allowed: {weighed.allowed}, one in ten packages"


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    yield from ("  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)


if __name__ == "__main__":
    sys.exit(main())
