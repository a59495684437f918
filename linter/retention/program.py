"""The files of one package as one program: which file a `require` means, and what that file exports."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator

from tree_sitter import Node

from ..about import About, Census
from ..datatype import dataclass, field
from ..isomorphisms import Shape, bare, property_name, shape
from ..source import Source, text
from ..values import Values
from ..values.scopes import Binding

_ENDINGS = ("", ".js", ".cjs", ".mjs", ".ts", ".jsx", ".tsx", "/index.js", "/index.cjs", "/index.mjs", "/index.ts")
_EXPORTS = frozenset({"exports", "module.exports"})
_DEFINITIONS = frozenset({
    "function_declaration", "generator_function_declaration", "class_declaration", "abstract_class_declaration",
})  # fmt: skip


@dataclass(frozen=True, eq=False, slots=True)
class Unit:
    """One file of the program."""

    source: Source
    values: Values

    def function(self, node: Node) -> Node | None:
        """The innermost function around a node; a function is not around itself."""
        return self.values.scopes.function(node.start_byte - 1 if node.start_byte else 0) if _is_function(
            node
        ) else self.values.scopes.function(node.start_byte)

    def mentions(self, binding: Binding) -> list[Node]:
        """The leaves in a variable's scope that are its name: it, or another of that name further in. In source order.

        Raises HiddenError.
        """
        word, within = binding.name.encode("utf8", "surrogateescape"), binding.scope.node
        self.source.show_name(word, within)  # where a function's parameter has that name, it is not this variable
        return self.source.shown_leaves(word, within)


@dataclass(frozen=True, slots=True)
class Code:
    """A node of the program: equal when it is the same place of the same file."""

    unit: Unit
    node: Node

    def key(self) -> tuple[int, int, int]:
        return id(self.unit), self.node.start_byte, self.node.end_byte

    def __hash__(self) -> int:
        return hash(self.key())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Code) and self.key() == other.key()


@dataclass(frozen=True, slots=True)
class Target:
    """A function that a call may run; its parameters before `shift` were bound earlier."""

    function: Code
    shift: int = 0


def _is_function(node: Node) -> bool:
    return "function" in node.type or node.type == "method_definition"


@dataclass(eq=False, slots=True)
class Program:
    """The files of a package, each read when something first leads there. `memory` is for what others find out."""

    package: Census
    memory: dict[str, object] = field(default_factory=dict)
    targets: dict[Code, tuple[Target, ...]] = field(default_factory=dict)  # of callees that were looked up
    named: dict[str, list[Code]] = field(default_factory=dict)  # functions by names that were looked up
    _units: dict[str, Unit] = field(default_factory=dict)
    _exports: dict[int, list[tuple[tuple[str, ...], Node]]] = field(default_factory=dict)

    @classmethod
    def of(cls, about: About) -> tuple[Program, Unit]:
        """The program that a file is part of, made once as long as the file stays as it is, and the file in it."""
        known = about.package.memory.get("program")
        if isinstance(known, cls):
            unit = known._units.get(about.source.path)
            if unit is None or unit.source is about.source:
                return known, known._unit(about.source, about.values)
        own = about.memory.get("program")
        if not isinstance(own, cls):
            own = cls(about.package)
            about.memory["program"] = own
            about.package.memory.setdefault("program", own)
        return own, own._unit(about.source, about.values)

    def units(self, *words: str, admits: Callable[[bytes], bool] | None = None) -> Iterator[Unit]:
        """The files in which all the words occur, and which `admits` lets pass by their bytes."""
        wanted = [word.encode("utf8", "surrogateescape") for word in words]
        here = [unit for unit in self._units.values() if all(word in unit.source.data for word in wanted)]
        yield from (unit for unit in here if admits is None or admits(unit.source.data))
        for source, values in self.package.sources(*wanted, admits=admits):
            if source.path not in self._units:
                yield self._unit(source, values)

    def required(self, unit: Unit, module: str, *, prefix: bool = False) -> list[Unit]:
        """The files that a relative `require(module)` in a file may mean: with prefix, any that begins like this."""
        if not module.startswith("."):
            return []
        path = posixpath.normpath(posixpath.join(posixpath.dirname(unit.source.path), module))
        if prefix:
            path += "/" if module.endswith("/") else ""
            return [self._unit(*found) for found in self.package.below(path)]
        for name in (path + ending for ending in _ENDINGS):
            if name in self._units:
                return [self._units[name]]
            found = self.package.file(name)
            if found is not None:
                return [self._unit(*found)]
        return []

    def exported(self, unit: Unit, path: tuple[str, ...]) -> list[Code]:
        """The expressions that a file exports under a name, or as a whole when the path is empty."""
        if id(unit) not in self._exports:
            self._exports[id(unit)] = [*_exports(unit)]
        wanted = path[1:] if path[:1] == ("default",) else path
        return [Code(unit, node) for given, node in self._exports[id(unit)] if given == wanted]

    def names(self, unit: Unit) -> list[tuple[str, ...]]:
        """The names under which a file exports something."""
        self.exported(unit, ())
        return [path for path, _ in self._exports[id(unit)] if path]

    def _unit(self, source: Source, values: Values) -> Unit:
        return self._units.setdefault(source.path, Unit(source, values))


def _exports(unit: Unit) -> Iterator[tuple[tuple[str, ...], Node]]:
    """What a file exports: the path of names, and the expression."""
    if b"exports" in unit.source.data:
        for node in unit.source.around([b"exports"], {"assignment_expression"}, 3):
            left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
            if left is not None and right is not None and (path := _export_path(left)) is not None:
                yield path, right
                yield from _listed(path, right)
    if b"export" in unit.source.data:
        for statement in unit.source.root.named_children:
            if statement.type == "export_statement":
                yield from _declared(statement)


def _export_path(left: Node) -> tuple[str, ...] | None:
    """`()` for module.exports, `("name",)` for exports.name and module.exports.name; None for anything else."""
    if text(left) in _EXPORTS:
        return () if text(left) == "module.exports" else None
    seen = shape(left)
    if seen.kind != "member" or not isinstance(seen.parts[1], Shape) or isinstance(seen.parts[0], Shape):
        return None
    return (seen.parts[1].text,) if text(seen.parts[0]) in _EXPORTS else None


def _listed(path: tuple[str, ...], value: Node) -> Iterator[tuple[tuple[str, ...], Node]]:
    """The properties of an object literal that is exported as a whole."""
    value = bare(value)
    for child in value.named_children if value.type == "object" and not path else ():
        if child.type == "pair":
            key, inner = child.child_by_field_name("key"), child.child_by_field_name("value")
            if key is not None and inner is not None and (name := property_name(key)):
                yield (name,), inner
        elif child.type == "method_definition" and (key := child.child_by_field_name("name")) is not None:
            yield (property_name(key) or text(key),), child
        elif child.type == "shorthand_property_identifier":
            yield (text(child),), child


def _declared(statement: Node) -> Iterator[tuple[tuple[str, ...], Node]]:
    """What an `export` statement exports; the default export goes by the empty path."""
    default = any(child.type == "default" for child in statement.children)
    value = statement.child_by_field_name("value") or statement.child_by_field_name("declaration")
    if value is not None and default:
        yield (), value
    elif value is not None and value.type in _DEFINITIONS and (name := value.child_by_field_name("name")) is not None:
        yield (text(name),), value
    elif value is not None:
        for declarator in value.named_children:
            name, given = declarator.child_by_field_name("name"), declarator.child_by_field_name("value")
            if name is not None and given is not None:
                yield (text(name),), given
    for clause in (child for child in statement.named_children if child.type == "export_clause"):
        for item in clause.named_children:
            name = item.child_by_field_name("name")
            alias = item.child_by_field_name("alias") or name
            if name is not None and alias is not None and statement.child_by_field_name("source") is None:
                yield (text(alias),) if text(alias) != "default" else (), name
