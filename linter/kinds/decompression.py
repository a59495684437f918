"""Decompression without a bound: which functions inflate what they are given, and whether an outsider chose that."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from ..about import About
from ..isomorphisms import bare, property_name
from ..matcher import Env
from ..sightings import INFLATING
from ..source import climbed, text, walk
from ..values import Value, arguments_of
from .kind import Kind

_EVERY = frozenset(INFLATING) | {f"{name}Sync" for name in INFLATING}
_CALL = 6  # levels from the name of a function to the call that is given it, with brackets and casts
_LIMIT = "maxOutputLength"
# What is read from a file, or was compressed here, is as large as its author made it.
_OWN = ("readFileSync", "readFile", "deflate", "deflateRaw", "gzip", "brotliCompress")
_OWN_CALLS = frozenset(_OWN) | {f"{name}Sync" for name in _OWN}


def inflater(node: Node, about: About, _env: Env, arguments: tuple[str, ...]) -> bool:
    """A function of zlib that decompresses all that it is given at once: itself, or made to give a promise.

    `sync` and `promise`: it answers; `callback`: it calls back.
    """
    node = bare(node)
    if node.type not in {"identifier", "member_expression"}:
        return False
    name = _zlib_name(about.values.canonical(node))
    if not name:
        return "promise" in arguments and _is_promisified(node, about)
    return ("sync" if name.endswith("Sync") else "callback") in arguments


def inflater_places(about: About) -> frozenset[int]:
    """Where what may be an inflater can begin: a name of it, or what the name is taken from."""
    return about.once("inflaters", lambda: frozenset(_begins(about)))


def _begins(about: About) -> Iterator[int]:
    names = [name for name in sorted(_EVERY) if name.encode() in about.source.data]
    named = [leaf for name in names for leaf in about.values.named(name).values()]
    made = {name for leaf in named for name in _given(leaf)} - {*names}
    for leaf in (*named, *(leaf for name in sorted(made) for leaf in about.values.named(name).values())):
        yield from (node.start_byte for node in climbed([leaf], {leaf.type, "member_expression"}, 1))


def _given(leaf: Node) -> Iterator[str]:
    """The variable that what is made of an inflater is given to: `const gunzip = promisify(zlib.gunzip)`."""
    for call in climbed([leaf], {"call_expression"}, _CALL):
        given = call.parent or call
        target = given.child_by_field_name("name") or given.child_by_field_name("left")
        if target is not None and target.type == "identifier":
            yield text(target)


def _is_promisified(node: Node, about: About) -> bool:
    """Whether it is `promisify(zlib.inflate)`, under whatever name."""
    made = about.values.constant(node)
    if made.type != "call_expression":
        return False
    callee, given = made.child_by_field_name("function"), arguments_of(made)
    called = about.values.canonical(callee) if callee is not None else ()
    return (
        bool(called)
        and called[-1] == "promisify"
        and bool(given)
        and bool(_zlib_name(about.values.canonical(given[0])))
    )


def _zlib_name(value: Value) -> str:
    """The name of the function of zlib that a value is; "" when it is none that decompresses."""
    is_one = value[:2] == ("module", "zlib") and len(value) == 3 and value[2] in _EVERY
    return str(value[2]) if is_one else ""


def unbounded(node: Node, about: About, _env: Env, _arguments: tuple[str, ...]) -> bool:
    """Options, written here, that set no bound for the output."""
    written = about.values.constant(node)
    if written.type != "object":
        return False
    for part in written.named_children:
        key = part.child_by_field_name("key") if part.type == "pair" else part
        if part.type == "spread_element" or (key is not None and property_name(key) in {_LIMIT, None}):
            return False
    return True


def foreign_data(node: Node, about: About, _env: Env, _arguments: tuple[str, ...]) -> bool:
    """Data that may come from anybody: not a constant, not what was read from a file or compressed here."""
    if node.type == "spread_element":
        return False
    made = about.values.constant(node)
    if made.type in {"string", "template_string", "number", "object", "function_expression", "arrow_function"}:
        return False
    return not any(_is_own(call, about) for call in walk(made) if call.type == "call_expression")


def _is_own(call: Node, about: About) -> bool:
    callee = call.child_by_field_name("function")
    name = about.values.canonical(callee)[-1] if callee is not None else ""
    constant = all(given.type == "string" for given in arguments_of(call)[:1])
    return name in _OWN_CALLS or (name in {"from", "Buffer", "atob"} and constant)


_WORDS = frozenset({"zlib"})
KINDS = {
    "inflater": Kind(
        inflater, (1, 2), lambda _: _WORDS, "a function of zlib that decompresses all at once", inflater_places,
        shape="inflating",
    ),
    "unbounded": Kind(unbounded, (0, 0), lambda _: frozenset(), "options without a bound for the output"),
    "foreign_data": Kind(foreign_data, (0, 0), lambda _: frozenset(), "data that may come from anybody"),
}  # fmt: skip
