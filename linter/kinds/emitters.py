"""Objects that share the state of one EventEmitter, since it is what they all inherit from."""

from __future__ import annotations

from tree_sitter import Node

from ..about import About
from ..isomorphisms import bare
from ..matcher import Env
from ..source import FUNCTIONS, text, walk
from ..values import arguments_of
from .kind import Kind

# What makes an emitter and nothing more: an object that only inherits from it works, and gets listeners of its own.
_PLAIN = frozenset({
    ("module", "events"), ("module", "events", "EventEmitter"), ("module", "stream"), ("module", "stream", "Stream"),
    ("global", "process", "EventEmitter"),
})  # fmt: skip
_STATEFUL = frozenset({
    ("module", "stream", "Readable"), ("module", "stream", "Writable"), ("module", "stream", "Duplex"),
    ("module", "stream", "Transform"), ("module", "stream", "PassThrough"), ("module", "net", "Socket"),
    ("module", "net", "Server"), ("module", "http", "Server"),
})  # fmt: skip


def emitter_class(node: Node, about: About, _env: Env, arguments: tuple[str, ...]) -> bool:
    """`plain`: EventEmitter, or the Stream that is nothing else; `stateful`: a stream or a server, whose constructor
    sets up more than listeners."""
    return about.values.canonical(node) in (_PLAIN if arguments[0] == "plain" else _STATEFUL)


def own_emitter_state(node: Node, about: About, _env: Env, _arguments: tuple[str, ...]) -> bool:
    """A constructor that calls that of an emitter for each object, or one of which there is a single object."""
    function = _constructor(node, about)
    if function is None:
        return False
    return _calls_super(function, about) or _is_single(node, function, about)


def _constructor(node: Node, about: About) -> Node | None:
    """The function that makes the objects, also where it is handed to a function that is called at once."""
    for _ in range(3):
        stands = about.values.constant(node)
        if stands.type in FUNCTIONS:
            return stands
        binding = about.values.parameter(stands)
        call = _called_at_once(binding.scope.node) if binding is not None else None
        if call is None or binding is None or binding.index >= len(arguments_of(call)):
            return None
        node = arguments_of(call)[binding.index]
    return None


def _called_at_once(function: Node) -> Node | None:
    parent = function.parent
    while parent is not None and parent.type == "parenthesized_expression":
        parent = parent.parent
    callee = parent.child_by_field_name("function") if parent is not None else None
    is_call = parent is not None and parent.type == "call_expression" and callee is not None
    return parent if is_call and callee is not None and bare(callee).id == function.id else None


def _calls_super(function: Node, about: About) -> bool:
    """Whether `EventEmitter.call(this)`, or the like, is anywhere in it."""
    for node in walk(function):
        callee = node.child_by_field_name("function") if node.type == "call_expression" else None
        name = callee.child_by_field_name("property") if callee is not None else None
        owner = callee.child_by_field_name("object") if callee is not None else None
        if name is None or owner is None or text(name) not in {"call", "apply"}:
            continue
        given = arguments_of(node)
        if given and text(given[0]) in {"this", "self"} and (
            about.values.canonical(owner) in _PLAIN | _STATEFUL or text(owner).endswith("super_")
        ):
            return True
    return False


def _is_single(node: Node, function: Node, about: About) -> bool:
    """Whether one object is made of it here, and nobody else can make one."""
    made = 0
    for leaf in about.source.leaves(text(bare(node)).encode("utf8", "surrogateescape")):
        parent = leaf.parent
        if leaf.type != "identifier" or about.values.constant(leaf).id != function.id or parent is None:
            continue
        if parent.type == "new_expression":
            made += 1 if about.function(leaf) is None else 2
        elif parent.type == "member_expression" or parent.id == function.id:
            continue
        elif parent.type != "variable_declarator":
            return False
    return made == 1


def _words(_arguments: list[str]) -> frozenset[str]:
    return frozenset({"events", "stream", "net", "http", "EventEmitter"})


KINDS = {
    "emitter_class": Kind(emitter_class, (1, 1), _words, "a class of emitters: `plain`, or `stateful` as a stream is"),
    "own_emitter_state": Kind(
        own_emitter_state, (0, 0), lambda _: frozenset(), "a constructor that sets up an emitter for each object"
    ),
}
