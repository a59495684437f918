"""The index of the rules: rules/README.md, made from the pages and checked to be up to date."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from .rule import Rule, load_rules, shipped

_HEAD = """\
# Rules

Made by `make index` from the pages in this folder; `make check` fails when it is out of date.

A rule is recommended, which means that it is on unless something else is selected, or it is not: `--select` takes the
ids of rules, categories, `recommended` and `all`.

| rule | severity | category | recommended | Node | fix | what it finds |
|---|---|---|---|---|---|---|
"""
_OUT_OF_SCOPE = """
## Out of scope

- Style, formatting, unused code: linters of one's own code do that, and dependencies are not ours to restyle.
- Known vulnerable versions without a pattern: `npm audit` and its kin read the advisories.
- Type errors: without types, what cannot be seen is not guessed.
- Anything that needs the code to run: scanned code is never run.
"""


def index(rules: Sequence[Rule]) -> str:
    """The text of rules/README.md."""
    rows = "".join(
        f"| [{rule.id}]({rule.id}.md) | {rule.severity} | {rule.category} "
        f"| {'yes' if rule.recommended else 'no'} | {_cell(rule.node)} | {rule.safety} "
        f"| {_cell(rule.summary)} |\n"
        for rule in rules
    )
    return _HEAD + rows + _OUT_OF_SCOPE


def main(arguments: Sequence[str]) -> int:
    """`python -m linter.index` writes the index; with `--check` it answers 1 when the index is out of date."""
    path = Path(shipped()) / "README.md"
    wanted = index(load_rules())
    if "--check" not in arguments:
        path.write_text(wanted, encoding="utf8")
        return 0
    if path.is_file() and path.read_text(encoding="utf8") == wanted:
        return 0
    sys.stderr.write("rules/README.md is out of date: run `make index`\n")
    return 1


def _cell(words: str) -> str:
    first = words.split(". ")[0].rstrip(".")
    return first.replace("|", "\\|")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
