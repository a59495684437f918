"""The vocabulary of semantic patches: what `$X: number` or `$HEAD: upgrade_head` means."""

from __future__ import annotations

from collections.abc import Mapping

from tree_sitter import Node

from . import decompression, messages, outlives, relaying, sorts, undeclared, unheard, untyped, upgrade_heads
from .about import About
from .kind import Kind
from .matcher import Env

KINDS: Mapping[str, Kind] = {
    **sorts.KINDS,
    **outlives.KINDS,
    **upgrade_heads.KINDS,
    **messages.KINDS,
    **decompression.KINDS,
    **untyped.KINDS,
    **undeclared.KINDS,
    **unheard.KINDS,
    **relaying.KINDS,
}


def admits(alternatives: tuple[tuple[str, ...], ...], node: Node, about: About, env: Env) -> bool:
    """Whether the node is of one of the kinds; anything is when none is asked for."""
    return not alternatives or any(KINDS[name].holds(node, about, env, tuple(rest)) for name, *rest in alternatives)
