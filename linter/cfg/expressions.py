"""The steps of an expression: one if it does not branch, else one for each part that may be left out."""

from __future__ import annotations

import re

from tree_sitter import Node

from ..datatype import dataclass
from ..source import text
from .evaluation import ASSIGNING, PATTERNS, Marks, default, head, is_optional, logical, operands
from .step import Budget, Build, Step, Ways, reach

_WRAPPERS = frozenset({"parenthesized_expression"})


@dataclass(frozen=True, slots=True)
class Then:
    """Where control goes after an expression, by what its value turns out to be."""

    truthy: Step
    falsy: Step  # but for null and undefined
    nullish: Step

    @classmethod
    def always(cls, after: Step) -> Then:
        return cls(after, after, after)

    @property
    def targets(self) -> list[Step]:
        return list(dict.fromkeys((self.truthy, self.falsy, self.nullish)))


class Expressions:
    """Builds backwards: every part is given the steps that run after it, and answers with its entry."""

    def __init__(self, marks: Marks, budget: Budget) -> None:
        self._marks, self._budget = marks, budget
        self._chains: dict[int, bool] = {}

    def condition(self, node: Node, true: Step, false: Step, ways: Ways) -> Build:
        return self._operand(node, Then(true, false, false), ways, [])

    def whole(self, node: Node, after: Step, ways: Ways) -> Build:
        """A statement or expression that ends in a step for itself."""
        return self._value(node, Then.always(after), ways)

    def binding(self, node: Node, after: Step, ways: Ways) -> Build:
        """A parameter: no step unless it has a default or reads something."""
        if self._marks.acts(node):
            return (yield self.whole(node, after, ways))
        return after

    def _operand(self, node: Node, then: Then, ways: Ways, done: list[Node]) -> Build:
        """An expression of which only the value's way matters; its steps' nodes are added to `done`."""
        node = unwrapped(node)
        while node.type == "unary_expression" and self._marks.branches(node) and (inside := _negated(node)) is not None:
            node, then = unwrapped(inside), Then(then.falsy, then.truthy, then.truthy)
        if self._marks.branches(node) and _is_fork(node):
            return (yield self._fork(node, then, ways, done))
        if self._marks.branches(node) and node.type == "sequence_expression":
            *first, last = operands(node)
            entry = yield self._operand(last, then, ways, done)
            return (yield self._in_order(first, entry, ways, done))
        done.append(node)
        return (yield self._value(node, then, ways))

    def _value(self, node: Node, then: Then, ways: Ways, short: Step | None = None) -> Build:
        """An expression with a step of its own at its end. `short`: where the chain it is a link of stops short."""
        if not self._marks.branches(node):
            return (yield self._sealed(self._budget.step(node, _known(node, then)), [], ways))
        if self._is_chain(node):
            return (yield self._chain(node, then, ways, short or then.nullish))
        if logical(node) and node.type == "augmented_assignment_expression":
            return (yield self._logical_assignment(node, then, ways))
        done: list[Node] = []
        end = self._budget.step(node, then.targets)
        entry = yield self._before(node, end, ways, done)
        yield self._sealed(end, done, ways)
        return entry

    def _sealed(self, step: Step, done: list[Node], ways: Ways) -> Build:
        step.done = tuple(sorted(done, key=lambda node: node.start_byte))
        if ways.caught and step.node is not None and self._marks.may_throw(step.node, done):
            step.throws = yield reach(ways.throws)
        return step

    def _before(self, node: Node, after: Step, ways: Ways, done: list[Node]) -> Build:
        """What runs before a node that branches somewhere inside: all up to its last branch, in order."""
        earlier: list[Node] = []
        while not self._is_step(node) and default(node) is None:
            parts = operands(node)
            last = max((i for i, part in enumerate(parts) if self._marks.branches(part)), default=-1)
            if last < 0:
                break
            # The value that a pattern takes apart is a step even if it does nothing: the defaults depend on it.
            taken = node.type in ASSIGNING and parts[last].type in PATTERNS
            earlier += (part for part in parts[:last] if taken or self._marks.acts(part))
            node = parts[last]
        if _is_fork(node):
            entry = yield self._fork(node, Then.always(after), ways, done)
        elif self._is_step(node):
            entry = yield self._operand(node, Then.always(after), ways, done)
        else:
            entry = yield self._default(node, after, ways, done)
        return (yield self._in_order(earlier, entry, ways, done))

    def _in_order(self, parts: list[Node], entry: Step, ways: Ways, done: list[Node]) -> Build:
        for part in reversed(parts):
            entry = yield self._operand(part, Then.always(entry), ways, done)
        return entry

    def _is_step(self, node: Node) -> bool:
        """Whether a node that branches inside may be skipped itself, or skips."""
        return _is_fork(node) or bool(logical(node)) or self._is_chain(node)

    def _fork(self, node: Node, then: Then, ways: Ways, done: list[Node]) -> Build:
        """`a && b`, `a || b`, `a ?? b` and `a ? b : c`."""
        if node.type == "ternary_expression":
            yes = yield self._operand(_field(node, "consequence"), then, ways, done)
            no = yield self._operand(_field(node, "alternative"), then, ways, done)
            return (yield self._operand(_field(node, "condition"), Then(yes, no, no), ways, done))
        right = yield self._operand(_field(node, "right"), then, ways, done)
        return (yield self._operand(_field(node, "left"), _decided(logical(node), then, right), ways, done))

    def _logical_assignment(self, node: Node, then: Then, ways: Ways) -> Build:
        """`a ||= b`: a read of `a`, and a step that does the rest."""
        left, right = _field(node, "left"), _field(node, "right")
        done = [left]
        end = entry = self._budget.step(node, then.targets)
        if self._marks.branches(right):
            entry = yield self._before(right, end, ways, done)
        yield self._sealed(end, done, ways)
        return (yield self._value(left, _decided(logical(node)[:-1], then, entry), ways))

    def _chain(self, node: Node, then: Then, ways: Ways, short: Step) -> Build:
        """`a?.b(c)`: a step for the links up to each `?.`; if they come to nothing, the rest is skipped."""
        done: list[Node] = []
        end = entry = self._budget.step(node, then.targets)
        link: Node | None = node
        while link is not None and (inside := head(link)) is not None:
            rest = [part for part in operands(link) if part.start_byte >= inside.end_byte]
            for part in (part for part in rest if self._marks.branches(part)):
                entry = yield self._before(part, entry, ways, done)
            if is_optional(link) or entry is not end:
                done.append(inside)
                after = Then(entry, entry, short if is_optional(link) else entry)
                entry = yield self._value(inside, after, ways, short)
                break
            link = inside
        yield self._sealed(end, done, ways)
        return entry

    def _is_chain(self, node: Node) -> bool:
        """Whether a node is the end of members and calls with a `?.` among them; remembered for every link."""
        links: list[int] = []
        link: Node | None = node
        answer = False
        while link is not None and not answer:
            if link.id in self._chains:
                answer = self._chains[link.id]
                break
            links.append(link.id)
            answer, link = is_optional(link), head(link)
        self._chains.update(dict.fromkeys(links, answer))
        return answer

    def _default(self, node: Node, after: Step, ways: Ways, done: list[Node]) -> Build:
        """`target = value` in a pattern: the value is evaluated, or it is not."""
        parts = default(node)
        if parts is None:
            return after
        target, value = parts
        if self._marks.branches(target):
            after = yield self._before(target, after, ways, done)
        entry = yield self._operand(value, Then.always(after), ways, done)
        return self._budget.step(None, [entry, after])


