"""The steps of statements, built backwards: each is given the step that runs after it, `finally` one per way out."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeAlias

from tree_sitter import Node

from ..source import text
from .expressions import Expressions, unwrapped
from .step import Budget, Build, Later, Step, Way, Ways, reach

# Hoisted, or only for the compiler: nothing runs where they stand.
NOTHING = frozenset({
    "function_declaration", "generator_function_declaration", "comment", "empty_statement", "hash_bang_line",
    "interface_declaration", "type_alias_declaration", "ambient_declaration", "function_signature", "import_alias",
})  # fmt: skip

_Builder: TypeAlias = Callable[[Node, Step, Ways, list[str]], Build]


class Statements:
    def __init__(self, expressions: Expressions, budget: Budget) -> None:
        self._expressions, self._budget = expressions, budget
        self._builders: dict[str, _Builder] = {
            "statement_block": self._block, "else_clause": self._block, "finally_clause": self._block,
            "if_statement": self._if, "switch_statement": self._switch, "try_statement": self._try,
            "while_statement": self._while, "do_statement": self._do, "for_statement": self._for,
            "for_in_statement": self._for_in, "with_statement": self._with, "labeled_statement": self._labelled,
            "break_statement": self._break, "continue_statement": self._continue,
            "return_statement": self._return, "throw_statement": self._throw, "export_statement": self._export,
        }  # fmt: skip

    def sequence(self, nodes: list[Node], after: Step, ways: Ways) -> Build:
        for node in reversed(nodes):
            if node.type not in NOTHING:
                after = yield self._statement(node, after, ways)
        return after

    def _statement(self, node: Node, after: Step, ways: Ways) -> Build:
        entry = yield self._inside(node, after, ways, [])
        # A statement that begins with another one, as a block or `do` does, leaves the mark to that one.
        if entry is not after and entry.statement is None:
            entry.statement = node
        return entry

    def _inside(self, node: Node, after: Step, ways: Ways, labels: list[str]) -> Build:
        if node.type in NOTHING:
            return after
        builder = self._builders.get(node.type)
        return (yield builder(node, after, ways, labels) if builder else self._expressions.whole(node, after, ways))

    def _block(self, node: Node, after: Step, ways: Ways, _labels: list[str]) -> Build:
        return (yield self.sequence(node.named_children, after, ways))

    def _export(self, node: Node, after: Step, ways: Ways, _labels: list[str]) -> Build:
        declaration = node.child_by_field_name("declaration")
        return (yield self._expressions.whole(node, after, ways) if declaration is None else
                self._inside(declaration, after, ways, []))  # fmt: skip

    def _with(self, node: Node, after: Step, ways: Ways, _labels: list[str]) -> Build:
        body = yield self._body(node, after, ways)
        return (yield self._value(node, "object", body, ways))

    def _if(self, node: Node, after: Step, ways: Ways, _labels: list[str]) -> Build:
        other = node.child_by_field_name("alternative")
        no = (yield self._inside(other, after, ways, [])) if other is not None else after
        yes = yield self._body(node, after, ways, "consequence")
        return (yield self._condition(node, yes, no, ways))

    # -- loops and labels -----------------------------------------------------------------

    def _while(self, node: Node, after: Step, ways: Ways, labels: list[str]) -> Build:
        start = self._budget.step(None)
        test = yield self._condition(node, start, after, ways)
        start.next = [(yield self._body(node, test, self._loop(ways, after, test, labels)))]
        return test

    def _do(self, node: Node, after: Step, ways: Ways, labels: list[str]) -> Build:
        start = self._budget.step(None)
        test = yield self._condition(node, start, after, ways)
        entry = yield self._body(node, test, self._loop(ways, after, test, labels))
        start.next = [entry]
        return entry

    def _for(self, node: Node, after: Step, ways: Ways, labels: list[str]) -> Build:
        start = self._budget.step(None)
        test = yield self._condition(node, start, after, ways)
        again = yield self._value(node, "increment", test, ways)
        start.next = [(yield self._body(node, again, self._loop(ways, after, again, labels)))]
        return (yield self._value(node, "initializer", test, ways))

    def _for_in(self, node: Node, after: Step, ways: Ways, labels: list[str]) -> Build:
        again = self._budget.step(None)
        body = yield self._body(node, again, self._loop(ways, after, again, labels))
        bound = yield self._value(node, "left", body, ways)
        again.next = [bound, after]
        if ways.caught and any(child.type == "await" for child in node.children):
            bound.throws = yield reach(ways.throws)
        return (yield self._value(node, "right", again, ways))

    def _labelled(self, node: Node, after: Step, ways: Ways, _labels: list[str]) -> Build:
        labels: list[str] = []
        inside: Node | None = node
        while inside is not None and inside.type == "labeled_statement":
            labels += _label(inside)
            inside = inside.child_by_field_name("body")
        if inside is None:
            return after
        return (yield self._inside(inside, after, self._named(ways, labels, after), labels))

    def _loop(self, ways: Ways, after: Step, again: Step, labels: list[str]) -> Ways:
        return self._named(ways, labels, after, again).inside(breaks=after, continues=again)

    def _named(self, ways: Ways, labels: list[str], after: Step, again: Step | None = None) -> Ways:
        # Every level of labels has its own table: counted, so that a tower of them meets the budget.
        self._budget.spend(len(ways.labels) if labels else 0)
        return ways.labelled(labels, after, again) if labels else ways

    # -- ways out -------------------------------------------------------------------------

    def _return(self, node: Node, _after: Step, ways: Ways, _labels: list[str]) -> Build:
        return (yield self._leave(node, ways.returns, ways))

    def _throw(self, node: Node, _after: Step, ways: Ways, _labels: list[str]) -> Build:
        return (yield self._leave(node, ways.throws, ways))

    def _break(self, node: Node, _after: Step, ways: Ways, _labels: list[str]) -> Build:
        labels = _label(node)
        way = ways.labels.get(labels[0], (None, None))[0] if labels else ways.breaks
        return (yield self._leave(node, way or ways.returns, ways))

    def _continue(self, node: Node, _after: Step, ways: Ways, _labels: list[str]) -> Build:
        labels = _label(node)
        way = ways.labels.get(labels[0], (None, None))[1] if labels else ways.continues
        return (yield self._leave(node, way or ways.returns, ways))

    def _leave(self, node: Node, way: Way, ways: Ways) -> Build:
        target = yield reach(way)
        return (yield self._expressions.whole(node, target, ways))

    # -- switch and try -------------------------------------------------------------------

    def _switch(self, node: Node, after: Step, ways: Ways, _labels: list[str]) -> Build:
        body = node.child_by_field_name("body")
        cases = [case for case in body.named_children if case.type in {"switch_case", "switch_default"}] if body else []
        inner = ways.inside(breaks=after)
        following, bodies, unmatched = after, [], after
        for case in reversed(cases):
            following = yield self.sequence(case.children_by_field_name("body"), following, inner)
            bodies.append(following)
            unmatched = following if case.type == "switch_default" else unmatched
        for case, entry in zip(reversed(cases), bodies, strict=True):
            if case.type == "switch_case":
                unmatched = yield self._value(case, "value", self._budget.step(None, [entry, unmatched]), ways)
        return (yield self._value(node, "value", unmatched, ways))

    def _try(self, node: Node, after: Step, ways: Ways, _labels: list[str]) -> Build:
        handler, finalizer = node.child_by_field_name("handler"), node.child_by_field_name("finalizer")
        if finalizer is not None:
            copies = _Finally(self, finalizer, ways)
            after, ways = (yield copies.before(after)), copies.ways()
            self._budget.spend(len(ways.labels))
        inside = ways
        if handler is not None:
            inside = ways.caught_by(Later(partial(self._catch, handler, after, ways)))
        return (yield self._body(node, after, inside))

    def _catch(self, node: Node, after: Step, ways: Ways) -> Build:
        entry = yield self._body(node, after, ways)
        parameter = node.child_by_field_name("parameter")
        return (yield self._expressions.binding(parameter, entry, ways)) if parameter is not None else entry

    # -- parts of a statement -------------------------------------------------------------

    def _body(self, node: Node, after: Step, ways: Ways, name: str = "body") -> Build:
        body = node.child_by_field_name(name)
        return (yield self._statement(body, after, ways)) if body is not None else after

    def _condition(self, node: Node, true: Step, false: Step, ways: Ways) -> Build:
        condition = node.child_by_field_name("condition")
        if condition is None or condition.type == "empty_statement":
            return true
        return (yield self._expressions.condition(condition, true, false, ways))

    def _value(self, node: Node, name: str, after: Step, ways: Ways) -> Build:
        """The part of a statement's head that has this name: evaluated, but no statement of its own."""
        value = node.child_by_field_name(name)
        if value is None or value.type == "empty_statement":
            return after
        return (yield self._expressions.whole(unwrapped(value), after, ways))


class _Finally:
    """The copies of one `finally`: one for each step that control may be on its way to."""

    def __init__(self, statements: Statements, node: Node, outer: Ways) -> None:
        self._statements, self._node, self._outer = statements, node, outer
        self._copies: dict[Step, Step] = {}

    def before(self, target: Step) -> Build:
        if target not in self._copies:
            body = self._node.child_by_field_name("body") or self._node
            self._copies[target] = yield self._statements.sequence(body.named_children, target, self._outer)
        return self._copies[target]

    def ways(self) -> Ways:
        return self._outer.through(lambda way: Later(partial(self._before, way)))

    def _before(self, way: Way) -> Build:
        target = yield reach(way)
        return (yield self.before(target))


def _label(node: Node) -> list[str]:
    label = node.child_by_field_name("label")
    return [text(label)] if label is not None else []
