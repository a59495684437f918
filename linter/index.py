"""What is made from the rules' pages and checked to be up to date: rules/README.md for people, and a list for scans."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from .rule import Rule, load_rules, shipped
from .rule.listing import NAME, listed

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
    """`python -m linter.index` writes the index and the list; with `--check` it answers 1 when one is out of date."""
    folder = Path(shipped())
    rules = load_rules(listed=False)
    wanted = {folder / "README.md": index(rules), folder / NAME: listed(rules)}
    if "--check" not in arguments:
        for path, text in wanted.items():
            path.write_text(text, encoding="utf8")
        return 0
    for path, text in wanted.items():
        if not path.is_file() or path.read_text(encoding="utf8") != text:
            sys.stderr.write(f"rules/{path.name} is out of date: run `make index`\n")
            return 1
    return 0


def _cell(words: str) -> str:
    first = words.split(". ")[0].rstrip(".")
    return first.replace("|", "\\|")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
