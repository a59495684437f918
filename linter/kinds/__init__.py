"""The vocabulary of semantic patches: what `$X: number` or `$HEAD: upgrade_head` means."""

from __future__ import annotations

from collections.abc import Mapping

from tree_sitter import Node

from ..about import About
from ..matcher import Env
from . import (
    aborting,
    deadlines,
    decompression,
    emitters,
    entries,
    fallbacks,
    fresh,
    key_paths,
    listeners,
    messages,
    outlives,
    partial_fill,
    piping,
    queues,
    randomness,
    relaying,
    slow_regex,
    sorts,
    timers,
    undeclared,
    unheard,
    untyped,
    upgrade_heads,
    verification,
)  # fmt: skip
from .kind import Kind

KINDS: Mapping[str, Kind] = {
    **sorts.KINDS,
    **outlives.KINDS,
    **fallbacks.KINDS,
    **upgrade_heads.KINDS,
    **fresh.KINDS,
    **deadlines.KINDS,
    **entries.KINDS,
    **timers.KINDS,
    **listeners.KINDS,
    **queues.KINDS,
    **slow_regex.KINDS,
    **aborting.KINDS,
    **emitters.KINDS,
    **key_paths.KINDS,
    **partial_fill.KINDS,
    **piping.KINDS,
    **randomness.KINDS,
    **verification.KINDS,
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


def completed(kinds: Mapping[str, tuple[tuple[str, ...], ...]], node: Node, about: About, env: Env) -> Env | None:
    """The bindings with those that kinds make for the place; None when one of them cannot be made there."""
    for name, alternatives in kinds.items():
        if not makes(alternatives):
            continue
        found = (
            maker(node, about, env, tuple(rest)) for kind, *rest in alternatives if (maker := KINDS[kind].makes)
        )
        new = next((each for each in found if each is not None), None)
        if new is None:
            return None
        env = {**env, name: new}
    return env


def makes(alternatives: tuple[tuple[str, ...], ...]) -> bool:
    """Whether these kinds make what a metavariable stands for, so that no code of the rule binds it."""
    return bool(alternatives) and all(KINDS[name].makes is not None for name, *_ in alternatives)
