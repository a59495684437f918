"""Which declaration a name refers to, and everything that is ever written to it."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from ..datatype import dataclass, field
from ..isomorphisms import bare, meaningful, parameters, property_name
from ..source import FUNCTIONS, Source, is_field, text

_CLASSES = frozenset({"class_declaration", "class"})
_BLOCKS = frozenset({"statement_block", "for_statement", "for_in_statement", "switch_body", "catch_clause"})
_HOISTING = frozenset({"program", "class_static_block", *FUNCTIONS})
_SCOPES = _BLOCKS | _HOISTING | _CLASSES
_DECLARING = frozenset({"variable_declaration", "lexical_declaration", "import_statement"})
_WRITES = frozenset({"assignment_expression", "augmented_assignment_expression", "update_expression"})
# In these no name is declared for what is around them: where one is, a function, a class or an error lies between.
_EXPRESSIONS = frozenset({
    "arguments", "array", "assignment_expression", "augmented_assignment_expression", "await_expression",
    "binary_expression", "call_expression", "comment", "empty_statement", "identifier", "member_expression",
    "new_expression", "number", "object", "parenthesized_expression", "regex", "return_statement",
    "sequence_expression", "string", "subscript_expression", "template_string", "ternary_expression",
    "throw_statement", "unary_expression", "update_expression", "yield_expression",
})  # fmt: skip
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
    """What its names are is found out when somebody asks."""

    node: Node
    parent: Scope | None
    scopes: Scopes
    start: int
    end: int
    is_read: bool = False
    declared: dict[str, Binding] = field(default_factory=dict)

    @property
    def names(self) -> dict[str, Binding]:
        if not self.is_read:
            self.scopes.read(self)
        return self.declared

    def hoisting(self) -> Scope:
        """The function or program around: where `var` goes."""
        scope = self
        while scope.parent is not None and scope.node.type not in _HOISTING:
            scope = scope.parent
        return scope

    def declare(self, name: Node, index: int = -1) -> Binding:
        binding = self.declared.get(text(name))
        if binding is None:
            binding = self.declared[text(name)] = Binding(text(name), name, self, self.scopes, index)
        return binding

    def find(self, name: str) -> Binding | None:
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.parent
        return None


class Scopes:
    """The scopes of one file. Each is made when something in it is asked about, and so is what a function declares.

    In a large bundle that is a few functions and those around them; their expressions are never gone through.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.program = Scope(source.root, None, self, source.root.start_byte, source.root.end_byte)
        self._made: dict[int, Scope] = {}
        self._at: dict[int, Scope] = {}
        self._last = self.program
        self._cursor = source.tree.walk()
        self._has_error = source.root.has_error

    def at(self, offset: int) -> Scope:
        """The innermost scope around a byte offset."""
        if offset not in self._at:
            self._last = self._at[offset] = self._found(offset)
        return self._at[offset]

    def _found(self, offset: int) -> Scope:
        scope = self._last  # mostly what is asked next is close by
        while scope.parent is not None and not scope.start <= offset < scope.end:
            scope = scope.parent
        self._cursor.reset(scope.node)
        while self._cursor.goto_first_child_for_byte(offset) is not None:
            node = self._cursor.node
            if node is None or not node.start_byte <= offset < node.end_byte:
                break
            if node.type in _SCOPES:
                scope = self._scope(node, scope)
        return scope

    def _scope(self, node: Node, parent: Scope) -> Scope:
        if node.id not in self._made:
            self._made[node.id] = Scope(node, parent, self, node.start_byte, node.end_byte)
        return self._made[node.id]

    def read(self, scope: Scope) -> None:
        """Finds what a scope declares, and with it the function around it and all of its blocks."""
        around = scope.hoisting()
        for each in (around, scope):
            if not each.is_read:
                self._read(each)

    def _read(self, scope: Scope) -> None:
        """What a scope declares, and the blocks in it, but for what lies in functions and classes."""
        scope.is_read = True
        self._open(scope.node, scope)
        if scope.node.type in _CLASSES:
            return
        body = scope.node.child_by_field_name("body") if scope.node.type in FUNCTIONS else None
        within = [body] if body is not None and not self._has_error else scope.node.named_children
        stack = [(node, scope) for node in reversed(within)]
        while stack:
            node, inner = stack.pop()
            self._declare(node, inner)
            if node.type in _BLOCKS:
                inner = self._scope(node, inner)
                inner.is_read = True
                self._open(node, inner)
            elif self._ends(node):
                continue
            stack.extend((child, inner) for child in reversed(node.named_children))

    def _ends(self, node: Node) -> bool:
        """Whether nothing in a node is declared for the scope it stands in."""
        if node.type in _HOISTING or node.type in _CLASSES:
            return True
        if self._has_error and node.has_error:
            return False
        return node.type in _EXPRESSIONS or node.type in _DECLARING

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
                if node is None or node.type in _WRITES or node.type == "for_in_statement":
                    break
                target, node = node, node.parent
            if node is None or not _writes(node, target):
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
            for name, _ in names_in(left) if kind is not None else ():
                target = scope.hoisting() if kind is not None and kind.type == "var" else scope
                target.declare(name).declared.append(Write(None, node))

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


def _writes(node: Node, target: Node) -> bool:
    """Whether a node assigns to one of its children, or to each of the names in it."""
    if node.type == "for_in_statement":  # with `var` and the like it is a declaration
        return is_field(node, "left", target) and node.child_by_field_name("kind") is None
    return node.type in _WRITES and (is_field(node, "left", target) or is_field(node, "argument", target))


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
