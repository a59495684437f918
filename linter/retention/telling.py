"""The way of a value in words: where it enters, who hands it on, and who keeps it, for people who never read V8."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tree_sitter import Node

from ..finding import Hop
from ..hop import hop, short
from ..isomorphisms import parameters, shape
from ..naming import full_name
from ..source import text
from ..values import arguments_of
from .calling import callee_of
from .flow import Holder
from .heads import Kept, way_of
from .lifetimes import Keep
from .program import Code

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth")


def entering(holder: Holder) -> Iterator[Hop]:
    """Where the head enters the package, and each call that hands it on to the parameter."""
    first, *rest = way_of(holder)
    index = first.binding.index if first.binding is not None else int(first.path[0]) if first.path[0].isdigit() else -1
    given = parameters(first.scope) if first.binding is None else []
    name, called = text(given[index]) if 0 <= index < len(given) else _name(first), full_name(first.scope)
    where = f"`{called}`" if called else "this listener"
    place = _ORDINALS[index] if 0 <= index < len(_ORDINALS) else "last"
    sentence = f"`{name}` enters as the {place} argument of {where}: the bytes behind the upgrade request"
    yield hop("enters", sentence, _node(first), first.unit.source)
    yield from _handed(rest)


def _handed(way: Sequence[Holder]) -> Iterator[Hop]:
    """The moves by which a value gets from variable to variable."""
    for holder in way:
        if holder.at is None:
            continue
        if holder.entered:
            called = full_name(holder.scope)
            to = f"`{called}`" if called else "a function"
            taken = f", which takes {_inside(holder)}" if holder.binding is not None else ""
            sentence = f"`{short(_callee(holder.at.node))}` hands it to {to}{taken}"
            yield hop("passed", sentence, holder.at.node, holder.at.unit.source)
        else:
            sentence = f"`{short(holder.at.node)}` puts it into {_inside(holder)}"
            yield hop("note", sentence, holder.at.node, holder.at.unit.source)


def keeping(kept: Kept) -> Iterator[Hop]:
    """How the head gets from the parameter to what keeps it, and what that is."""
    way = way_of(kept.holder)
    yield from _handed(way[len(way_of(kept.entry)) :])
    yield from _kept(kept.keep, _name(kept.holder))


def owning(keep: Keep, name: str) -> Iterator[Hop]:
    """Who keeps the object that a value was hung on."""
    if keep.holder is None:
        return
    yield from _handed(way_of(keep.holder)[1:])
    if keep.how == "handed":
        sentence = f"`{_name(keep.holder)}` is handed to `{short(_callee(keep.at.node))}`, which may keep it"
        yield hop("passed", sentence, keep.at.node, keep.at.unit.source)
    else:
        yield from _kept(keep, _name(keep.holder) or name)


def _kept(keep: Keep, name: str) -> Iterator[Hop]:
    place, source = keep.at.node, keep.at.unit.source
    if keep.mention is not None and keep.keeper is not None:
        mention = keep.mention.at
        yield hop("note", _mentioned(text(mention.node), name), mention.node, mention.unit.source)
        inside = keep.keeper.node.start_byte <= mention.node.start_byte < keep.keeper.node.end_byte
        shared = "" if inside else ", through the context it shares with that closure"
        yield hop("kept", f"`{name}` is kept by {_keeper(keep)}{shared}", place, source)
    elif keep.how == "waits":
        called = full_name(_function(keep.at) or place)
        of = f" of `{called}`" if called else ""
        sentence = f"`{name}` stays in the frame{of} while it waits here, which is as long as the connection lasts"
        yield hop("kept", sentence, place, source)
    else:
        yield hop("kept", f"`{short(place)}` keeps it", place, source)


def _mentioned(mention: str, name: str) -> str:
    if mention == "arguments":
        return f"`arguments` puts every parameter, `{name}` too, where the closures made here can see it"
    if mention == "eval":
        return f"`eval` may use any variable, so `{name}` is put where the closures made here can see it"
    return f"a closure mentions `{name}`, which puts it where every closure made in this call can see it"


def _keeper(keep: Keep) -> str:
    """The keeper in words: the listener of an event, or what it is assigned to."""
    why = keep.keep or keep
    node = why.at.node
    if why.how == "waits":
        called = full_name(_function(why.at) or node)
        return f"`{called}`, which waits until the connection is over" if called else "a function that waits"
    if why.how == "interval":
        return "the callback of `setInterval`"
    if why.how == "reaction":
        return f"the callback of `{short(_callee(node))}`, which waits until the connection is over"
    if node.type == "assignment_expression":
        left = node.child_by_field_name("left")
        return f"the function stored in `{short(left)}`" if left is not None else "a stored function"
    callee = callee_of(node)
    target = callee.child_by_field_name("object") if callee is not None else None
    if why.how == "listener" and target is not None:
        return f"the '{_event(node)}' listener of `{short(target)}`"
    return f"a function handed to `{short(_callee(node))}`"


def _function(code: Code) -> Node | None:
    return code.unit.values.scopes.function(code.node.start_byte)


def _callee(call: Node) -> Node:
    return callee_of(call) or call


def _event(call: Node) -> str:
    given = arguments_of(call)
    return shape(given[0]).text if given else ""


def _name(holder: Holder) -> str:
    return holder.binding.name if holder.binding is not None else "arguments"


def _node(holder: Holder) -> Node:
    return holder.binding.declaration if holder.binding is not None else holder.scope


def _inside(holder: Holder) -> str:
    """The variable, with the place in what it holds: `ctx.head`, `list[2]`."""
    parts = [f"[{part}]" if part.isdigit() else f".{part}" for part in holder.path if part != "*"]
    return f"`{_name(holder)}{''.join(parts)}`"
