"""The vocabulary of semantic patches: what `$X: number` or `$HEAD: upgrade_head` means."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

from tree_sitter import Node

from ..about import About
from ..matcher import Env
from ..on_demand import OnDemand
from .kind import Kind

# The kinds of each module of this folder, which is imported when one of them is asked for: a file calls for few.
MODULES: Mapping[str, str] = {
    "sorts": "number string array buffer function module",
    "outlives": "outlives never_released read_later",
    "fallbacks": "fallback_for",
    "upgrade_heads": "upgrade_head captured_upgrade_head boxed_upgrade_head last_upgrade_head_use kept",
    "fresh": "fresh",
    "deadlines": "deadline other_deadline place",
    "entries": "emptied_container",
    "timers": "overwritten_timer",
    "listeners": "new_function event_name removed_bare added_wrapped",
    "queues": "dequeued",
    "slow_regex": "trailing_run trailing_blanks outer_blanks separator long_text linear_form separator_text",
    "aborting": "foreign_signal foreign_token",
    "emitters": "emitter_class own_emitter_state",
    "key_paths": "walked_key",
    "partial_fill": "partly_filled",
    "piping": "response untended",
    "randomness": "guessable biased",
    "verification": "verification_off unset_verification",
    "messages": "unwatched_response optional_header",
    "decompression": "inflater unbounded foreign_data",
    "untyped": "untyped",
    "undeclared": "leaked_global",
    "unheard": "unheard_socket",
    "relaying": "relaying_emitter",
}


def _kind(name: str) -> Kind:
    kinds: Mapping[str, Kind] = import_module(f".{_HOMES[name]}", __name__).KINDS
    return kinds[name]


_HOMES = {name: module for module, names in MODULES.items() for name in names.split()}
KINDS: Mapping[str, Kind] = OnDemand(_HOMES, _kind)


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
