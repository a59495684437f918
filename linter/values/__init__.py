"""What an expression denotes: aliases, imports, constants, `arguments[i]`; equal values for what is the same thing."""

from __future__ import annotations

import re
from collections.abc import Hashable
from functools import cached_property

from tree_sitter import Node

from ..cfg import Graph, Step
from ..isomorphisms import Shape, bare, meaningful, parameters, property_name, shape
from ..source import FUNCTIONS, Source, text
from .mentions import Mentions
from .scopes import Binding, Scopes, Write

Value = tuple[Hashable, ...]

# A value is followed through at most this many names and parts: enough for any code people write.
_DEPTH = 24
_ROUNDS = 3  # names of names of names
# What compilers put around `require` for the sake of ES modules.
INTEROP = frozenset({
    "_interopRequireDefault", "_interopRequireWildcard", "__importDefault", "__importStar", "__toESM", "__toModule",
    "_interopDefault", "_interopNamespace", "__webpack_require__.n",
})  # fmt: skip
# A fresh object each time: two of them are never the same value, however alike they look.
_FRESH = frozenset({"object", "array", "class", "class_declaration", "regex", *FUNCTIONS})
_NAMES = frozenset({"identifier", "shorthand_property_identifier", "shorthand_property_identifier_pattern"})
_IMPORTS = frozenset({"import_statement", "import_require_clause"})
_EMPTY = frozenset({"null", "undefined"})
# Values that were there before: a variable that holds one is only another name for it. What a call gives is new.
_NAMEABLE = frozenset({"binding", "this", "super", "global", "module"})
_GLOBAL_OBJECTS = frozenset({"global", "globalThis", "window", "self"})


