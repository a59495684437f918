"""Sockets that Node hands to a listener, and whose errors nobody listens to."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from ..about import About
from ..isomorphisms import bare, parameters
from ..matcher import Env
from ..naming import called_method
from ..source import FUNCTIONS, text
from ..values import arguments_of
from .kind import Kind

LISTENING = frozenset({"on", "once", "addListener", "prependListener", "prependOnceListener"})
# Which parameter of the listener of an event is a socket that Node hands over, its own error handler taken off.
_HANDED = {"upgrade": 1, "connect": 1}
_SERVERS = (("module", "net"), ("module", "tls"))
# What makes a socket do something that can fail later.
_WORKING = frozenset({"write", "end", "pipe", "resume", "read"})


def unheard_socket(node: Node, about: About, _env: Env, _arguments: tuple[str, ...]) -> bool:
    """The socket that a listener is handed, which is put to work, goes nowhere else and has no error listener."""
    return node.type == "identifier" and node.start_byte in socket_places(about)


def socket_places(about: About) -> frozenset[int]:
    return about.once("unheard_socket", lambda: frozenset(
        name.start_byte for name in _sockets(about) if _is_unheard(name, about)
    ))  # fmt: skip


def _sockets(about: About) -> Iterator[Node]:
    """The parameters by which such sockets come in."""
    words = [word.encode() for word in (*_HANDED, "createServer", "connection", "secureConnection")]
    # The peers of a server in a test are the test itself.
    for call in about.source.around(words, {"call_expression"}, 3) if about.package.shipped else ():
        function, index = _listener(call, about)
        given = parameters(function) if function is not None else []
        if 0 <= index < len(given) and given[index].type == "identifier":
            yield given[index]


def _listener(call: Node, about: About) -> tuple[Node | None, int]:
    """The function that a call makes a listener, and which of its parameters is the socket; -1 for none."""
    given = arguments_of(call)
    if not given:
        return None, -1
    last = about.values.constant(given[-1])
    function = last if last.type in FUNCTIONS else None
    callee = bare(call.child_by_field_name("function") or call)
    target = callee.child_by_field_name("object")
    if called_method(call) in LISTENING and given[0].type == "string" and target is not None:
        event = text(given[0])[1:-1]
        if event in _HANDED:
            return function, _HANDED[event]
        made = about.values.constant(target)
        serves = made.type == "call_expression" and _creates_server(made, about)
        return function, 0 if event in {"connection", "secureConnection"} and serves else -1
    return function, 0 if _creates_server(call, about) else -1


def _creates_server(call: Node, about: About) -> bool:
    callee = call.child_by_field_name("function")
    value = about.values.canonical(callee) if callee is not None else ()
    return value[:2] in _SERVERS and value[2:] in {("createServer",), ("Server",)}


def _is_unheard(name: Node, about: About) -> bool:
    """Whether a socket is put to work, and nobody listens to its errors, as far as it goes."""
    binding = about.values.binding(name)
    if binding is None or len(binding.writes) > 0:
        return False
    uses = [leaf for leaf in about.source.leaves(name.text or b"") if about.values.binding(leaf) is binding]
    uses = [leaf for leaf in uses if leaf.id != name.id and leaf.type != "property_identifier"]
    return all(_stays(use) for use in uses) and any(_works(use) for use in uses)


def _stays(use: Node) -> bool:
    """Whether a use neither hands the socket on nor puts an error listener on it."""
    parent = use.parent
    if parent is None or parent.type in {"pair", "array", "return_statement", "spread_element"}:
        return False
    if parent.type == "arguments":
        call = parent.parent
        return call is not None and called_method(call) == "pipe"
    if parent.type in {"assignment_expression", "variable_declarator"} or use.type != "identifier":
        return False
    return not any(listens_to_error(call) for call in _chain(use))


def _chain(use: Node) -> Iterator[Node]:
    """The calls that are made on a value one after the other: `x.a().b()`."""
    node, parent = use, use.parent
    while parent is not None and parent.type in {"member_expression", "call_expression"}:
        if parent.type == "call_expression" and node.type == "member_expression":
            yield parent
        node, parent = parent, parent.parent


def listens_to_error(call: Node) -> bool:
    """Whether a call puts a listener on `error`, or on events whose names cannot be seen."""
    given = arguments_of(call)
    if called_method(call) not in LISTENING or not given:
        return False
    return given[0].type != "string" or text(given[0])[1:-1] == "error"


def _works(use: Node) -> bool:
    parent = use.parent
    if parent is not None and parent.type == "arguments":
        return True
    calls = list(_chain(use))
    return any(called_method(call) in _WORKING or called_method(call) in LISTENING for call in calls)


KINDS = {
    "unheard_socket": Kind(
        unheard_socket, (0, 0), lambda _: frozenset({"upgrade", "connect", "createServer"}),
        "a socket that a listener is handed, and whose errors nobody hears", socket_places,
    ),
}  # fmt: skip
