"""Which declaration a name refers to, and everything that is ever written to it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

from tree_sitter import Node

from ..isomorphisms import bare, meaningful, parameters, property_name
from ..source import FUNCTIONS, Source, is_field, text

_CLASSES = frozenset({"class_declaration", "class"})
_BLOCKS = frozenset({"statement_block", "for_statement", "for_in_statement", "switch_body", "catch_clause"})
_HOISTING = frozenset({"program", "class_static_block", *FUNCTIONS})
_WRITES = frozenset({"assignment_expression", "augmented_assignment_expression", "update_expression"})
_INTERESTING = tuple(
    _BLOCKS | _HOISTING | _CLASSES | {"variable_declaration", "lexical_declaration", "import_statement"}
)
_DEEPEST = 16  # levels of a pattern above a name that it assigns to


@dataclass(frozen=True, slots=True)
class Write:
    """One value stored in a name: the property `path` of the expression `value`; value None when it is unknown."""

    value: Node | None
    at: Node
    path: tuple[str, ...] = ()


@dataclass(eq=False, slots=True)
class Binding:
    """A declared name. `index` is its place among the parameters of `scope`, -1 for anything else."""

    name: str
    declaration: Node
    scope: Scope
    scopes: Scopes
    index: int = -1
    declared: list[Write] = field(default_factory=list)  # with what it is declared
    _writes: list[Write] | None = field(default=None, repr=False)

    @property
    def is_parameter(self) -> bool:
        return self.index >= 0

    @property
    def writes(self) -> list[Write]:
        """All that is ever written to it: looked for when somebody asks. Raises HiddenError."""
        if self._writes is None:
            self._writes = [*self.declared, *self.scopes.assigned(self)]
        return self._writes


@dataclass(eq=False, slots=True)
class Scope:
    node: Node
    parent: Scope | None
    scopes: Scopes
    names: dict[str, Binding] = field(default_factory=dict)

    def hoisting(self) -> Scope:
        """The function or program around: where `var` goes."""
        scope = self
        while scope.parent is not None and scope.node.type not in _HOISTING:
            scope = scope.parent
        return scope

    def declare(self, name: Node, index: int = -1) -> Binding:
        binding = self.names.get(text(name))
        if binding is None:
            binding = self.names[text(name)] = Binding(text(name), name, self, self.scopes, index)
        return binding

    def find(self, name: str) -> Binding | None:
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.parent
        return None


class Scopes:
    """The scopes of one file, found in one pass over the nodes that make them."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.program = Scope(source.root, None, self)
        self._starts: list[int] = [0]
        self._scopes: list[Scope] = [self.program]
        stack = [self.program]
        for node in source.shown(*_INTERESTING):
            while len(stack) > 1 and stack[-1].node.end_byte <= node.start_byte:
                stack.pop()
            self._declare(node, stack[-1])
            if node.type in _BLOCKS or node.type in _CLASSES or (node.type in _HOISTING and node.type != "program"):
                scope = Scope(node, stack[-1], self)
                stack.append(scope)
                self._starts.append(node.start_byte)
                self._scopes.append(scope)
                self._open(node, scope)

    def at(self, offset: int) -> Scope:
        """The innermost scope around a byte offset."""
        scope: Scope | None = self._scopes[bisect_right(self._starts, offset) - 1]
        while scope is not None and not scope.node.start_byte <= offset < scope.node.end_byte:
            scope = scope.parent
        return scope or self.program

    def binding(self, name: Node) -> Binding | None:
        """The declaration an identifier refers to; None for a global."""
        return self.at(name.start_byte).find(text(name))

    def assigned(self, binding: Binding) -> Iterator[Write]:
        """What is assigned to a variable, in source order. Raises HiddenError."""
        word, within = binding.name.encode("utf8", "surrogateescape"), binding.scope.node
        # Functions in its scope may write it. What is hidden of them declares nothing for code outside.
        self.source.show_name(word, within)
        for leaf in self.source.shown_leaves(word, within=within):
            target, node = leaf, leaf.parent
            for _ in range(_DEEPEST):
                if node is None or node.type in _WRITES:
                    break
                target, node = node, node.parent
            if (
                node is None
                or node.type not in _WRITES
                or not (is_field(node, "left", target) or is_field(node, "argument", target))
            ):
                continue
            path = next((path for name, path in names_in(target) if name.start_byte == leaf.start_byte), None)
            if path is not None and self.binding(leaf) is binding:
                value = node.child_by_field_name("right") if node.type == "assignment_expression" else None
                yield Write(None if "" in path else value, node, path)

    def function(self, offset: int, *, arrows: bool = True) -> Node | None:
        """The innermost function around an offset; with arrows=False the one whose `this` and `arguments` are seen."""
        scope: Scope | None = self.at(offset)
        while scope is not None:
            if scope.node.type in FUNCTIONS and (arrows or scope.node.type != "arrow_function"):
                return scope.node
            scope = scope.parent
        return None

    def _declare(self, node: Node, scope: Scope) -> None:
        if node.type in {"variable_declaration", "lexical_declaration"}:
            target = scope.hoisting() if node.type == "variable_declaration" else scope
            for declarator in meaningful(node):
                if declarator.type == "variable_declarator":
                    self._bind(declarator, target)
        elif node.type in {"function_declaration", "generator_function_declaration"} | _CLASSES:
            name = node.child_by_field_name("name")
            if name is not None and node.type != "class":
                target = scope if node.type in _CLASSES else scope.hoisting()
                target.declare(name).declared.append(Write(node, node))
        elif node.type == "import_statement":
            self._import(node, scope)

    def _open(self, node: Node, scope: Scope) -> None:
        """What a scope declares by itself: parameters, its own name, the caught error, the loop variable."""
        if node.type in FUNCTIONS:
            for index, parameter in enumerate(parameters(node)):
                for name, path in names_in(parameter):
                    whole = path in {(), ("",)} and parameter.type in {"identifier", "assignment_pattern"}
                    scope.declare(name, index if whole else -1)  # -1: a piece of a parameter, not the parameter
        own = node.child_by_field_name("name")
        if own is not None and node.type in {"function_expression", "generator_function", "class"}:
            scope.declare(own).declared.append(Write(node, node))
        elif node.type == "catch_clause" and (caught := node.child_by_field_name("parameter")) is not None:
            for name, _ in names_in(caught):
                scope.declare(name)
        elif node.type == "for_in_statement" and (left := node.child_by_field_name("left")) is not None:
            kind = node.child_by_field_name("kind")
            for name, _ in names_in(left):
                known = scope.find(text(name)) if kind is None else None
                target = scope if kind is not None and kind.type != "var" else scope.hoisting()
                if known is not None or kind is not None:
                    (known or target.declare(name)).declared.append(Write(None, node))

    def _bind(self, declarator: Node, scope: Scope) -> None:
        left, value = declarator.child_by_field_name("name"), declarator.child_by_field_name("value")
        if left is None:
            return
        for name, path in names_in(left):
            binding = scope.declare(name)
            if value is not None:
                binding.declared.append(Write(None if "" in path else value, declarator, path))

    def _import(self, node: Node, scope: Scope) -> None:
        for clause in (child for child in node.named_children if child.type == "import_require_clause"):
            for name in clause.named_children[:1]:  # TypeScript's `import x = require('x')`
                scope.declare(name).declared.append(Write(clause, node))
        for clause in (child for child in node.named_children if child.type == "import_clause"):
            for part in clause.named_children:
                if part.type == "identifier":  # the default export: what `require` gives, by way of interop
                    scope.declare(part).declared.append(Write(node, node))
                elif part.type == "namespace_import":
                    for name in part.named_children[-1:]:
                        scope.declare(name).declared.append(Write(node, node))
                elif part.type == "named_imports":
                    for item in (child for child in part.named_children if child.type == "import_specifier"):
                        imported = item.child_by_field_name("name")
                        local = item.child_by_field_name("alias") or imported
                        if imported is not None and local is not None:
                            path = () if text(imported) == "default" else (text(imported),)
                            scope.declare(local).declared.append(Write(node, node, path))


def names_in(target: Node) -> Iterator[tuple[Node, tuple[str, ...]]]:
    """The names a pattern (a parameter, a declarator, an assignment's left side) writes, each with the property path
    it takes; "" in a path stands for what a path cannot say (an element, a rest, a default)."""
    stack: list[tuple[Node, tuple[str, ...]]] = [(target, ())]
    while stack:
        node, path = stack.pop()
        node = bare(node)
        if node.type in {"identifier", "shorthand_property_identifier_pattern"}:
            taken = (*path, text(node)) if node.type != "identifier" else path
            yield node, taken
        elif node.type in {"assignment_pattern", "object_assignment_pattern"}:
            left = node.child_by_field_name("left")
            stack += [(left, (*path, ""))] if left is not None else []
        elif node.type == "pair_pattern":
            key, value = node.child_by_field_name("key"), node.child_by_field_name("value")
            name = property_name(key) if key is not None else None
            stack += [(value, (*path, name or ""))] if value is not None else []
        elif node.type == "object_pattern":
            stack += [(child, path) for child in reversed(meaningful(node))]
        elif node.type in {"array_pattern", "rest_pattern"}:
            stack += [(child, (*path, "")) for child in reversed(meaningful(node))]
