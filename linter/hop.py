"""Putting a step of a trace where it belongs in a file."""

from __future__ import annotations

from tree_sitter import Node

from .finding import Hop, Role
from .source import Source, text

_SHOWN = 60


def hop(role: Role, sentence: str, node: Node, source: Source) -> Hop:
    """A step of a trace at a node."""
    span = source.span(node.start_byte, node.end_byte)
    return Hop(role, sentence, source.path, span, source.line(span.line))


def short(node: Node, length: int = _SHOWN) -> str:
    """The code of a node on one line, cut when it is longer than that many characters."""
    words = " ".join(text(node).split())
    return words if len(words) <= length else words[: length - 1] + "…"
