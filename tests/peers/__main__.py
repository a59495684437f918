"""python -m tests.peers: runs other tools on the verified pairs and popular packages, and writes docs/peers.md."""

from __future__ import annotations

import sys

from linter.rule import load_rules
from tests.npm import NpmError
from tests.peers.compare import compare
from tests.peers.mapping import compared
from tests.peers.page import PAGE, page
from tests.peers.retire import reported


def main() -> int:
    rules = load_rules()
    try:
        done, unparsed = compare(compared({rule.id for rule in rules}), rules)
        retired = reported(spec for one in done for pair in one.pairs for spec in pair.specs)
    except NpmError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    PAGE.write_text(page(done, unparsed, retired), "utf8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
