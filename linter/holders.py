"""Who keeps an object that a value was hung on: followed by name through the calls it is handed to."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from tree_sitter import Node

from .about import About
from .finding import Hop
from .hop import hop, short
from .isomorphisms import bare, parameters
from .naming import functions_named
from .source import Source, text
from .values import Values, arguments_of

_DEPTH = 4
_MOST = 4


def holders(kept: Node, about: About) -> Iterator[Hop]:
    """The hops after `x.p = value`: where x itself goes, as far as names can be followed in the package."""
    left = bare(kept).child_by_field_name("left")
    owner = left.child_by_field_name("object") if left is not None else None
    function = about.function(kept)
    if owner is None or function is None or bare(owner).type == "this":
        return
    hops = _Following(about).follow(owner, function, about.source, about.values, kept.end_byte, _DEPTH, set())
    yield from islice(hops, _MOST)


class _Following:
    def __init__(self, about: About) -> None:
        self.about = about

    def follow(
        self, value: Node, function: Node, source: Source, values: Values, after: int, depth: int, seen: set[int]
    ) -> Iterator[Hop]:
        for store in self._stores(value, function, source, values, after):
            yield hop("kept", f"`{short(store)}` keeps `{text(value)}` itself", store, source)
            return
        for call, index in self._calls(value, function, source, values, after):
            callee = bare(call.child_by_field_name("function") or call.child_by_field_name("constructor") or call)
            yield hop("passed", f"`{text(value)}` is handed to `{short(callee)}`", call, source)
            if depth:
                yield from self._into(_name(callee), index, depth, seen)
            return

    def _into(self, name: str, index: int, depth: int, seen: set[int]) -> Iterator[Hop]:
        """What the one function of that name in the package does with the argument; nothing when there are several."""
        if not name:
            return
        found: list[tuple[Node, Source, Values]] = []
        for source, values in ((self.about.source, self.about.values), *self.about.package.sources(name.encode())):
            named = functions_named(name, source)
            found += [(function, source, values) for function in named if len(parameters(function)) > index]
        if len(found) != 1 or found[0][0].start_byte in seen:
            return
        function, source, values = found[0]
        seen.add(function.start_byte)
        parameter = parameters(function)[index]
        yield from self.follow(parameter, function, source, values, 0, depth - 1, seen)

    def _stores(self, value: Node, function: Node, source: Source, values: Values, after: int) -> Iterator[Node]:
        for node in source.nodes("assignment_expression", within=function):
            left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
            if node.start_byte < after or left is None or right is None or left.type != "member_expression":
                continue
            if right.type == "identifier" and values.same(right, value):
                yield node

    def _calls(
        self, value: Node, function: Node, source: Source, values: Values, after: int
    ) -> Iterator[tuple[Node, int]]:
        for call in source.nodes("call_expression", "new_expression", within=function):
            if call.start_byte >= after:
                for index, argument in enumerate(arguments_of(call)):
                    if argument.type in {"identifier", "this"} and values.same(argument, value):
                        yield call, index


def _name(callee: Node) -> str:
    if callee.type == "identifier":
        return text(callee)
    name = callee.child_by_field_name("property") if callee.type == "member_expression" else None
    return text(name) if name is not None else ""
