"""The list of the shipped rules: what their pages say, so that a scan compiles only the pages that a file calls for.

It is rules/listing.json, which `make index` writes from the pages and `make check` compares with them: it comes with
the code and belongs to whoever owns the code, so there is no cache folder to trust, to lock or to clear. It holds plain
data, no code. A page whose SHA-256 is not the one listed is compiled, and so are all when the list cannot be read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypedDict, cast

from ..datatype import names
from ..digest import sha256
from ..gate import Gate
from . import Body, Rule, text

NAME = "listing.json"
# The text is that of the page, the place is where it lies now, and of the code only the gates are noted.
_UNLISTED = frozenset({"id", "page", "path", "body"})
_LISTED = frozenset(names(Rule)) - _UNLISTED


class Row(TypedDict):
    """What is listed of one page. `gates` has for each patch its words and its shapes: of each list one must be met."""

    sha256: str
    says: dict[str, object]  # the fields of a Rule that are plain words
    gates: list[list[list[list[str]]]]
    prose: int  # how many lines the front matter takes
    unless: list[str]


class Listing:
    """The rules that are listed, by id."""

    def __init__(self, rows: Mapping[str, Row]) -> None:
        self._rows = rows

    @classmethod
    def read(cls, folder: Path) -> Listing:
        """The list in a folder of rules; an empty one where there is none that can be read."""
        try:
            rows: object = json.loads((folder / NAME).read_bytes())
        except (OSError, ValueError, RecursionError):
            rows = {}
        return cls(cast("dict[str, Row]", rows) if isinstance(rows, dict) else {})

    def rule(self, path: Path, data: bytes) -> Rule | None:
        """The rule of the page that holds these bytes; None when it is not the page that is listed."""
        try:
            row = self._rows[path.stem]
            known = row["sha256"] == sha256(data).hexdigest()
            return _rule(row, path, text(path, data)) if known else None
        except (KeyError, TypeError, ValueError, AttributeError):  # no row, or one that another program made
            return None


def _rule(row: Row, path: Path, page: str) -> Rule:
    says = row["says"] | {"package": tuple(cast("list[str]", row["says"]["package"]))}
    gates = tuple(Gate.of(words, shapes) for words, shapes in row["gates"])
    body = Body(path, page, row["prose"], gates, tuple(row["unless"]))
    return Rule(id=path.stem, page=page, path=str(path), body=body, **says)  # type: ignore[arg-type]


def listed(rules: Sequence[Rule]) -> str:
    """The text of the list: JSON with a line for each page."""
    rows = ",\n".join(f"{json.dumps(rule.id)}: {json.dumps(_row(rule), ensure_ascii=False)}" for rule in rules)
    return f"{{\n{rows}\n}}\n"


def _row(rule: Rule) -> Row:
    return {
        "sha256": sha256(Path(rule.path).read_bytes()).hexdigest(),
        "says": {name: getattr(rule, name) for name in sorted(_LISTED)},
        "gates": [[[list(words) for words in part] for part in gate.lists] for gate in rule.body.gates],
        "prose": rule.body.prose,
        "unless": list(rule.body.exceptions),
    }
