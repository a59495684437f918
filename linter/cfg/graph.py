"""The graph of one scope: its steps, its ways out, and what each step evaluates."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from tree_sitter import Node

from ..source import FUNCTIONS, entered
from .evaluation import Marks, evaluated
from .expressions import Expressions, unwrapped
from .statements import Statements
from .step import Budget, Build, Step, Ways, reach, run

_BLOCKS = FUNCTIONS | {"program", "statement_block", "class_static_block", "ERROR"}


class Graph:
    """Control flow in a function, a `program` or a `class_static_block`; nested functions are opaque values in it.

    `exit` is the normal way out (a return, or falling off the end), `thrown` the way out of a `throw`, also one that
    passes a `finally`. That an ordinary step may throw is modelled only where something in the function catches it:
    a call, `new`, `await`, `yield` or `import()` inside a `try`. Raises BudgetExceededError above 100,000 steps.
    """

    def __init__(self, scope: Node) -> None:
        self.scope = scope
        self.exit, self.thrown = Step(None), Step(None)
        parameters, body, budget = _parameters(scope), _body(scope), Budget()
        marks = Marks([*parameters, *(scope.children if body == scope else [body])])
        expressions = Expressions(marks, budget)
        statements = Statements(expressions, budget)
        self._ends = {self.exit, self.thrown}
        ways = Ways(self.exit, self.thrown)
        self.entry = run(_scope(body, parameters, expressions, statements, ways))
        self.entry = _past(self.entry, self._ends)
        self._steps = [step for step in self._settled() if step.node is not None]

    def steps(self) -> list[Step]:
        """The steps that can be reached from the entry, in the order of the source where control flow has one."""
        return list(self._steps)

    def avoidable(self, places: Sequence[Node]) -> bool:
        """Whether some path leads from the entry to the normal way out without evaluating any of the places."""
        seen: set[int] = set()
        stack = [self.entry]
        while stack:
            step = stack.pop()
            if step is self.exit:
                return True
            if id(step) not in seen and not any(step.evaluates(place) for place in places):
                stack.extend(self._following(step))
            seen.add(id(step))
        return False

    def reaches(self, goal: Callable[[Step], bool], past: Callable[[Step], bool]) -> bool:
        """Whether a way on which nothing throws leads from the entry to a step of which `goal` holds.

        No way goes on from a step of which `past` holds.
        """
        seen: set[int] = set()
        stack = [self.entry]
        while stack:
            step = stack.pop()
            if id(step) in seen:
                continue
            seen.add(id(step))
            if goal(step):
                return True
            if not past(step):
                stack.extend(step.next)
        return False

    def evaluated(self, step: Step, into_functions: bool = False) -> Iterator[Node]:
        """Every node that a step evaluates, in source order, without those that earlier steps have evaluated.

        A nested function, static block or instance field is yielded, but what is in it only with into_functions=True.
        """
        return iter(()) if step.node is None else evaluated(step.node, step.done, into_functions=into_functions)

    def _settled(self) -> list[Step]:
        """All steps in reverse postorder, with the joins that the construction needed taken out."""
        order, seen = list[Step](), {self.entry}
        stack = [(self.entry, iter(self._following(self.entry)))]
        while stack:
            step, following = stack[-1]
            for after in following:
                if after not in seen:
                    seen.add(after)
                    stack.append((after, iter(self._following(after))))
                    break
            else:
                order.append(step)
                stack.pop()
        return order[::-1]

    def _following(self, step: Step) -> list[Step]:
        """Where control goes from a step, last in the source first."""
        step.next = list(dict.fromkeys(_past(after, self._ends) for after in step.next))
        if len(step.next) == 1 and _is_choice(step.next[0]):
            step.next = list(dict.fromkeys(_past(after, self._ends) for after in step.next[0].next))
        if step.throws is not None:
            step.throws = _past(step.throws, self._ends)
        return [*([step.throws] if step.throws else []), *reversed(step.next)]


def _scope(body: Node, parameters: list[Node], expressions: Expressions, statements: Statements, ways: Ways) -> Build:
    end = yield reach(ways.returns)
    if body.type in _BLOCKS:
        entry = yield statements.sequence(body.named_children, end, ways)
    else:  # an arrow function without braces
        entry = yield expressions.whole(unwrapped(body), end, ways)
    for parameter in reversed(parameters):
        entry = yield expressions.binding(parameter, entry, ways)
    return entry


def _parameters(scope: Node) -> list[Node]:
    parameters = scope.child_by_field_name("parameters") if scope.type in FUNCTIONS else None
    return parameters.named_children if parameters is not None else []


def _body(scope: Node) -> Node:
    body = scope.child_by_field_name("body")
    if body is None and scope.type == "class_static_block":
        body = next((child for child in scope.named_children if child.type == "statement_block"), None)
    return entered(body) if body is not None else scope


def _is_choice(step: Step) -> bool:
    """Whether a step only chooses, so that the one before it can choose instead."""
    return step.node is None and len(step.next) > 1 and step.throws is None


def _past(step: Step, ends: set[Step]) -> Step:
    """The step itself, or the first one after it that is more than a join."""
    passed: dict[Step, None] = {}
    while step.node is None and len(step.next) == 1 and step not in ends and step not in passed:
        passed[step] = None
        step = step.next[0]
    for join in passed:
        join.next = [step]
    return step