def _field(node: Node, name: str) -> Node:
    """A field that the grammar promises."""
    return node.child_by_field_name(name) or node


def _is_fork(node: Node) -> bool:
    return node.type == "ternary_expression" or (node.type == "binary_expression" and bool(logical(node)))


def _decided(operator: str, then: Then, right: Step) -> Then:
    """Where the left operand of a short-circuit operator leads."""
    if operator == "&&":
        return Then(right, then.falsy, then.nullish)
    if operator == "||":
        return Then(then.truthy, right, right)
    return Then(then.truthy, then.falsy, right)


def unwrapped(node: Node) -> Node:
    while node.type in _WRAPPERS:
        inside = [child for child in node.named_children if child.type != "comment"]
        if len(inside) != 1:
            break
        node = inside[0]
    return node


def _negated(node: Node) -> Node | None:
    operator = node.child_by_field_name("operator")
    return node.child_by_field_name("argument") if operator is not None and operator.type == "!" else None


def _known(node: Node, then: Then) -> list[Step]:
    """The targets of a step, only one where the value is a constant such as `true`, `1` or `!0`."""
    inside, negated = node, False
    while inside.type == "unary_expression" and (argument := _negated(inside)) is not None:
        inside, negated = unwrapped(argument), not negated
    truth = _truth(inside)
    if truth is None or (truth is False and inside.type in {"null", "undefined"} and not negated):
        return then.targets if truth is None else [then.nullish]
    return [then.truthy if truth != negated else then.falsy]


def _truth(node: Node) -> bool | None:
    if node.type in {"true", "false", "null", "undefined"}:
        return node.type == "true"
    if node.type == "number" and re.fullmatch("[0-9]+", number := text(node)):
        return int(number) != 0
    return None