class Values:
    """The values of one file. Everything is lazy: a file no rule asks about costs nothing."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._canonical: dict[tuple[int, int, str], Value] = {}
        self._graphs: dict[int, Graph] = {}
        self._uses: dict[tuple[int, re.Pattern[bytes] | None], list[Node]] = {}
        self._named: dict[tuple[str, re.Pattern[bytes] | None], dict[int, Node]] = {}
        self.mentions = Mentions(source)

    @cached_property
    def scopes(self) -> Scopes:
        return Scopes(self.source)

    def graph(self, scope: Node) -> Graph:
        """The control-flow graph of a function or of the program, built once."""
        if scope.id not in self._graphs:
            self._graphs[scope.id] = Graph(scope)
        return self._graphs[scope.id]

    def same(self, a: Node, b: Node) -> bool:
        """Whether both denote one value, as far as can be seen."""
        return self.canonical(a) == self.canonical(b)

    def same_place(self, a: Node, b: Node) -> bool:
        """Whether writing to a is writing to b: one variable, or one property of one object."""
        a, b = bare(a), bare(b)
        if a.type == b.type == "identifier":
            first, second = self.scopes.binding(a), self.scopes.binding(b)
            return first is second if first is not None or second is not None else text(a) == text(b)
        return a.type != "identifier" and b.type != "identifier" and self.same(a, b)

    def canonical(self, node: Node, depth: int = _DEPTH) -> Value:
        """A description of the value: equal for expressions that denote the same one."""
        node = bare(node)
        key = (node.start_byte, node.end_byte, node.type)
        if key not in self._canonical:
            value = self._describe(node, depth)
            if depth < _DEPTH and _too_deep(value):
                return value
            self._canonical[key] = value
        return self._canonical[key]

    def constant(self, node: Node) -> Node:
        """The expression a name is known to stand for, as far as names can be followed; else the node itself."""
        for _ in range(_DEPTH):
            node = bare(node)
            if node.type not in {"identifier", "shorthand_property_identifier"}:
                break
            write = self.only_write(node)
            if write is None or write.path or write.value is None or write.value.type in _IMPORTS:
                break
            node = write.value
        return node

    def only_write(self, name: Node) -> Write | None:
        """The one value a variable ever holds beside null and undefined; None for a parameter or when unsure."""
        binding = self.scopes.binding(name)
        if binding is None or binding.is_parameter:
            return None
        kept = [write for write in binding.writes if not is_empty(write)]
        return kept[0] if len(kept) == 1 and (kept[0].value is not None or kept[0].path) else None

    def binding(self, name: Node) -> Binding | None:
        return self.scopes.binding(name)

    def uses(self, binding: Binding, behind: re.Pattern[bytes] | None = None) -> list[Node]:
        """Where a variable is named, its declaration included, in source order; with `behind`, in spots of it."""
        if (asked := (id(binding), behind)) not in self._uses:
            named = self.mentions.leaves(binding.name, behind, binding.scope.node)
            self._uses[asked] = [n for n in named if n.type in _NAMES and self.scopes.binding(n) is binding]
        return self._uses[asked]

    def named(self, name: str, behind: re.Pattern[bytes] | None = None) -> dict[int, Node]:
        """By id, the places of a name and of the variables that may hold what it stands for, in no certain order.

        With `behind`, only those that are spots of it.
        """
        if (asked := (name, behind)) not in self._named:
            found = {leaf.id: leaf for leaf in self.mentions.leaves(name, behind)}
            fresh = list(found.values())
            for _ in range(_ROUNDS):
                takers = [taker for leaf in fresh for taker in self.mentions.takers(leaf) if taker.id not in found]
                bindings = {id(known): known for taker in takers if (known := self.scopes.binding(taker)) is not None}
                fresh = [use for known in bindings.values() for use in self.uses(known, behind) if use.id not in found]
                found.update((use.id, use) for use in fresh)
            self._named[asked] = found
        return self._named[asked]

    def parameter(self, node: Node) -> Binding | None:
        """The parameter whose incoming value this expression denotes, by whatever name; None for anything else."""
        value = self.canonical(node)
        if len(value) == 2 and value[0] == "binding" and isinstance(value[1], int):
            binding = self.scopes.at(value[1]).names.get(self._name_at(value[1]))
            return binding if binding is not None and binding.is_parameter else None
        return None

    def _name_at(self, offset: int) -> str:
        found = self.source.root.descendant_for_byte_range(offset, offset)
        return text(found) if found is not None else ""

    # -- what there is ----------------------------------------------------------------------

    def _describe(self, node: Node, depth: int) -> Value:
        if depth <= 0:
            return ("deep", node.start_byte)
        if node.type in {"identifier", "shorthand_property_identifier", "shorthand_property_identifier_pattern"}:
            return self._name(node, depth)
        if node.type in {"this", "super"}:
            function = self.scopes.function(node.start_byte, arrows=False)
            return (node.type, function.start_byte if function is not None else -1)
        if node.type in {"property_identifier", "private_property_identifier"}:
            return ("property", text(node))
        if node.type in _FRESH:
            return ("at", node.start_byte)
        if node.type in _IMPORTS:
            return ("module", _module_name(node.child_by_field_name("source")))
        if node.type == "await_expression" and node.named_children:  # `await import('x')`
            return self.canonical(node.named_children[0], depth - 1)
        return self._composed(node, shape(node), depth)

    def _composed(self, node: Node, seen: Shape, depth: int) -> Value:
        if seen.kind in {"member", "subscript"}:
            return self._member(seen, depth)
        if seen.kind == "call" and (module := self._required(seen, depth)) is not None:
            return module
        if seen.kind == "new":
            return ("at", node.start_byte)
        if seen.kind == "sequence" and seen.parts:
            return self._part(seen.parts[-1], depth)
        if seen.kind == "assign" and seen.text == "=" and len(seen.parts) == 2:
            return self._part(seen.parts[1], depth)
        if not seen.parts:
            return (seen.kind, seen.text)
        return (seen.kind, seen.text, *(self._part(part, depth) for part in seen.parts))

    def _part(self, part: Node | Shape, depth: int) -> Value:
        if isinstance(part, Shape):
            return (part.kind, part.text, *(self._part(inner, depth - 1) for inner in part.parts))
        return self.canonical(part, depth - 1)

    def _name(self, node: Node, depth: int) -> Value:
        binding = self.scopes.binding(node) if self.mentions.declares(text(node)) else None
        if binding is None:
            return ("undefined", "undefined") if text(node) == "undefined" else ("global", text(node))
        if binding.is_parameter:
            reaches = all(is_empty(write) for write in binding.writes) or self._initial_reaches(binding, node)
            return ("binding", binding.declaration.start_byte, *(() if reaches else ("assigned",)))
        write = self.only_write(node)
        if write is not None and write.value is not None:
            value = self.canonical(write.value, depth - 1)
            if value[0] in _NAMEABLE:
                for name in write.path:
                    value = _property(value, name)
                return value
        return ("binding", binding.declaration.start_byte)

    def _member(self, seen: Shape, depth: int) -> Value:
        target, name = seen.parts[0], seen.parts[1]
        if isinstance(name, Shape):
            if (parameter := self._argument(seen, name.text)) is not None:
                return self.canonical(parameter, depth - 1)
            return _property(self._part(target, depth), name.text)
        return (*self._part(target, depth), ("[]", self._part(name, depth)))

    def _argument(self, seen: Shape, index: str) -> Node | None:
        """`arguments[2]` is the third parameter."""
        target = seen.parts[0]
        if isinstance(target, Shape) or target.type != "identifier" or text(target) != "arguments":
            return None
        function = self.scopes.function(target.start_byte, arrows=False)
        given = parameters(function) if function is not None else []
        found = given[int(index)] if index.isdigit() and int(index) < len(given) else None
        return found if found is not None and found.type == "identifier" else None

    def _required(self, seen: Shape, depth: int) -> Value | None:
        """The value of `require('x')`, `import('x')`, and of either inside a compiler's interop wrapper."""
        callee, given = seen.parts[0], seen.parts[-1]
        arguments = given.parts if isinstance(given, Shape) else ()
        if isinstance(callee, Shape) or not arguments or isinstance(arguments[0], Shape):
            return None
        name = text(bare(callee))
        if name in {"require", "import"} and len(arguments) == 1 and arguments[0].type in {"string", "template_string"}:
            return ("module", _module_name(arguments[0]))
        if name in INTEROP or name.split(".")[-1] in INTEROP:
            value = self.canonical(arguments[0], depth - 1)
            return value if value[0] == "module" else None
        return None

    # -- parameters that are written to -------------------------------------------------------

    def _initial_reaches(self, binding: Binding, use: Node) -> bool:
        """Whether on some path the value the caller passed is still in the parameter where it is used."""
        graph = self.graph(binding.scope.node)
        writes = [write.at for write in binding.writes if not is_empty(write)]
        if use.start_byte < min(write.start_byte for write in writes) and not _in_loop(use, binding.scope.node):
            return True
        seen: set[int] = set()
        stack: list[Step] = [graph.entry]
        while stack:
            step = stack.pop()
            if id(step) in seen:
                continue
            seen.add(id(step))
            if step is graph.exit or step.evaluates(use):
                # A use inside a closure runs later: what counts is what the function leaves behind.
                if step is not graph.exit or self.scopes.function(use.start_byte) != binding.scope.node:
                    return True
                continue
            if not any(step.evaluates(write) for write in writes):
                stack.extend(step.next)
                stack.extend([step.throws] if step.throws is not None else [])
        return False


def _in_loop(node: Node, scope: Node) -> bool:
    parent = node.parent
    while parent is not None and parent.id != scope.id:
        if parent.type in {"for_statement", "for_in_statement", "while_statement", "do_statement"}:
            return True
        parent = parent.parent
    return False


def is_empty(write: Write) -> bool:
    """A write that only lets go: null, undefined, void 0."""
    return write.value is not None and not write.path and shape(write.value).kind in _EMPTY


def _property(value: Value, name: str) -> Value:
    if len(value) == 2 and value[0] == "module" and name == "default":
        return value  # what `import x` and the `.default` of interop wrappers mean
    if len(value) == 2 and value[0] == "global" and value[1] in _GLOBAL_OBJECTS:
        return ("global", name)
    return (*value, name)


def _module_name(source: Node | None) -> str:
    return (property_name(source) or "").removeprefix("node:") if source is not None else ""


def _too_deep(value: Value) -> bool:
    return value[0] == "deep" or any(isinstance(part, tuple) and part and part[0] == "deep" for part in value)


def arguments_of(call: Node) -> list[Node]:
    """The arguments of a call or `new`, without comments; empty for a tagged template."""
    given = call.child_by_field_name("arguments")
    return meaningful(given) if given is not None and given.type == "arguments" else []
