"""An HTTP message, which a peer wrote: the request that a server got, the response that a client got."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from ..about import About
from ..isomorphisms import bare
from ..matcher import Env
from ..naming import called_method
from ..regexes import regex
from ..source import FUNCTIONS, text, walk
from ..values import Value, arguments_of
from ..values.scopes import names_in
from .guards import tests
from .kind import Kind

# How people call a message, alone or at the end of a longer name.
_NAMED = regex(r"^(?:.*[a-z_$])?(?:Req|Res|Request|Response|Resp|Message)\d*$|^_?(?:req|res|request|response|resp)\d*$")
# Events whose listener gets a message first, and a function that takes such a listener.
_GIVING = frozenset({"request", "checkContinue", "response", "upgrade", "connect"})
_SERVING = frozenset({"createServer"})
# Without it Node answers 400 itself from 20 on; before, only the oldest clients leave it out.
_CERTAIN = frozenset({"host"})
# What a Headers object of the fetch kind has.
_FETCH = frozenset({"get", "has", "set", "append", "delete", "entries", "keys", "values", "forEach", "hasOwnProperty"})
_ACCESSES = frozenset({"member_expression", "subscript_expression"})
_AROUND = _ACCESSES | {"parenthesized_expression", "non_null_expression", "as_expression"}
_STRING_METHODS = frozenset({
    "toLowerCase", "toUpperCase", "trim", "split", "indexOf", "match", "replace", "slice", "substr", "substring",
    "startsWith", "endsWith", "includes", "search", "charAt", "charCodeAt", "lastIndexOf", "toString", "concat",
    "replaceAll", "toLocaleLowerCase", "matchAll", "trimStart", "trimEnd", "padStart", "padEnd", "localeCompare",
})  # fmt: skip
_ANSWERING = frozenset({
    "writeHead", "setHeader", "removeHeader", "headersSent", "statusCode", "writeContinue", "flushHeaders", "finished",
    "writableEnded", "end", "send", "json", "sendStatus",
})  # fmt: skip
_LISTENING = frozenset({"on", "once", "addListener", "prependListener"})
_ENDING = frozenset({"finished", "onFinished", "onfinished", "eos", "pipeline", "pump"})
_NULLABLE = frozenset({"match"})  # answer with null where nothing fits
_LISTS = frozenset({"split"})  # answer with a list that may have but one element


def optional_header(node: Node, about: About, _env: Env, arguments: tuple[str, ...]) -> bool:
    """A header of a message that the peer may leave out, a method of which is called though nothing asked for it.

    `text`: one that is a text, `list`: the one that is a list. `fragile`: a text, but what the method answers is taken
    apart right away, so that an empty text in its place would not do.
    """
    value, call = _header(node, about), _method_call(node)
    if value is None or call is None or _is_asked(node, value, about) or _is_caught(call):
        return False
    if value[-1] == "set-cookie" or arguments[0] == "list":
        return value[-1] == "set-cookie" and arguments[0] == "list"
    method = called_method(call)
    return method in _STRING_METHODS and _is_fragile(call, method) == (arguments[0] == "fragile")


def unwatched_response(node: Node, about: About, _env: Env, _arguments: tuple[str, ...]) -> bool:
    """A parameter that is what a server answers with, of whose end its function hears nothing.

    What only a callback listens to does not count: it may come too late.
    """
    binding = about.values.binding(node) if node.type == "identifier" else None
    if binding is None or not binding.is_parameter:
        return False
    scope = binding.scope.node
    if any(_watches(part, node) for part in walk(scope, into_functions=False) if part.type == "call_expression"):
        return False
    uses = (
        leaf for leaf in about.source.leaves(node.text or b"") if scope.start_byte <= leaf.start_byte < scope.end_byte
    )
    return any(_answers(leaf) for leaf in uses)


def _watches(call: Node, response: Node) -> bool:
    """Whether a call makes something listen to the end of the exchange, of either message."""
    given, callee = arguments_of(call), call.child_by_field_name("function")
    if called_method(call) in _LISTENING:
        return bool(given) and given[0].type == "string" and text(given[0])[1:-1] in {"close", "finish"}
    name = text(callee).split(".")[-1] if callee is not None else ""
    return name in _ENDING and any(text(one) == text(response) for one in given)


def _answers(leaf: Node) -> bool:
    """Whether a name is used as only the answer of a server is: `res.writeHead(…)`, `source.pipe(res)`."""
    parent = leaf.parent
    if parent is None:
        return False
    if parent.type == "member_expression":
        name = parent.child_by_field_name("property")
        return name is not None and name.id != leaf.id and text(name) in _ANSWERING
    call = parent.parent if parent.type == "arguments" else None
    return call is not None and called_method(call) == "pipe"


def header_places(about: About) -> frozenset[int]:
    """Where something begins that `headers` is a part of, or a variable that is given such a thing."""
    return about.once("headers", lambda: frozenset(_header_places(about)))


def _header_places(about: About) -> Iterator[int]:
    for leaf in about.values.named("headers").values():
        node, parent = leaf, leaf.parent
        while parent is not None and parent.type in _AROUND:
            yield node.start_byte
            node, parent = parent, parent.parent
        yield node.start_byte
        left = parent.child_by_field_name("name") or parent.child_by_field_name("left") if parent is not None else None
        for name, _ in names_in(left) if left is not None else ():
            binding = about.values.binding(name)
            yield from (use.start_byte for use in about.values.uses(binding)) if binding is not None else ()


def _header(node: Node, about: About) -> Value | None:
    """What a header denotes; None for anything else, and for those that are always there."""
    node = bare(node)
    if node.type == "identifier":
        write = about.values.only_write(node)
        if write is None or write.value is None or b"headers" not in (write.at.text or b""):
            return None
    elif node.type not in _ACCESSES:
        return None
    value = about.values.canonical(node)
    if len(value) < 4 or value[-2] != "headers" or not isinstance(value[-1], str):
        return None
    if value[-1] in _CERTAIN | _FETCH or value[-1].startswith(":"):
        return None
    return value if _is_message(value[:-2], about) else None


def _is_message(value: Value, about: About) -> bool:
    """Whether what the headers belong to is a message: called like one, or what a listener of messages is given."""
    if isinstance(value[-1], str):
        return value[0] in {"binding", "this"} and bool(_NAMED.match(value[-1]))
    if value[0] != "binding" or not isinstance(value[1], int):
        return False
    name = about.source.at(value[1], value[1])
    return name is not None and (bool(_NAMED.match(text(name))) or _is_given(name))


def _is_given(name: Node) -> bool:
    """Whether it is the first parameter of a listener to which Node hands a message."""
    function: Node | None = name
    while function is not None and function.type not in FUNCTIONS:
        function = function.parent
    call = function.parent.parent if function is not None and function.parent is not None else None
    if function is None or call is None or call.type != "call_expression":
        return False
    given = arguments_of(call)
    event = text(given[0])[1:-1] if given and given[0].type == "string" else ""
    return event in _GIVING or called_method(call) in _SERVING


def _method_call(node: Node) -> Node | None:
    """The call of a method on the node; None where it is not called, or only if it is there: `x?.trim()`."""
    while node.parent is not None and node.parent.type == "parenthesized_expression":
        node = node.parent
    access = node.parent
    if access is None or access.type not in _ACCESSES or any(part.type == "optional_chain" for part in access.children):
        return None
    call = access.parent
    called = call.child_by_field_name("function") if call is not None else None
    return call if called is not None and called.id == access.id else None


def _is_asked(node: Node, value: Value, about: About) -> bool:
    """Whether something that comes first is about the header: a condition on the way here, an earlier use, a write."""
    if any(_mentions(test.condition, value, about) for test in tests(node)):
        return True
    scope = about.function(node) or about.source.root
    earlier = (leaf for leaf in about.source.leaves(b"headers") if scope.start_byte < leaf.start_byte < node.start_byte)
    return any(_settles(leaf, node, value, about) for leaf in earlier)


def _settles(leaf: Node, node: Node, value: Value, about: About) -> bool:
    """Whether what is done with a header here shows that it is there, or sees to it."""
    access = leaf.parent.parent if leaf.parent is not None else None
    if access is None or access.type not in _ACCESSES or access.id == node.id or not _same(access, value, about):
        return False
    written = access.parent.child_by_field_name("left") if access.parent is not None else None
    return _method_call(access) is not None or (written is not None and written.id == access.id)


def _mentions(condition: Node, value: Value, about: About) -> bool:
    """Whether a condition is about the header: names it, or has its name as a text (`'range' in req.headers`)."""
    for node in _spelt_out(condition, about):
        if node.type == "string" and text(node)[1:-1] == value[-1]:
            return True
        if node.type in {"identifier", *_ACCESSES} and _same(node, value, about):
            return True
    return False


def _spelt_out(condition: Node, about: About) -> Iterator[Node]:
    """What is in a condition, and in what its variables stand for."""
    for node in walk(condition):
        yield node
        if node.type == "identifier" and (constant := about.values.constant(node)).id != node.id:
            yield from walk(constant, into_functions=False)


def _same(node: Node, value: Value, about: About) -> bool:
    return about.values.canonical(node) == value


def _is_caught(node: Node) -> bool:
    """Whether what is thrown here is caught in this function."""
    child, parent = node, node.parent
    while parent is not None and parent.type not in FUNCTIONS:
        if parent.type == "try_statement" and child.type == "statement_block":
            return parent.child_by_field_name("handler") is not None
        child, parent = parent, parent.parent
    return False


def _is_fragile(call: Node, method: str) -> bool:
    """Whether what the method answers is used as if it had found something."""
    access = call.parent
    if access is None or access.type not in _ACCESSES:
        return False
    if method in _NULLABLE:
        return True
    used = access.parent
    first = access.child_by_field_name("index")
    return (
        method in _LISTS and access.type == "subscript_expression" and first is not None and text(first) != "0"
        and used is not None and used.type in _ACCESSES
    )  # fmt: skip


KINDS = {
    "unwatched_response": Kind(
        unwatched_response, (0, 0), lambda _: frozenset({"aborted"}), "what a server answers with, its end unheard"
    ),
    "optional_header": Kind(
        optional_header, (1, 1), lambda _: frozenset({"headers"}), "a header that may be missing, and nothing asked",
        header_places,
    ),
}
