"""python -m tests.evidence [--json FILE] [--rules DIR] [RULE ...]: judges the pairs of these rules, or of all."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from linter.rule import load_rules
from tests.evidence.judge import verdicts
from tests.evidence.pairs import pairs
from tests.evidence.table import FOUND, SILENT, Tally, as_json, lines


def main() -> int:
    """1 when the rules do not reach what they are held to, or a fix leaves something broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.evidence", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write every verdict to FILE")
    parser.add_argument("--rules", type=Path, action="append", default=[], metavar="DIR", help="more rule pages")
    parser.add_argument("rule", nargs="*", help="only the pairs of these")
    asked = parser.parse_args()
    here, left_out = pairs()
    if asked.rule:
        here, left_out = ([p for p in some if p.rule in asked.rule] for some in (here, left_out))
    judged = []
    for verdict in verdicts(here, load_rules(asked.rules)):
        judged.append(verdict)
        if sys.stderr.isatty():
            sys.stderr.write(f"\r\033[K{len(judged)}/{len(here)} {verdict.pair.rule}: {verdict.pair.package}")
    if sys.stderr.isatty():
        sys.stderr.write("\r\033[K")
    if asked.json:
        asked.json.write_text(as_json(judged, left_out), "utf8")
    print("\n".join(lines(judged, left_out)))
    total = Tally.of(judged)
    holds = total.clean.yes == total.clean.of and total.parses.yes == total.parses.of
    return 0 if total.found.rate >= FOUND and total.silent.rate >= SILENT and holds else 1


if __name__ == "__main__":
    sys.exit(main())
