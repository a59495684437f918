"""What makes a finding the same finding after an upgrade: no version, no line number, no layout, no comment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from .digest import sha256
from .finding import Finding

if TYPE_CHECKING:
    from tree_sitter import Node

# Their layout is what they say, so they are taken whole.
_WHOLE = frozenset({"string", "template_string", "regex", "jsx_text"})
_SILENT = frozenset({"comment", "html_comment"})


def fingerprint(*parts: str) -> str:
    """32 hex digits that depend on the parts, not on how their white space is laid out."""
    folded = "\0".join(" ".join(part.split()) for part in parts)
    return sha256(folded.encode("utf8", "surrogatepass")).hexdigest()[:32]


def spelling(node: Node) -> str:
    """The code of a node as its tokens with one blank between: what a formatter or a comment changes is not in it."""
    return " ".join(_tokens(node))


def _tokens(node: Node) -> Iterator[str]:
    from .source import text, walk  # whoever has a node has a parser; the rest of the module needs none

    end = -1  # of the last token: what lies inside of it is said already
    for inner in walk(node):
        if inner.start_byte < end:
            continue
        if inner.type in _WHOLE or inner.type in _SILENT or not inner.child_count:
            end = inner.end_byte
            # A semicolon may as well have been left to the parser.
            if inner.type not in _SILENT and inner.type != ";":
                yield text(inner)


def distinct(findings: Iterable[Finding]) -> list[str]:
    """A mark for each finding that no other of the report has: its fingerprint, with `:2`, `:3` ... where it is shared.

    Copies of one package share a fingerprint, in whatever version. As long as the findings come in the order of a
    report (by path), the marks of n copies are the same n, whichever of them comes or goes.
    """
    seen: Counter[str] = Counter()
    marks: list[str] = []
    for finding in findings:
        seen[finding.fingerprint] += 1
        count = seen[finding.fingerprint]
        marks.append(finding.fingerprint if count == 1 else f"{finding.fingerprint}:{count}")
    return marks
