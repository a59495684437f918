"""Where a value goes when it is handed to a call: functions, listeners, timers, collections, views of its memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tree_sitter import Node

from ..isomorphisms import Shape, bare, meaningful, shape
from ..naming import called_method
from ..source import text
from ..values import arguments_of
from .callees import targets
from .calling import callee_of, literal, returns
from .emitters import LISTEN, listeners
from .move import Move, Moves, Path
from .program import Code, Program, Target, Unit

MEMORY = frozenset({"buffer", "parent"})  # what a buffer is a view of
_LATER = frozenset({"setTimeout", "setImmediate", "nextTick", "queueMicrotask", "requestAnimationFrame"})
_REACTIONS = frozenset({"then", "catch", "finally"})
_COLLECTIONS = frozenset({"Map", "Set", "WeakMap", "WeakSet"})
# Calls that give what they are given, or an object that holds it in the same places.
_THROUGH = frozenset({
    "Promise.resolve", "Object.assign", "Object.freeze", "Object.seal", "Array.from", "Object", "_objectSpread",
    "_extends", "__assign",
})  # fmt: skip


class Calls:
    """The moves of values into the calls of one file. Without a program, calls run nothing that is known."""

    def __init__(self, program: Program | None, unit: Unit) -> None:
        self.program, self.unit = program, unit

    def given(self, call: Node, index: int, path: Path) -> Moves:
        callee = callee_of(call)
        if callee is None or index < 0:
            return None
        method, name = called_method(call), text(callee) if callee.end_byte - callee.start_byte < 80 else ""
        at = Code(self.unit, call)
        if name in _THROUGH:
            return call, path
        if self._is_view(call, index, path):
            return call, (() if not path else path[1:])
        owner = callee.child_by_field_name("object")
        if method in {"call", "apply"} and owner is not None:
            return (yield from self._applied(call, owner, method, index, path))
        if method == "bind" and owner is not None:
            for target in self._targets(owner):
                yield Move("passed", at, path, function=target.function, index=target.shift + index - 1)
            return call, path if not path and index == 0 else ("<bound>", *path)
        if method in LISTEN and index >= 1 and owner is not None:
            yield Move("listens", at, path, owner=owner, name=literal(arguments_of(call)[0]), index=index)
            return None
        if name == "setInterval" and not index:
            yield Move("repeats", at, path)
            return None
        if name.rpartition(".")[2] in _LATER:
            yield Move("scheduled", at, path)
            for given in arguments_of(call)[:1] if index else ():
                yield from self.run(given, index - (2 if name.endswith("setTimeout") else 1), path, call)
            return None
        if method in _REACTIONS and owner is not None:
            yield Move("reaction", at, path, owner=owner)
            return None
        if method == "emit" and index and owner is not None:
            yield from self._emitted(call, owner, index, path)
            return None
        if name == "Object.defineProperty" and index == 2:
            owned, key, *_ = arguments_of(call)
            yield Move("stored", at, path[1:], owner=owned, name=literal(key))
            return None
        if (stored := self._collected(call, callee, method, index, path)) is not None:
            yield from stored
            return None
        return (yield from self._handed(call, callee, index, path))

    def _handed(self, call: Node, callee: Node, index: int, path: Path) -> Moves:
        """To the functions the callee may stand for; what such a function returns of it, the call gives."""
        found = self._targets(callee)
        at = Code(self.unit, call)
        for target in found:
            yield Move("passed", at, path, function=target.function, index=target.shift + index)
        if not found:
            yield Move("unknown", at, path, index=index)
        if call.type == "call_expression" and any(_gives_back(target, index) for target in found):
            return call, path
        return None

    def _applied(self, call: Node, owner: Node, method: str, index: int, path: Path) -> Moves:
        """`f.call(this, value)`, `f.apply(this, list)`, and `[].slice.call(list)`."""
        at = Code(self.unit, call)
        if index == 0:
            if text(owner).endswith(".slice") and path:
                return call, shifted(path, call, 1)
            return None
        if method == "apply" and not (path and path[0].isdigit()):
            return None
        position, inner = (int(path[0]), path[1:]) if method == "apply" else (index - 1, path)
        found = self._targets(owner)
        for target in found:
            yield Move("passed", at, inner, function=target.function, index=target.shift + position)
        if not found:
            yield Move("unknown", at, inner, index=position)
        return None

    def run(self, callback: Node, index: int, path: Path, call: Node) -> Iterator[Move]:
        for target in self._targets(callback):
            yield Move("passed", Code(self.unit, call), path, function=target.function, index=target.shift + index)

    def _emitted(self, call: Node, owner: Node, index: int, path: Path) -> Iterator[Move]:
        """To the listeners of that event on the same emitter, wherever the package registers them."""
        for listener in listeners(self.program, self.unit, owner, literal(arguments_of(call)[0])):
            for target in targets(self.program, listener) if self.program is not None else self._targets(listener.node):
                position = target.shift + index - 1
                yield Move("passed", Code(self.unit, call), path, function=target.function, index=position)

    def _collected(self, call: Node, callee: Node, method: str, index: int, path: Path) -> list[Move] | None:
        """Into a Map, a Set, a WeakMap, or an array."""
        owner = callee.child_by_field_name("object")
        if owner is None:
            return None
        if (method, index) in {("set", 1), ("add", 0)}:
            made = self.unit.values.constant(owner)
            constructor = callee_of(made) if made.type == "new_expression" else None
            name = text(constructor) if constructor is not None else ""
            if name not in _COLLECTIONS:
                return None
            key = arguments_of(call)[0] if name.startswith("Weak") else None
            return [Move("stored", Code(self.unit, call), ("*", *path), owner=key or owner, name="" if key else "*")]
        if method in {"push", "unshift"} and self._is_array(owner):
            return [*self._into_list(owner, path, call)]
        return None

    def _into_list(self, owner: Node, path: Path, call: Node) -> Iterator[Move]:
        binding = self.unit.values.binding(owner) if owner.type == "identifier" else None
        if binding is not None:
            yield Move("bound", Code(self.unit, call), ("*", *path), binding=binding)
        else:
            yield Move("stored", Code(self.unit, call), ("*", *path), owner=owner, name="*")

    def _is_array(self, node: Node) -> bool:
        """Whether it is an array for certain: a literal, a variable or a property that is given one in this file."""
        made = self.unit.values.constant(node)
        if made.type == "array":
            return True
        seen = shape(node)
        if seen.kind != "member" or not isinstance(seen.parts[1], Shape):
            return False
        word = seen.parts[1].text.encode("utf8", "surrogateescape")
        for found in self.unit.source.around([word], {"assignment_expression"}, 2):
            left, right = found.child_by_field_name("left"), found.child_by_field_name("right")
            if left is not None and right is not None and right.type == "array" and self.unit.values.same(left, node):
                return True
        return False

    def _is_view(self, call: Node, index: int, path: Path) -> bool:
        """A new view of the same memory: `new Uint8Array(b.buffer)`, `Buffer.from(b.buffer, …)`, a concat of one."""
        callee = callee_of(call)
        name = text(callee) if callee is not None else ""
        given = arguments_of(call)
        if index != 0 or not given:
            return False
        if name == "Buffer.concat":  # on Node 0.8 and 0.10 a list of one gives just that one
            return len(path) == 1 and bare(given[0]).type == "array" and len(meaningful(bare(given[0]))) == 1
        last = shape(given[0])
        memory = last.kind == "member" and isinstance(last.parts[1], Shape) and last.parts[1].text in MEMORY
        return not path and memory and (name == "Buffer.from" or name.endswith("Array") or name == "DataView")

    def _targets(self, node: Node) -> Sequence[Target]:
        return targets(self.program, Code(self.unit, node)) if self.program is not None else ()


def _gives_back(target: Target, index: int) -> bool:
    """Whether a function returns the parameter itself."""
    unit = target.function.unit
    for code in returns(target.function):
        parameter = unit.values.parameter(code.node) if code.node.type == "identifier" else None
        if parameter is not None and parameter.scope.node.id == target.function.node.id:
            return parameter.index == index + target.shift
    return False


def shifted(path: Path, call: Node, first: int = 0) -> Path:
    """The path after `list.slice(n)`; `first` says which argument n is."""
    given = arguments_of(call)
    start = text(given[first]) if len(given) > first else "0"
    if path[0].isdigit() and start.isdigit():
        return (str(int(path[0]) - int(start)), *path[1:]) if int(path[0]) >= int(start) else ("<gone>",)
    return ("*", *path[1:])
