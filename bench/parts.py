"""python -m bench.parts [--select RULE,...] FILE...: what parsing a large file in parts saves.

For each file, with the recommended rules or those chosen: CPU seconds of a check in parts and as a whole, the lesser of
two rounds in turns, and how many bytes come to the parser in parts, at first.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from unittest.mock import patch

from linter import analysis
from linter.dialect import dialect_of
from linter.focus import LARGE, Focus
from linter.library import check
from linter.rule import Due, Rule, load_rules

_ROUNDS = 2
_NEVER = 1 << 62


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.parts")
    parser.add_argument("--select", default="")
    parser.add_argument("files", nargs="+")
    asked = parser.parse_args(arguments)
    files: list[str] = asked.files
    chosen = {name for name in str(asked.select).split(",") if name}
    rules = [rule for rule in load_rules() if (rule.id in chosen if chosen else rule.recommended)]
    print(f"{'bytes':>10} {'parsed':>10} {'parts s':>8} {'whole s':>8} {'ratio':>6}  file")
    for name in files:
        path = Path(name)
        data = path.read_bytes()
        taken: dict[int, list[float]] = {LARGE: [], _NEVER: []}
        for _ in range(_ROUNDS):
            for large, seconds in taken.items():
                seconds.append(_seconds(path, rules, large))
        parts, whole = min(taken[LARGE]), min(taken[_NEVER])
        ratio = whole / parts
        print(f"{len(data):>10} {_parsed(path, data, rules):>10} {parts:>8.2f} {whole:>8.2f} {ratio:>6.1f}  {name}")
    return 0


def _seconds(path: Path, rules: Sequence[Rule], large: int) -> float:
    with patch.object(analysis, "LARGE", large):
        start = time.process_time()
        check(path, rules=rules, node="all")
        return time.process_time() - start


def _parsed(path: Path, data: bytes, rules: Sequence[Rule]) -> int:
    """How many bytes the first look at a file parses; 0 for a file in which nothing is looked for."""
    due = Due[str](rules)
    due.look("", data)
    tried = due.found().get("", [])
    focus = Focus.of(data, tried) if len(data) >= LARGE and dialect_of(path.name) == "javascript" else None
    hidden = focus.hidden() if focus is not None else ()
    return len(data) - sum(end - start for start, end in hidden) if tried else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
