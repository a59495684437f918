"""Patterns against the nodes of a file: every way a node is an instance of a pattern."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from tree_sitter import Node

from .datatype import dataclass
from .isomorphisms import COMMUTATIVE, Shape, as_block, bare, property_name, shape, shorthand_pair, shorthand_pattern
from .naming import function_names
from .pattern import BODY, Pattern
from .source import text, walk
from .undeclared_names import GLOBALS
from .values import INTEROP, Values

Env = Mapping[str, Node]
Part = Node | Shape

ALIAS = "="  # before a name of the pattern: how the code spells what it denotes
SCOPE = "<scope>"  # what the function whose body is a path is bound to; no metavariable can be called so


@dataclass(frozen=True, slots=True)
class Matcher:
    """Patterns against one file. `admits(name, node, env)` says whether a metavariable may be bound to a node."""

    values: Values
    admits: Callable[[str, Node, Env], bool]

    def matches(self, pattern: Pattern, part: Part, env: Env) -> Iterator[Env]:
        """Every way the part is an instance of the pattern, as the bindings that make it one."""
        if pattern.kind == "$":
            yield from self._bind(pattern.text, part, env)
        elif pattern.kind == "<>":
            yield from self._within(pattern.parts[0], part, env)
        elif pattern.kind == "name":
            if self._denotes(part, pattern.text):
                node = part.node if isinstance(part, Shape) else bare(part)
                yield env if text(node) == pattern.text else {**env, f"{ALIAS}{pattern.text}": node}
        else:
            yield from self._same_shape(pattern, part, env)

    def _bind(self, name: str, part: Part, env: Env) -> Iterator[Env]:
        node = part.node if isinstance(part, Shape) else bare(part)
        if node.type == "assignment_pattern":  # a parameter with a default is the parameter
            node = node.child_by_field_name("left") or node
        if name == "$_":
            yield env
        elif name not in env:
            if self.admits(name, node, env):
                yield {**env, name: node}
        elif self._equal(env[name], node):
            yield env

    def _equal(self, a: Node, b: Node) -> bool:
        if "property_identifier" in {a.type, b.type}:
            return property_name(a) == property_name(b)
        return self.values.same(a, b)

    def _within(self, pattern: Pattern, part: Part, env: Env) -> Iterator[Env]:
        for node in walk(part.node if isinstance(part, Shape) else part):
            if node.is_named:
                yield from self.matches(pattern, node, env)

    def _denotes(self, part: Part, name: str) -> bool:
        """Whether the part is what the name means in a pattern: a global, a module of Node, or just that name."""
        if isinstance(part, Shape):
            return part.kind == "name" and part.text == name
        node = bare(part)
        if not self._may_denote(node, name):
            return False
        value = self.values.canonical(node)
        if value in {("global", name), ("module", name)} or (value[0] == "module" and value[-1] == name):
            return True
        return node.type != "member_expression" and text(node) == name and name not in GLOBALS

    def _may_denote(self, node: Node, name: str) -> bool:
        """A cheap first question: whether it is spelt in a way that could lead to the name."""
        if node.type == "member_expression":
            key = node.child_by_field_name("property")
            return key is not None and text(key) in {name, "default"}
        if node.type in {"identifier", "shorthand_property_identifier", "undefined"}:
            return text(node) == name or bool(self.values.source.hidden) or node.id in self.values.named(name)
        if node.type == "call_expression":
            callee = node.child_by_field_name("function")
            called = text(callee) if callee is not None else ""
            return called in {"require", "import"} or called.split(".")[-1] in INTEROP
        # A label or a private name is only itself.
        return node.type in {"subscript_expression", "sequence_expression"} or text(node) == name

    def _same_shape(self, pattern: Pattern, part: Part, env: Env) -> Iterator[Env]:
        seen = self._read(pattern, part)
        if seen.kind == pattern.kind == "function":
            yield from self._function(pattern, seen, env)
        elif seen.kind == "name" and pattern.kind == "member":
            yield from self._taken_apart(pattern, part, env)
        elif pattern.kind == "key":
            if seen.kind == "name" and seen.text == pattern.text:
                yield env
        elif seen.kind == pattern.kind and seen.text == pattern.text:
            yield from self._parts(pattern, seen, env)

    def _read(self, pattern: Pattern, part: Part) -> Shape:
        if isinstance(part, Shape):
            return part
        if pattern.kind == "block" and bare(part).type != "statement_block":
            return as_block(part)
        if pattern.kind == "pair" and part.type in {"shorthand_property_identifier", "method_definition"}:
            return shorthand_pair(part)
        if pattern.kind == "pair_pattern" and part.type == "shorthand_property_identifier_pattern":
            return shorthand_pattern(part)
        if pattern.kind == "statement" and part.type == "expression_statement":
            return shape(part)
        seen = shape(part)
        unwrap = seen.kind == "statement" and pattern.kind != "statement" and len(seen.parts) == 1
        return self._read(pattern, seen.parts[0]) if unwrap else seen

    def _parts(self, pattern: Pattern, seen: Shape, env: Env) -> Iterator[Env]:
        if seen.kind in {"assign", "unary", "update_expression"} and seen.parts and self._is_place(seen):
            yield from self._place(pattern, seen, env)
            return
        yield from self._siblings(pattern.parts, seen.parts, env)
        if seen.kind == "binary" and seen.text in COMMUTATIVE and len(seen.parts) == 2:
            yield from self._siblings(pattern.parts, seen.parts[::-1], env)

    def _is_place(self, seen: Shape) -> bool:
        return seen.kind != "unary" or seen.text == "delete"

    def _place(self, pattern: Pattern, seen: Shape, env: Env) -> Iterator[Env]:
        """The left side of a write is a place: `h = null` lets go of h, not of what h once was another name for."""
        target, written = pattern.parts[0], seen.parts[0]
        node = written.node if isinstance(written, Shape) else bare(written)
        # What is written tells more than where it goes, so it is asked first.
        for found in self._siblings(pattern.parts[1:], seen.parts[1:], env):
            if target.kind == "$" and target.text in found:
                if self.values.same_place(found[target.text], node):
                    yield found
            else:
                yield from self._siblings(pattern.parts[:1], seen.parts[:1], found)

    def _function(self, pattern: Pattern, seen: Shape, env: Env) -> Iterator[Env]:
        """`function $FN(…) {…}` is any way to write a function; $FN is the function, a plain name is its name."""
        name, *inside = pattern.parts
        if name.kind != "$" and name.text not in function_names(seen.node):
            return
        if pattern.text and pattern.text != seen.text:
            return
        bound = self._bind(name.text, seen.node, env) if name.kind == "$" else iter((env,))
        for inner in bound:
            if inside and inside[-1].parts and inside[-1].parts[0].text == BODY:
                for found in self._siblings(tuple(inside[:1]), seen.parts[:1], inner):
                    yield {**found, SCOPE: seen.node}
            else:
                # An arrow function without braces in the rule is one without braces in the code.
                blocks = bool(inside) and inside[-1].kind == "block"
                parts = enumerate(seen.parts)
                body = tuple(as_block(p) if isinstance(p, Node) and i and blocks else p for i, p in parts)
                yield from self._siblings(tuple(inside), body, inner)

    def _taken_apart(self, pattern: Pattern, part: Part, env: Env) -> Iterator[Env]:
        """`$X.p` is also a name that was taken out of $X: `const {p} = x`, `import {p} from 'x'`."""
        if isinstance(part, Shape) or bare(part).type not in {"identifier", "shorthand_property_identifier"}:
            return
        write = self.values.only_write(bare(part))
        if write is None or write.value is None or _is_written(bare(part), write.at):
            return
        if write.path == (pattern.parts[1].text,):
            yield from self.matches(pattern.parts[0], write.value, env)
        elif not write.path and bare(write.value).type == "member_expression":  # var make = tls.createServer
            yield from self.matches(pattern, write.value, env)

    def _siblings(self, patterns: tuple[Pattern, ...], parts: tuple[Part, ...], env: Env) -> Iterator[Env]:
        if not patterns:
            if not parts:
                yield env
            return
        first, rest = patterns[0], patterns[1:]
        if first.kind == "...":
            most = len(parts) - sum(1 for p in rest if p.kind != "...")
            for taken in range(most, -1, -1) if not rest else range(most + 1):
                yield from self._siblings(rest, parts[taken:], env)
                if not rest:
                    return
        elif parts:
            for found in self.matches(first, parts[0], env):
                yield from self._siblings(rest, parts[1:], found)


def _is_written(name: Node, write: Node) -> bool:
    """Whether a name stands where the write puts its value: that is no use of it."""
    value = write.child_by_field_name("value") or write.child_by_field_name("right")
    inside = write.start_byte <= name.start_byte and name.end_byte <= write.end_byte
    return inside and (value is None or name.end_byte <= value.start_byte)
