"""Findings in the order of a report, each with the mark that tells it from its copies."""

from __future__ import annotations

from collections.abc import Iterable

from ..finding import Finding
from ..fingerprint import distinct


def ordered(findings: Iterable[Finding]) -> list[Finding]:
    """By path, position and rule, whatever order they come in."""
    return sorted(findings, key=lambda f: (f.path, f.span.start, f.rule, f.span.end))


def marked(findings: Iterable[Finding]) -> list[tuple[Finding, str]]:
    """The findings in that order, each with a mark that no other has: its fingerprint, numbered where it is shared."""
    those = ordered(findings)
    return list(zip(those, distinct(those), strict=True))
