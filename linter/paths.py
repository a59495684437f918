"""A rule's items along the control-flow graph: where they are met, and the ways out that forgot."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tree_sitter import Node

from .allowance import Allowance
from .cfg import Graph, Step
from .datatype import dataclass, field
from .matcher import Env, Matcher
from .notation.semantic_patch import Code, Dots, Plus, SemanticPatch
from .pattern import Pattern, node_kinds
from .source import FUNCTIONS, BudgetExceededError, walk

_COMPOUND = frozenset({
    "if_statement", "for_statement", "for_in_statement", "while_statement", "do_statement", "switch_statement",
    "try_statement", "statement_block", "labeled_statement", "with_statement",
})  # fmt: skip


# Of an expression that branches, what is left to do when its parts are done: nothing.
_JOINING = frozenset({"expression_statement", "binary_expression", "ternary_expression", "parenthesized_expression"})


@dataclass(frozen=True, slots=True)
class Meeting:
    """Where a path meets a line of code of the rule."""

    code: Code
    node: Node
    step: Step


@dataclass(frozen=True, slots=True)
class Route:
    """One way the rule comes true in a function.

    `leaks` are the last steps before the ways out that are reached without what `when !=` asks for: only when the
    rule ends in `...`. `path` is one such path, from the last meeting to a way out.
    """

    env: Env
    meetings: tuple[Meeting, ...]
    leaks: tuple[Step, ...] = ()
    path: tuple[Step, ...] = ()
    place: Node | None = None  # what a rule without a line of code is about

    @property
    def reported(self) -> Node:
        """The `*` line, else the `-` line, else the first line that was met; without any, the place."""
        if not self.meetings:
            assert self.place is not None
            return self.place
        marked = [m for mark in "*-" for m in self.meetings if m.code.mark == mark]
        return (marked or self.meetings)[0].node


@dataclass(slots=True)
class Trouble:
    """How far a rule got where it does not come true: for `why`.

    `index` is the first item that failed, `met` what was met before it, `tried` the steps that were looked at in vain,
    `evidence` what `when !=` forbids and was found.
    """

    index: int = -1
    met: tuple[Meeting, ...] = ()
    tried: tuple[Step, ...] = ()
    evidence: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class _At:
    """A place on a path: a step, from this byte offset on. `begun`: part of the step has been executed."""

    step: Step
    after: int = 0
    begun: bool = False


@dataclass(slots=True)
class Paths:
    """The paths of one graph, walked for one patch."""

    patch: SemanticPatch
    graph: Graph
    matcher: Matcher
    trouble: Trouble = field(default_factory=Trouble)
    allowance: Allowance = field(default_factory=lambda: Allowance(float("inf")))  # once spent: BudgetExceededError
    _dead: set[tuple[object, ...]] = field(default_factory=set)

    def routes(self, env: Env) -> Iterator[Route]:
        """Every distinct reported place, each with the first route that leads to it."""
        reported: set[int] = set()
        start = [_At(self.graph.entry)]
        anywhere = self.patch.header is None and isinstance(self.patch.items[0], Code | Plus)
        for route in self._from_anywhere(env) if anywhere else self._go(0, start, env, ()):
            if route.reported.id not in reported:
                reported.add(route.reported.id)
                yield route

    def steps_with(self, pattern: Pattern, env: Env) -> list[Step]:
        """The steps that evaluate an instance of the pattern under these bindings."""
        return [step for step in self.graph.steps() if any(True for _ in self._occurrences(pattern, step, env))]

    def blocked(self, dots: Dots, step: Step, env: Env) -> bool:
        return self._evidence(dots, _At(step), env) is not None

    # -- following the items ----------------------------------------------------------------

    def _from_anywhere(self, env: Env) -> Iterator[Route]:
        """A rule without a function around it begins wherever its first line of code is met."""
        first = next(i for i, item in enumerate(self.patch.items) if isinstance(item, Code))
        yield from self._meet(first, ((_At(step), ()) for step in self.graph.steps()), env, ())

    def _go(self, index: int, front: Sequence[_At], env: Env, met: tuple[Meeting, ...]) -> Iterator[Route]:
        items = self.patch.items
        while index < len(items) and isinstance(items[index], Plus):
            index += 1
        key = (index, *((id(at.step), at.after) for at in front), *sorted((k, n.id) for k, n in env.items()))
        if key in self._dead:
            return
        found = False
        for route in self._continue(index, front, env, met):
            found = True
            yield route
        if not found:
            self._dead.add(key)

    def _continue(self, index: int, front: Sequence[_At], env: Env, met: tuple[Meeting, ...]) -> Iterator[Route]:
        items = self.patch.items
        if index == len(items):
            if self.patch.header is None or not met or any(at.step is self.graph.exit for at in self._adjacent(front)):
                yield Route(env, met)
            return
        item = items[index]
        if isinstance(item, Code):
            yield from self._meet(index, ((at, ()) for at in self._adjacent(front)), env, met)
            return
        assert isinstance(item, Dots)
        following = next((i for i in range(index + 1, len(items)) if isinstance(items[i], Code)), None)
        if following is not None:
            yield from self._meet(following, self._free(front, item, env), env, met)
            return
        leaks, path = self._ways_out(front, item, env)
        if leaks:
            yield Route(env, met, leaks, path, self._place(env))
        else:
            self._failed(index, met, [at for at, _ in self._free(front, item, env)], item, env)

    def _place(self, env: Env) -> Node:
        """What a rule that is only a function is about: its first metavariable of some kind, else the function."""
        return next((env[name] for name in self.patch.kinds if name in env), self.graph.scope)

    def _meet(
        self, index: int, places: Iterator[tuple[_At, tuple[Step, ...]]], env: Env, met: tuple[Meeting, ...]
    ) -> Iterator[Route]:
        code = self.patch.items[index]
        assert isinstance(code, Code)
        tried: list[_At] = []
        for at, _ in places:
            tried.append(at)
            for node, bound in self._occurrences(code.pattern, at.step, env, at.after):
                after = [_At(at.step, node.end_byte, begun=True)]
                yield from self._go(index + 1, after, bound, (*met, Meeting(code, node, at.step)))
        before = self.patch.items[index - 1] if index else None
        self._failed(index, met, tried, before if isinstance(before, Dots) else None, env)

    def _adjacent(self, front: Sequence[_At]) -> Iterator[_At]:
        """What comes next without anything in between: the rest of a step, or the step that follows."""
        for at in front:
            if not at.begun:
                yield from (_At(step) for step in self._past_joins(at.step))
                continue
            yield at
            for step in at.step.next:
                yield from (_At(real) for real in self._past_joins(step))

    def _past_joins(self, step: Step) -> Iterator[Step]:
        """The step, and what follows when it does nothing: it joins paths, or ends what was done in parts."""
        seen: set[int] = set()
        stack = [step]
        while stack:
            current = stack.pop()
            if id(current) in seen:
                continue
            seen.add(id(current))
            if current.node is not None or not current.next:
                yield current
            if current.node is None or self._is_spent(current):
                stack.extend(current.next)

    def _is_spent(self, step: Step) -> bool:
        parts = self.graph.evaluated(step) if step.done else iter(())
        return bool(step.done) and all(not node.is_named or node.type in _JOINING for node in parts)

    def _free(self, front: Sequence[_At], dots: Dots, env: Env) -> Iterator[tuple[_At, tuple[Step, ...]]]:
        """The places that paths lead to on which nothing forbidden occurs, nearest first, each with its path."""
        stack: list[tuple[_At, tuple[Step, ...]]] = [(at, ()) for at in front]
        seen = {id(at.step) for at in front if not at.begun}
        queue_at = 0
        while queue_at < len(stack):
            at, path = stack[queue_at]
            queue_at += 1
            forbidden = self._evidence(dots, at, env)
            yield at, path
            if forbidden is not None:
                continue
            follow = [*at.step.next, *([at.step.throws] if at.step.throws is not None and not at.begun else [])]
            for step in follow:
                if id(step) not in seen:
                    seen.add(id(step))
                    stack.append((_At(step), (*path, at.step) if len(path) < 200 else path))

    def _ways_out(self, front: Sequence[_At], dots: Dots, env: Env) -> tuple[tuple[Step, ...], tuple[Step, ...]]:
        """The last steps before the ways out that free paths reach, and one such path."""
        outs = {id(self.graph.exit), *([id(self.graph.thrown)] if dots.strict else [])}
        leaks: list[Step] = []
        shortest: tuple[Step, ...] = ()
        for at, path in self._free(front, dots, env):
            if self._evidence(dots, at, env) is not None:
                continue
            if any(id(step) in outs for step in at.step.next) and at.step not in leaks:
                leaks.append(at.step)
                shortest = shortest or (*path, at.step)
            elif id(at.step) in outs and not at.begun and not path:  # a function without a step
                leaks.append(at.step)
        return tuple(leaks), shortest

    # -- what a step does ---------------------------------------------------------------------

    def _occurrences(self, pattern: Pattern, step: Step, env: Env, after: int = 0) -> Iterator[tuple[Node, Env]]:
        """Where, in what this step evaluates, the pattern occurs; not in the closures it makes."""
        if self.allowance.is_spent:
            raise BudgetExceededError
        kinds = node_kinds(pattern)
        for node in self._nodes(step):
            if node.start_byte >= after and node.is_named and (not kinds or node.type in kinds):
                for found in self.matcher.matches(pattern, node, env):
                    yield node, found

    def _nodes(self, step: Step) -> Iterator[Node]:
        if step.statement is not None and step.statement.type in _COMPOUND:
            yield step.statement
        if step.node is not None:
            yield from self.graph.evaluated(step)

    def _evidence(self, dots: Dots, at: _At, env: Env) -> Node | None:
        """What on this step, or in the closures it makes or names, the dots forbid."""
        if not dots.without or at.step.node is None:
            return None
        for node in self._made(at):
            if node.is_named:
                for pattern in dots.without:
                    kinds = node_kinds(pattern)
                    if (not kinds or node.type in kinds) and any(
                        True for _ in self.matcher.matches(pattern, node, env)
                    ):
                        return node
        return None

    def _made(self, at: _At) -> Iterator[Node]:
        """What is evaluated from a place on, and what is in the closures that are made there or named there."""
        scope, walked = self.graph.scope, set[int]()
        for node in self.graph.evaluated(at.step, into_functions=True):
            if node.start_byte < at.after:
                continue
            yield node
            if node.type == "identifier":
                named = self.matcher.values.constant(node)
                inside = scope.start_byte < named.start_byte and named.end_byte <= scope.end_byte
                if named.type in FUNCTIONS and inside and named.id not in walked:
                    walked.add(named.id)
                    yield from walk(named)

    def _failed(self, index: int, met: tuple[Meeting, ...], tried: Sequence[_At], dots: Dots | None, env: Env) -> None:
        """Remember the first item that failed where the rule got furthest."""
        if (len(met), index) > (len(self.trouble.met), self.trouble.index):
            found = [self._evidence(dots, at, env) for at in tried] if dots is not None else []
            evidence = tuple(node for node in found if node is not None)
            self.trouble = Trouble(index, met, tuple(at.step for at in tried), evidence)


def reaches(start: Sequence[Step], goal: Step, avoiding: Sequence[Step]) -> bool:
    """Whether a path leads from one of the steps to the goal without passing any of those to avoid."""
    seen = {id(step) for step in avoiding}
    stack = list(start)
    while stack:
        step = stack.pop()
        if step is goal:
            return True
        if id(step) not in seen:
            seen.add(id(step))
            stack.extend(step.next)
            stack.extend([step.throws] if step.throws is not None else [])
    return False
